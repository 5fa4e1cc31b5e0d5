package dev.precast.engine.chicory.compile;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A valid module with random functions, which {@code wasm-tools smith} makes.
 *
 * @param seed decides all of the module
 * @param kind what it may use
 */
record RandomModule(long seed, Kind kind) {
    /** Proposals that a module may use, beside those of version 2.0 of the specification without SIMD. */
    enum Kind {
        PLAIN,
        EXCEPTIONS,
        TAIL_CALLS,
        GC_AND_EXCEPTIONS
    }

    private static final int LEAST_BYTES = 500;
    private static final int MOST_BYTES = 12_000;
    private static final String[] OPTIONS = {
        "--ensure-termination",
        "--fuel=300",
        "--min-types=2",
        "--min-funcs=3",
        "--max-table-elements=1000",
        "--limit-arrays-in-const-exprs=true",
        "--max-imports=0",
        "--export-everything=true",
        "--allow-start-export=false",
        "--max-memory32-bytes=65536",
        "--memory-max-size-required=true",
        "--table-max-size-required=true",
        "--canonicalize-nans=true",
        "--simd-enabled=false",
        "--relaxed-simd-enabled=false",
        "--memory64-enabled=false",
        "--threads-enabled=false",
        "--wide-arithmetic-enabled=false",
        "--custom-page-sizes-enabled=false"
    };

    /** Half of all seeds make plain modules. */
    static RandomModule of(long seed) {
        return new RandomModule(
                seed,
                switch ((int) Math.floorMod(seed, 8L)) {
                    case 0 -> Kind.TAIL_CALLS;
                    case 1, 2 -> Kind.EXCEPTIONS;
                    case 3 -> Kind.GC_AND_EXCEPTIONS;
                    default -> Kind.PLAIN;
                });
    }

    /** The module in the binary format. */
    byte[] wasm() throws IOException, InterruptedException {
        Random random = new Random(seed);
        byte[] choices = new byte[LEAST_BYTES + random.nextInt(MOST_BYTES - LEAST_BYTES)];
        random.nextBytes(choices);
        List<String> command = new ArrayList<>();
        command.add(SuiteFile.folder().resolve("bin/wasm-tools").toString());
        command.add("smith");
        command.addAll(List.of(OPTIONS));
        // A module without traps runs longer. In one with traps, nearly every active segment would be out of bounds.
        boolean traps = (seed & 8) != 0;
        command.add("--disallow-traps=" + !traps);
        if (traps) {
            command.add("--max-data-segments=0");
            command.add("--max-element-segments=0");
        }
        command.add("--exceptions-enabled=" + (kind == Kind.EXCEPTIONS || kind == Kind.GC_AND_EXCEPTIONS));
        command.add("--tail-call-enabled=" + (kind == Kind.TAIL_CALLS));
        command.add("--gc-enabled=" + (kind == Kind.GC_AND_EXCEPTIONS));
        Process smith = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        // The program reads all of its input before it writes.
        try (var in = smith.getOutputStream()) {
            in.write(choices);
        }
        byte[] wasm = smith.getInputStream().readAllBytes();
        if (smith.waitFor() != 0) {
            throw new IOException(this + ": wasm-tools smith ended with exit code " + smith.exitValue());
        }
        return wasm;
    }
}
