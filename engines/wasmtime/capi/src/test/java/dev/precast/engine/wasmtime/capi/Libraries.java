package dev.precast.engine.wasmtime.capi;

import java.nio.file.Path;
import java.util.stream.Stream;

/** The libraries that the build has fetched. */
final class Libraries {
    private Libraries() {}

    static Stream<WasmtimeLibrary> all() {
        return Stream.of("48.0.0", "50.0.1").map(Libraries::of);
    }

    static WasmtimeLibrary of(String version) {
        return WasmtimeLibrary.load(file(version));
    }

    static Path file(String version) {
        return Path.of("../../target/wasmtime", version, System.mapLibraryName("wasmtime"))
                .toAbsolutePath();
    }
}
