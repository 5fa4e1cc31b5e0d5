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
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Ahead-of-time caches that make the JVMs of packs start faster (JEP 483 and 514), one for each pack and JDK. A
 * background thread trains them, with the empty module only, after a pack's first few compilations: training takes the
 * CPU time of several starts, and neither a pack without work nor the first jobs of a new worker should pay for it. They
 * are used only if children are confined; otherwise a taken-over child could change the cache that the next child loads.
 *
 * <p>Thread safe.
 */
final class AotCaches implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(AotCaches.class.getName());
    private static final String PLACEHOLDER = "{aot}";
    private static final String FILE = "trained.aot";
    /** The number of compilations after which a pack's cache is trained. */
    static final int COMPILATIONS_BEFORE = 3;

    private static final int CLOSED_WITHIN_SECONDS = 5;

    private static final Limits LIMITS = new Limits(512, 2048, 120, 240, 512);

    private final Path folder;
    private final Path jobs;
    private final List<EnginePack> packs;
    private final Map<Digest, Integer> compilations = new HashMap<>();
    private final ExecutorService training = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("precast-aot").factory());

    /**
     * Uses the caches in the folder and removes those of other packs and JDKs.
     *
     * @param folder the folder of the caches, created if it does not exist
     * @param jobs the folder for children's folders
     */
    AotCaches(Path folder, Path jobs, List<EnginePack> packs) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.jobs = jobs;
        this.packs = Supervision.ofThisProcess()
                        .confinement()
                        .missing(Confinement.Mode.BEST_EFFORT)
                        .isEmpty()
                ? packs.stream()
                        .filter(pack -> pack.commands().compile().contains(PLACEHOLDER))
                        .toList()
                : List.of();
        removeOthers();
    }

    /** Counts a compilation of the pack; returns whether this one starts the training. */
    boolean compiled(EnginePack pack) {
        synchronized (compilations) {
            if (compilations.merge(pack.digest(), 1, Integer::sum) != COMPILATIONS_BEFORE
                    || !packs.contains(pack)
                    || isTrained(pack)
                    || training.isShutdown()) {
                return false;
            }
            training.execute(() -> trainOrWarn(pack));
            return true;
        }
    }

    /** The value of the placeholder {@code {aot}}: a flag of the JVM, or an empty text if there is no cache yet. */
    String flag(EnginePack pack) {
        return isTrained(pack) ? "-XX:AOTCache=" + file(pack) : "";
    }

    /** The files that the pack's children must be able to read: the pack, and its cache if it exists. */
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

    private void trainOrWarn(EnginePack pack) {
        try {
            train(pack);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "pack " + pack + ": AOT cache could not be created: " + e.getMessage(), e);
        }
    }

    private void removeOthers() {
        Set<Path> wanted = packs.stream().map(this::file).collect(Collectors.toSet());
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path file : found) {
                if (!wanted.contains(file)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(Level.WARNING, "AOT caches: old files in " + folder + " could not be removed: " + e, e);
        }
    }

    private void train(EnginePack pack) throws IOException, InterruptedException {
        try (ChildFolder child = ChildFolder.in(jobs)) {
            child.write(PackCommand.IN, new ByteArrayInputStream(EmptyModule.wasm()));
            String profile = pack.profiles().keySet().iterator().next();
            CompileConfig config = Objects.requireNonNull(pack.profiles().get(profile));
            Target target = pack.targets(profile).iterator().next();
            child.writeConfig(config);
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
                LOG.log(Level.WARNING, "pack " + pack + ": AOT cache could not be created: " + result);
            }
        }
    }

    /** Stops the training of a cache, without waiting for its end. */
    void stop() {
        synchronized (compilations) {
            training.shutdownNow();
        }
    }

    /** Stops the training of a cache. */
    @Override
    public void close() throws InterruptedException {
        stop();
        training.awaitTermination(CLOSED_WITHIN_SECONDS, TimeUnit.SECONDS);
    }
}
