package dev.precast.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a WASI preview 1 command sees of its surroundings. Its standard streams are those of this process.
 *
 * @param arguments the program's name first
 * @param folders folders that it may use, by the name that it sees
 * @param variables of its environment
 */
public record WasiProgram(List<String> arguments, Map<String, Path> folders, Map<String, String> variables) {
    public WasiProgram {
        arguments = List.copyOf(arguments);
        folders = Map.copyOf(folders);
        variables = Map.copyOf(variables);
    }
}
