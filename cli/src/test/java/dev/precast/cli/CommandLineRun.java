package dev.precast.cli;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** One command line, run in this JVM with its own streams, clock and environment. */
record CommandLineRun(int exit, String out, String err) {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    static CommandLineRun of(String... args) {
        return at(NOW, Map.of(), args);
    }

    static CommandLineRun at(Instant now, Map<String, String> variables, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Map<String, String> all = new HashMap<>(Map.of("HOME", "/nonexistent", "PRECAST_URL", "http://127.0.0.1:9"));
        all.putAll(variables);
        int exit = Main.run(
                args,
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        all,
                        InstantSource.fixed(now),
                        false));
        return new CommandLineRun(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Surroundings that print nowhere. */
    static Surroundings around() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        return new Surroundings(nowhere, nowhere, Map.of(), InstantSource.fixed(NOW), false);
    }

    /** Standard output, which must be one JSON document. */
    JsonObject json() {
        return Json.parse(out.strip()).asObject("standard output");
    }
}
