/** Loads precompiled modules into Chicory. Contains no compiler. */
module dev.precast.engine.chicory.load {
    requires transitive com.dylibso.chicory.runtime;
    requires transitive com.dylibso.chicory.wasm;
    requires transitive dev.precast.core;
    requires static org.jspecify;

    exports dev.precast.engine.chicory.load;
}
