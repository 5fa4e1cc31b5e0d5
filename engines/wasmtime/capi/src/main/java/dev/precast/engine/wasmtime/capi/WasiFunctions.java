package dev.precast.engine.wasmtime.capi;

import static dev.precast.engine.wasmtime.capi.Functions.nothing;
import static dev.precast.engine.wasmtime.capi.Functions.returning;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Creates a {@code wasi_config_t} from settings. */
final class WasiFunctions {
    private final WasmtimeLibrary library;

    WasiFunctions(WasmtimeLibrary library) {
        this.library = library;
    }

    /**
     * Creates a config, which the caller then owns.
     *
     * @throws WasmtimeException if Wasmtime cannot open a file or does not accept a setting
     */
    MemorySegment config(WasiSettings settings) throws WasmtimeException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment config = (MemorySegment)
                    library.function("wasi_config_new", returning(ADDRESS)).invokeExact();
            setArguments(arena, config, settings.arguments());
            setEnvironment(arena, config, settings.environment());
            for (Map.Entry<String, Path> folder : settings.folders().entrySet()) {
                require("folder " + folder.getValue(), (boolean) library.function(
                                "wasi_config_preopen_dir",
                                returning(JAVA_BOOLEAN, ADDRESS, ADDRESS, ADDRESS, JAVA_BOOLEAN))
                        .invokeExact(
                                config,
                                arena.allocateFrom(folder.getValue().toString()),
                                arena.allocateFrom(folder.getKey()),
                                true));
            }
            setStream(arena, config, "stdin", settings.stdin());
            setStream(arena, config, "stdout", settings.stdout());
            setStream(arena, config, "stderr", settings.stderr());
            return config;
        } catch (WasmtimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Functions.unexpected("wasi_config functions", e);
        }
    }

    private void setArguments(Arena arena, MemorySegment config, List<String> arguments) throws Throwable {
        require("arguments", (boolean)
                library.function("wasi_config_set_argv", returning(JAVA_BOOLEAN, ADDRESS, JAVA_LONG, ADDRESS))
                        .invokeExact(config, (long) arguments.size(), texts(arena, arguments)));
    }

    private void setEnvironment(Arena arena, MemorySegment config, Map<String, String> environment) throws Throwable {
        List<String> names = List.copyOf(environment.keySet());
        List<String> values = names.stream().map(environment::get).toList();
        require("environment", (boolean)
                library.function("wasi_config_set_env", returning(JAVA_BOOLEAN, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS))
                        .invokeExact(config, (long) names.size(), texts(arena, names), texts(arena, values)));
    }

    private void setStream(Arena arena, MemorySegment config, String name, Optional<Path> file) throws Throwable {
        if (file.isEmpty()) {
            library.function("wasi_config_inherit_" + name, nothing(ADDRESS)).invokeExact(config);
            return;
        }
        require(name + " " + file.get(), (boolean)
                library.function("wasi_config_set_" + name + "_file", returning(JAVA_BOOLEAN, ADDRESS, ADDRESS))
                        .invokeExact(config, arena.allocateFrom(file.get().toString())));
    }

    private static MemorySegment texts(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(ADDRESS, Math.max(1, texts.size()));
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
        }
        return array;
    }

    private static void require(String what, boolean done) throws WasmtimeException {
        if (!done) {
            throw new WasmtimeException("WASI " + what
                    + ": Wasmtime did not accept this setting and gave no reason; check it, and access to its file");
        }
    }
}
