package dev.precast.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Input of a WASI preview 1 command. The command uses the standard streams of this process.
 *
 * @param arguments the command's arguments; the first is the program's name
 * @param folders folders that the command may use, by the paths at which the command sees them
 * @param variables the command's environment variables
 */
public record WasiProgram(List<String> arguments, Map<String, Path> folders, Map<String, String> variables) {
    public WasiProgram {
        arguments = List.copyOf(arguments);
        folders = Map.copyOf(folders);
        variables = Map.copyOf(variables);
    }
}
