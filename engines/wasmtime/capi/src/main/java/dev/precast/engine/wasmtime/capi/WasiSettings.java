package dev.precast.engine.wasmtime.capi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a WASI program is given.
 *
 * @param arguments the program's name first
 * @param environment its variables
 * @param folders folders of this machine by the names under which it sees them; it may write in them
 * @param stdin a file to read; empty for what this process has
 * @param stdout a file to write anew; empty for what this process has
 * @param stderr the same for errors
 */
public record WasiSettings(
        List<String> arguments,
        Map<String, String> environment,
        Map<String, Path> folders,
        Optional<Path> stdin,
        Optional<Path> stdout,
        Optional<Path> stderr) {
    public WasiSettings {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
        folders = Map.copyOf(folders);
    }

    /** Arguments, and input and output of this process; no variables, no folders. */
    public static WasiSettings of(List<String> arguments) {
        return new WasiSettings(arguments, Map.of(), Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
    }
}
