/** The library that hosts embed to load artifacts. */
module dev.precast.host {
    requires transitive dev.precast.core;
    requires static transitive org.jspecify;
    requires com.github.benmanes.caffeine;
    requires com.github.luben.zstd_jni;
    requires java.net.http;

    exports dev.precast.host;
    exports dev.precast.host.folder;
    exports dev.precast.host.service;
}
