package dev.precast.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A WASI preview 1 command and what it sees of its surroundings, which are this process's.
 *
 * @param file the module, for messages
 * @param arguments the program's name first
 * @param folders by the name that the program sees
 * @param variables of its environment
 */
record WasiProgram(Path file, List<String> arguments, Map<String, Path> folders, Map<String, String> variables) {
    WasiProgram {
        arguments = List.copyOf(arguments);
        folders = Map.copyOf(folders);
        variables = Map.copyOf(variables);
    }

    /**
     * @param folders as {@code HOST::GUEST}, or one name for both
     * @param variables as {@code NAME=VALUE}
     * @throws CommandFailed if a folder is not there, or a variable is written otherwise
     */
    static WasiProgram of(Path file, List<String> arguments, List<String> folders, List<String> variables) {
        List<String> argv = new ArrayList<>(List.of(String.valueOf(file.getFileName())));
        argv.addAll(arguments);
        Map<String, Path> opened = new LinkedHashMap<>();
        for (String folder : folders) {
            int at = folder.indexOf("::");
            String host = at < 0 ? folder : folder.substring(0, at);
            if (!Files.isDirectory(Path.of(host))) {
                throw new CommandFailed(Exit.NOT_FOUND, "no-such-folder", "--dir " + host + ": no such folder");
            }
            opened.put(at < 0 ? folder : folder.substring(at + 2), Path.of(host));
        }
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : variables) {
            int at = variable.indexOf('=');
            if (at < 1) {
                throw new CommandFailed(Exit.USAGE, "usage", "--env: expected NAME=VALUE, found " + variable);
            }
            environment.put(variable.substring(0, at), variable.substring(at + 1));
        }
        return new WasiProgram(file, argv, opened, environment);
    }

    CommandFailed trapped(RuntimeException e) {
        return new CommandFailed(Exit.OTHER, "trap", file + ": trapped: " + e.getMessage(), e);
    }

    CommandFailed notRunnable(RuntimeException e) {
        return new CommandFailed(
                Exit.OTHER, "not-runnable", file + ": cannot be run as a WASI command: " + e.getMessage(), e);
    }
}
