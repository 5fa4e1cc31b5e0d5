package dev.precast.engine.chicory.compile;

import java.nio.file.Files;
import java.nio.file.Path;

/** The source of a host program, which the packaging tests compile and start in separate JVMs. */
final class HostProgram {
    private HostProgram() {}

    /**
     * Writes {@code host/Main.java}: loads the bundle that its first argument names, calls {@code divide(84, 2)} or
     * what the second names, and prints the result and the module that the engine is in.
     */
    static Path write(Path folder) throws java.io.IOException {
        Path source = Files.createDirectories(folder.resolve("host")).resolve("Main.java");
        return Files.writeString(source, """
                package host;
                import com.dylibso.chicory.runtime.CompiledModule;
                import com.dylibso.chicory.runtime.Instance;
                import dev.precast.artifact.*;
                import dev.precast.attestation.*;
                import dev.precast.bundle.*;
                import dev.precast.engine.chicory.load.*;
                import dev.precast.load.VerifiedArtifact;
                import java.nio.file.*;
                import java.time.Instant;
                import java.util.*;

                public final class Main {
                    public static void main(String[] args) throws Exception {
                        byte[] bytes = Files.readAllBytes(Path.of(args[0]));
                        Payload payload = new Payload() {
                            public long size() { return bytes.length; }
                            public byte[] read(long at, int n) { return Arrays.copyOfRange(bytes, (int) at, (int) at + n); }
                            public boolean refetch() { return false; }
                        };
                        byte[] prefix = Arrays.copyOf(bytes, BundleIndex.prefixBytes(bytes));
                        Digest none = Digest.of(new byte[0]);
                        ChicoryLoader loader = new ChicoryLoader();
                        Attestation attestation = new Attestation(new ModuleDigest(none), 0, loader.lanes().get(0),
                                BundleFormat.NAME, new SizedDigest(none, bytes.length), Optional.empty(),
                                Optional.of(new SizedDigest(Digest.of(prefix), prefix.length)), none, "jdk", "test",
                                Instant.EPOCH, Instant.EPOCH);
                        CompiledModule module = loader.load(new VerifiedArtifact(attestation, payload, Set.of()));
                        for (int i = 0; i < 40; i++) {
                            Instance instance = Instance.builder(module.wasmModule())
                                    .withMachineFactory(module.machineFactory()).build();
                            long result = instance.export(args[1]).apply(Long.parseLong(args[2]), 2)[0];
                            if (i == 39) {
                                System.out.println(result + " in " + Instance.class.getModule()
                                        + " and " + ChicoryLoader.class.getModule() + " " + loader.lanes().get(0).engineHash());
                            }
                        }
                    }
                }
                """);
    }

    /** Writes the program's module declaration beside it. */
    static Path writeModule(Path folder) throws java.io.IOException {
        return Files.writeString(
                folder.resolve("module-info.java"), "module host { requires dev.precast.engine.chicory.load; }");
    }
}
