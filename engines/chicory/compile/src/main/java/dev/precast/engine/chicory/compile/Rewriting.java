package dev.precast.engine.chicory.compile;

/** What the compile side changes in the classes that the engine's compiler generates. */
final class Rewriting {
    private Rewriting() {}

    /**
     * The class file for the artifact.
     *
     * @throws AssertionError if the class does not have a known form
     */
    static byte[] apply(String internalName, byte[] classFile) {
        return IndirectCalls.mayBeIn(internalName) ? IndirectCalls.rewrite(classFile) : classFile;
    }
}
