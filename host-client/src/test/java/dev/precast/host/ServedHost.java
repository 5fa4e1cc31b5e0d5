package dev.precast.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The fixture of tests with a host and a service that has a trust policy. */
abstract class ServedHost {
    static final WasmBytes NEVER_ASKED = () -> {
        throw new AssertionError("the wasm bytes were asked for");
    };

    @TempDir
    Path folder;

    final Deployment deployment = new Deployment();
    final PrecastCounters counters = new PrecastCounters();
    final BundleLoader loader = new BundleLoader();
    InstantSource clock = InstantSource.system();
    WireServer server;

    @BeforeEach
    void start() throws IOException {
        server = new WireServer();
        server.policy = deployment.policy(1).toJson();
        server.prove(deployment, () -> clock.instant());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** A host with a disk cache and the default miss policy. */
    PrecastBuilder<BundleLoader.Loaded> builder() {
        return Precast.builder(loader)
                .service(server.uri())
                .trustRoot(deployment.rootText())
                .diskCache(folder.resolve("cache"), 1 << 20)
                .clock(() -> clock.instant())
                .listener(counters);
    }
}
