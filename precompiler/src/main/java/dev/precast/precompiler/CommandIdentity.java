package dev.precast.precompiler;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.Target;
import dev.precast.attestation.RefusedException;
import dev.precast.cache.outcome.Limits;
import dev.precast.json.Json;
import dev.precast.load.PayloadFormat;
import dev.precast.module.EmptyModule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the engine hash of a lane whose pack has no probe command. Compiles the empty module, so that lanes that cannot
 * compile are not offered. The hash is the one in the output, if its format contains an engine hash; otherwise a hash
 * of everything that may change the command's output.
 *
 * @param jobs the folder for children's folders
 */
record CommandIdentity(Path jobs, EnginePack pack, CompileConfig config, Target target) {
    private static final Limits LIMITS = new Limits(512, 2048, 60, 60, 64);
    private static final Path CPU = Path.of("/proc/cpuinfo");

    /**
     * Compiles the empty module.
     *
     * @throws IOException if the command cannot be run, fails, or has no usable output
     * @throws RefusedException if its output is not a payload of the pack's format
     */
    EngineHash engineHash() throws IOException, InterruptedException, RefusedException {
        try (ChildFolder folder = ChildFolder.in(jobs)) {
            folder.write(PackCommand.IN, new ByteArrayInputStream(EmptyModule.wasm()));
            folder.writeConfig(config);
            List<String> command = PackCommand.compile(pack, config, target, LIMITS.heapMb(), "");
            run(folder, command);
            try (ChildFolder mine = ChildFolder.in(jobs)) {
                Path output = mine.path().resolve(PackCommand.OUT);
                Optional<EngineHash> said =
                        switch (folder.takeOut(PackCommand.OUT, output, (long) LIMITS.outputMb() << 20)) {
                            case ChildFolder.TakenOut.Copied copied ->
                                PayloadFormat.named(pack.format()).engineHash(copied.file());
                            case ChildFolder.TakenOut.TooLarge large ->
                                throw new IOException("output: larger than " + large.maxBytes() + " bytes");
                            case ChildFolder.TakenOut.Unusable unusable -> throw new IOException(unusable.why());
                        };
                return said.isPresent() ? said.get() : ofCommand(command);
            }
        }
    }

    /**
     * A hash of pack, program, arguments, version and CPU. A change of any of them makes another lane, which is
     * stricter than necessary.
     */
    private EngineHash ofCommand(List<String> command) throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder("precast/command/v1\n");
        text.append("pack ").append(pack.digest()).append('\n');
        text.append("program ").append(digestOf(Path.of(command.get(0)))).append('\n');
        text.append("arguments ")
                .append(Json.ofStrings(pack.commands().compile()).canonical())
                .append('\n');
        text.append("version ").append(Json.of(version()).canonical()).append('\n');
        text.append("cpu ").append(cpu()).append('\n');
        return new EngineHash(Digest.of(text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static Digest digestOf(Path program) throws IOException {
        if (!program.isAbsolute()) {
            throw new IOException("command: expected an absolute path of a program, found " + program);
        }
        try (InputStream in = Files.newInputStream(program)) {
            return Digest.of(in);
        }
    }

    private String version() throws IOException, InterruptedException {
        if (pack.commands().version().isEmpty()) {
            return "";
        }
        try (ChildFolder folder = ChildFolder.in(jobs)) {
            return run(
                            folder,
                            PackCommand.expand(
                                    pack.commands().version(), PackCommand.values(pack, LIMITS.heapMb(), "")))
                    .strip();
        }
    }

    private static String cpu() throws IOException {
        String architecture = System.getProperty("os.arch", "");
        if (!Files.exists(CPU)) {
            return architecture;
        }
        try (Stream<String> lines = Files.lines(CPU)) {
            return architecture
                    + lines.filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                            .findFirst()
                            .map(line -> line.substring(line.indexOf(':') + 1))
                            .orElse("");
        }
    }

    /** Runs a command and returns its standard output. */
    private String run(ChildFolder folder, List<String> command) throws IOException, InterruptedException {
        return switch (new ChildProcess(folder, List.of(pack.folder()), LIMITS).run(command)) {
            case ChildProcess.Killed killed -> throw new IOException(killed.why());
            case ChildProcess.Exited exited when exited.code() != 0 -> throw new IOException(CrashText.of(exited));
            case ChildProcess.Exited exited -> exited.out();
        };
    }
}
