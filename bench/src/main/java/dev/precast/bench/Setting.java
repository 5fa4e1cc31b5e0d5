package dev.precast.bench;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the runs of all modes share.
 *
 * @param jvm starts the children
 * @param aot whether each mode's JVMs start with classes and profiles that a run of that mode has left (JEP 514, 515)
 * @param file the module
 * @param digest its digest, as a host knows it from its deployment
 * @param arguments of the first call
 * @param work where caches and the service live
 * @param err progress
 */
record Setting(
        ChildJvm jvm, boolean aot, Path file, Digest digest, List<String> arguments, Workspace work, PrintStream err) {

    /** Fills the caches that the modes want filled, and starts the service if one is wanted. */
    Open prepare(List<Mode> modes) throws IOException, InterruptedException {
        Open open = new Open(modes.stream().anyMatch(Mode::needsService) ? service() : null);
        try {
            if (modes.contains(Mode.CHICORY_CACHE_WARM)) {
                err.println("bench: warming Chicory's cache");
                jvm.run(Prepare.class, open.words(Mode.CHICORY_CACHE_WARM, work.resolve("chicory")));
            }
            if (modes.contains(Mode.BUILD_TIME)) {
                err.println("bench: compiling as a build would");
                jvm.run(BuildTime.class, List.of(file.toString(), built().toString()));
            }
            if (modes.stream().anyMatch(Mode::needsService)) {
                err.println("bench: compiling by the service");
                jvm.run(Prepare.class, open.words(Mode.PRECAST_DISK, work.resolve("disk")));
            }
            if (aot) {
                for (Mode mode : modes) {
                    err.println("bench: training a JVM cache for " + mode.label());
                    open.run(jvm.with("-XX:AOTCacheOutput=" + cache(mode)), mode, 0);
                }
            }
            return open;
        } catch (IOException | InterruptedException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    private ServiceProcess service() throws IOException, InterruptedException {
        return ServiceProcess.start(
                Path.of(System.getProperty("precast.home", ".")).toAbsolutePath(), work.resolve("data"));
    }

    private Path cache(Mode mode) {
        return work.resolve(mode.label() + ".aot");
    }

    private Path built() {
        return work.resolve("built.jar");
    }

    /** While the service runs. */
    final class Open implements AutoCloseable {
        private final @Nullable ServiceProcess service;

        Open(@Nullable ServiceProcess service) {
            this.service = service;
        }

        Measure run(Mode mode, int number) throws IOException, InterruptedException {
            return run(aot ? jvm.with("-XX:AOTCache=" + cache(mode)) : jvm, mode, number);
        }

        private Measure run(ChildJvm in, Mode mode, int number) throws IOException, InterruptedException {
            Path folder = switch (mode) {
                case CHICORY_CACHE_WARM -> work.resolve("chicory");
                case PRECAST_DISK -> work.resolve("disk");
                case PRECAST_EMPTY_DISK -> work.resolve("empty-" + number);
                case IN_PROCESS, INTERPRETER, BUILD_TIME -> work.folder();
            };
            List<String> words = new ArrayList<>(words(mode, folder));
            words.addAll(arguments);
            return in.measure(mode == Mode.BUILD_TIME ? built() : null, words);
        }

        List<String> words(Mode mode, Path folder) {
            return List.of(
                    mode.label(),
                    file.toString(),
                    digest.toString(),
                    folder.toString(),
                    service == null ? "" : service.address(),
                    service == null ? "" : service.trustRoot().toString());
        }

        @Override
        public void close() throws InterruptedException {
            if (service != null) {
                service.close();
            }
        }
    }
}
