package dev.precast.bench;

import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A module or component that Wasmtime can instantiate.
 *
 * @param folder folder for the program's output
 */
record WasmtimeReady(WasmtimeHost.Program program, Path folder) implements Ready {
    /** Runs a WASI command. For other modules the outcome is the error that Wasmtime gives. */
    @Override
    public Called call(List<String> arguments) throws IOException {
        Path out = Files.createTempFile(folder, "printed", ".out");
        try {
            String outcome = outcome(new WasiSettings(
                    arguments, Map.of(), Map.of(), Optional.empty(), Optional.of(out), Optional.empty()));
            return new Called("command", outcome, Files.readAllBytes(out));
        } finally {
            Files.delete(out);
        }
    }

    private String outcome(WasiSettings settings) {
        try {
            return "exit-" + program.run(settings);
        } catch (WasmtimeException e) {
            return String.valueOf(e.getMessage())
                    .lines()
                    .findFirst()
                    .orElse("refused")
                    .replace(' ', '-');
        }
    }
}
