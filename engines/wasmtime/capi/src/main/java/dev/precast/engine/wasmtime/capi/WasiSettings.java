package dev.precast.engine.wasmtime.capi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a WASI program.
 *
 * @param arguments the program's arguments; the first is its name
 * @param environment the program's environment variables
 * @param folders folders of this machine, by the names that the program sees; the program may write to them
 * @param stdin a file to read; empty for this process's standard input
 * @param stdout a file to overwrite; empty for this process's standard output
 * @param stderr a file to overwrite; empty for this process's standard error
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

    /** Settings with arguments and this process's input and output, without variables and folders. */
    public static WasiSettings of(List<String> arguments) {
        return new WasiSettings(arguments, Map.of(), Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
    }
}
