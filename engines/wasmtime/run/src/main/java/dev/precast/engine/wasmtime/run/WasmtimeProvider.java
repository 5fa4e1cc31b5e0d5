package dev.precast.engine.wasmtime.run;

import dev.precast.artifact.EngineId;
import dev.precast.engine.wasmtime.capi.IncompatibleException;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import dev.precast.load.EngineLoader;
import dev.precast.load.EngineOptions;
import dev.precast.load.EngineProvider;
import dev.precast.load.ProgramException;
import dev.precast.load.WasiProgram;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs programs with Wasmtime and the WASI of its C API. */
public final class WasmtimeProvider implements EngineProvider<WasmtimeCode> {
    private static final String LIBRARY = System.mapLibraryName("wasmtime");

    @Override
    public String name() {
        return "wasmtime";
    }

    @Override
    public Optional<EngineId> engine() {
        return Optional.empty();
    }

    @Override
    public EngineLoader<WasmtimeCode> open(EngineOptions options) throws IOException {
        Path library = options.library().isPresent() ? options.library().get() : built(options);
        return WasmtimeLoader.of(
                library,
                options.profiles().isEmpty()
                        ? WasmtimeLoader.PROFILES
                        : options.profiles().stream().map(Profile::named).toList());
    }

    /** The library that the build fetched: of the requested version, or the newest if no version is requested. */
    private static Path built(EngineOptions options) throws IOException {
        if (Files.isDirectory(options.libraries())) {
            try (Stream<Path> versions = Files.list(options.libraries())) {
                Optional<Path> newest = versions.filter(version -> Files.exists(version.resolve(LIBRARY)))
                        .filter(version -> options.version().isEmpty()
                                || version.endsWith(options.version().get()))
                        .max(Comparator.comparing(version -> Version.parse(String.valueOf(version.getFileName()))));
                if (newest.isPresent()) {
                    return newest.get().resolve(LIBRARY);
                }
            }
        }
        throw new NoSuchFileException(options.libraries()
                .resolve(options.version().orElse("<version>"))
                .resolve(LIBRARY)
                .toString());
    }

    @Override
    public int run(WasmtimeCode code, WasiProgram program) throws ProgramException {
        try {
            return code.run(new WasiSettings(
                    program.arguments(),
                    program.variables(),
                    program.folders(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));
        } catch (IncompatibleException e) {
            throw new ProgramException(ProgramException.Reason.INCOMPATIBLE, e);
        } catch (WasmtimeException e) {
            throw new ProgramException(ProgramException.Reason.TRAP, e);
        }
    }
}
