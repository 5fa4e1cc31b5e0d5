package dev.precast.precompiler;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Target;
import dev.precast.cache.outcome.Limits;
import dev.precast.module.EmptyModule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Ahead-of-time caches that make the JVM of a pack start sooner (JEP 483 and 514): one for each pack and JDK, trained
 * in the background by compiling the empty module, never by a module of somebody's. Only where children are confined:
 * elsewhere one that was taken over could write what the next one loads.
 *
 * <p>Thread safe.
 */
final class AotCaches implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AotCaches.class.getName());
    private static final String PLACEHOLDER = "{aot}";
    private static final String FILE = "trained.aot";
    private static final Limits LIMITS = new Limits(512, 2048, 120, 240, 512);

    private final Path folder;
    private final Path jobs;
    private final List<EnginePack> packs;
    private final Thread training;

    /**
     * Begins to train what is missing.
     *
     * @param folder where they are kept, made if it is not there
     * @param jobs where folders of children are made
     */
    AotCaches(Path folder, Path jobs, List<EnginePack> packs) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.jobs = jobs;
        this.packs = Supervision.ofThisProcess().unconfined().isPresent()
                ? List.of()
                : packs.stream()
                        .filter(pack -> pack.command().contains(PLACEHOLDER))
                        .toList();
        training = Thread.ofPlatform().daemon().name("precast-aot").start(this::trainAll);
    }

    /** What stands for {@code {aot}}: a flag of the JVM's, or nothing while there is no cache. */
    String flag(EnginePack pack) {
        return isTrained(pack) ? "-XX:AOTCache=" + file(pack) : "";
    }

    /** What a child of the pack has to read for that. */
    List<Path> readable(EnginePack pack) {
        return isTrained(pack) ? List.of(pack.folder(), file(pack)) : List.of(pack.folder());
    }

    private boolean isTrained(EnginePack pack) {
        return packs.contains(pack) && Files.exists(file(pack));
    }

    private Path file(EnginePack pack) {
        String jdk = System.getProperty("java.home") + "\n" + Runtime.version();
        return folder.resolve(pack.digest().hex() + "-"
                + Digest.of(jdk.getBytes(StandardCharsets.UTF_8)).hex() + ".aot");
    }

    private void trainAll() {
        try {
            removeOthers();
            for (EnginePack pack : packs) {
                if (!isTrained(pack)) {
                    train(pack);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "a cache for the start of packs could not be made: " + e.getMessage(), e);
        }
    }

    private void removeOthers() throws IOException {
        Set<Path> wanted = packs.stream().map(this::file).collect(Collectors.toSet());
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path file : found) {
                if (!wanted.contains(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private void train(EnginePack pack) throws IOException, InterruptedException {
        try (ChildFolder child = ChildFolder.in(jobs)) {
            child.write(PackCommand.IN, new ByteArrayInputStream(EmptyModule.wasm()));
            String profile = pack.profiles().keySet().iterator().next();
            CompileConfig config = Objects.requireNonNull(pack.profiles().get(profile));
            Target target = pack.targets(profile).iterator().next();
            child.write(
                    PackCommand.CONFIG,
                    new ByteArrayInputStream(config.canonical().getBytes(StandardCharsets.UTF_8)));
            List<String> command =
                    PackCommand.compile(pack, config, target, LIMITS.heapMb(), "-XX:AOTCacheOutput=" + FILE);
            ChildProcess.Result result = new ChildProcess(child, List.of(pack.folder()), LIMITS).run(command);
            Path part = folder.resolve(pack.digest().hex() + ".part");
            if (result instanceof ChildProcess.Exited exited
                    && exited.code() == 0
                    && child.takeOut(FILE, part, (long) LIMITS.outputMb() << 20)
                            instanceof ChildFolder.TakenOut.Copied) {
                Files.move(part, file(pack), StandardCopyOption.ATOMIC_MOVE);
            } else {
                LOG.log(Level.WARNING, "pack " + pack + " could not be trained to start sooner: " + result);
            }
        }
    }

    /** Ends a training that is under way. */
    @Override
    public void close() throws InterruptedException {
        training.interrupt();
        training.join();
    }
}
