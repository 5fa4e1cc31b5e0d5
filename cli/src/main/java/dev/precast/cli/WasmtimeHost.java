package dev.precast.cli;

import dev.precast.engine.wasmtime.capi.IncompatibleException;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Wasmtime in this process: which library, and running a program by it. */
final class WasmtimeHost {
    private static final String LIBRARY = System.mapLibraryName("wasmtime");

    private final Surroundings around;
    private final String engine;
    private final @Nullable Path library;
    private final List<String> profiles;

    /**
     * @param engine {@code wasmtime}, or with its version, {@code wasmtime@48.0.0}
     * @param library the file, if it was named
     * @param profiles names of profiles; none for all
     */
    WasmtimeHost(Surroundings around, String engine, @Nullable Path library, List<String> profiles) {
        this.around = around;
        this.engine = engine;
        this.library = library;
        this.profiles = profiles;
    }

    /** @throws CommandFailed if there is no library, or a profile has another name */
    WasmtimeLoader loader() throws IOException {
        try {
            return WasmtimeLoader.of(
                    file(),
                    profiles.isEmpty()
                            ? WasmtimeLoader.PROFILES
                            : profiles.stream().map(WasmtimeHost::profile).toList());
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(Exit.NOT_FOUND, "no-wasmtime", String.valueOf(e.getMessage()), e);
        }
    }

    private static Profile profile(String name) {
        return Arrays.stream(Profile.values())
                .filter(profile -> profile.key().equals(name))
                .findFirst()
                .orElseThrow(() -> new CommandFailed(
                        Exit.USAGE,
                        "usage",
                        "--profile: expected one of "
                                + Arrays.stream(Profile.values())
                                        .map(Profile::key)
                                        .toList()
                                + ", found " + name));
    }

    private Path file() throws IOException {
        if (library != null) {
            return library;
        }
        Optional<String> set = around.variable("PRECAST_WASMTIME_LIBRARY");
        return set.isPresent()
                ? Path.of(set.get())
                : built(Installation.find(around).wasmtimes());
    }

    private Path built(Path folder) throws IOException {
        int at = engine.indexOf('@');
        String wanted = at < 0 ? "" : engine.substring(at + 1).replaceFirst("\\+.*", "");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> versions = Files.list(folder)) {
                Optional<Path> newest = versions.filter(version -> Files.exists(version.resolve(LIBRARY)))
                        .filter(version -> wanted.isEmpty() || version.endsWith(wanted))
                        .max(Comparator.comparing(version -> Version.parse(String.valueOf(version.getFileName()))));
                if (newest.isPresent()) {
                    return newest.get().resolve(LIBRARY);
                }
            }
        }
        throw new CommandFailed(
                Exit.NOT_FOUND,
                "no-wasmtime",
                "engine " + engine + ": no library in " + folder + "; give --library or PRECAST_WASMTIME_LIBRARY");
    }

    /**
     * Runs it to its end.
     *
     * @return its exit code
     * @throws CommandFailed if it traps, is no command, or cannot be instantiated here
     */
    static int run(WasmtimeCode code, WasiProgram program) {
        try {
            return code.run(new WasiSettings(
                    program.arguments(),
                    program.variables(),
                    program.folders(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()));
        } catch (IncompatibleException e) {
            throw new CommandFailed(
                    Exit.OTHER, "incompatible", program.file() + " loads, but cannot run here: " + e.getMessage(), e);
        } catch (WasmtimeException e) {
            throw new CommandFailed(Exit.OTHER, "trap", program.file() + ": " + e.getMessage(), e);
        }
    }
}
