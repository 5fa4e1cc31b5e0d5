package dev.precast.bench;

import dev.precast.artifact.Digest;
import dev.precast.launcher.ServerProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The common settings of all runs.
 *
 * @param jvm starts the children
 * @param aot whether the JVMs use an AOT cache with classes and profiles of a training run of the same mode (JEP 514,
 *     515)
 * @param library Wasmtime's library; empty for another engine
 * @param subject the measured module
 * @param work folder for caches and the service
 * @param err stream for progress
 */
record Setting(ChildJvm jvm, boolean aot, String library, Subject subject, Workspace work, PrintStream err) {

    /**
     * A module and its first call.
     *
     * @param file the module
     * @param digest digest of the module, as a host knows it from its deployment
     * @param arguments the arguments of the first call
     */
    record Subject(Path file, Digest digest, List<String> arguments) {}

    /** Fills the caches that the modes need, and starts the service if a mode needs it. */
    Open prepare(List<Mode> modes) throws IOException, InterruptedException {
        Open open = new Open(modes.stream().anyMatch(Mode::needsService) ? Installed.service(work, err) : null);
        try {
            for (Mode mode : modes) {
                switch (mode) {
                    case CHICORY_CACHE_WARM, WASMTIME_CACHE_WARM, RAW_DESERIALIZE -> {
                        err.println("bench: preparing " + mode.label());
                        jvm.run(Prepare.class, open.words(mode, work.resolve(mode.label())), work);
                    }
                    case IN_PROCESS, INTERPRETER, BUILD_TIME, PRECAST_DISK_FIRST, PRECAST_DISK, PRECAST_EMPTY_DISK -> {}
                }
            }
            if (modes.contains(Mode.BUILD_TIME)) {
                err.println("bench: compiling with Chicory's build-time compiler");
                jvm.run(BuildTime.class, List.of(subject.file.toString(), built().toString()), work);
            }
            if (modes.stream().anyMatch(Mode::needsService)) {
                err.println("bench: compiling with the service");
                jvm.run(Prepare.class, open.words(Mode.PRECAST_DISK, work.resolve("disk")), work);
            }
            if (aot) {
                for (Mode mode : modes) {
                    err.println("bench: training run for the AOT cache of " + mode.label());
                    open.run(jvm.with("-XX:AOTCacheOutput=" + cache(mode)), mode, 0);
                }
            }
            return open;
        } catch (IOException | InterruptedException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    private Path cache(Mode mode) {
        return work.resolve(mode.label() + ".aot");
    }

    private Path built() {
        return work.resolve("built.jar");
    }

    /** The prepared setting with its running service. */
    final class Open implements AutoCloseable {
        private final @Nullable ServerProcess service;

        Open(@Nullable ServerProcess service) {
            this.service = service;
        }

        Measure run(Mode mode, int number) throws IOException, InterruptedException {
            return run(aot ? jvm.with("-XX:AOTCache=" + cache(mode)) : jvm, mode, number);
        }

        private Measure run(ChildJvm in, Mode mode, int number) throws IOException, InterruptedException {
            Path folder = switch (mode) {
                case CHICORY_CACHE_WARM, WASMTIME_CACHE_WARM, RAW_DESERIALIZE -> work.resolve(mode.label());
                case PRECAST_DISK_FIRST, PRECAST_DISK -> work.resolve("disk");
                case PRECAST_EMPTY_DISK -> work.resolve("empty-" + number);
                case IN_PROCESS, INTERPRETER, BUILD_TIME -> work.folder();
            };
            return in.measure(mode == Mode.BUILD_TIME ? built() : null, call(mode, folder));
        }

        /** Measures the memory of concurrent hosts that load the artifact from one disk cache. */
        Sharing share(int hosts) throws IOException, InterruptedException {
            err.println("bench: measuring the memory of " + hosts + " concurrent hosts");
            List<ChildJvm.Running> children = new ArrayList<>();
            try {
                for (int i = 0; i < hosts; i++) {
                    ChildJvm.Running child = jvm.with("-D" + ChildJvm.HOLD + "=true")
                            .start(null, call(Mode.PRECAST_DISK, work.resolve("disk")));
                    children.add(child);
                    child.measure();
                }
                return Sharing.of(children.stream().map(ChildJvm.Running::pid).toList(), "/disk/payloads/");
            } finally {
                for (ChildJvm.Running child : children) {
                    child.close();
                }
            }
        }

        private List<String> call(Mode mode, Path folder) {
            List<String> words = new ArrayList<>(words(mode, folder));
            words.addAll(subject.arguments);
            return words;
        }

        List<String> words(Mode mode, Path folder) {
            List<String> words = new ArrayList<>(List.of(mode.label()));
            words.addAll(new Job(
                            subject.file,
                            subject.digest.toString(),
                            folder,
                            service == null ? "" : service.address().toString(),
                            service == null ? "" : Installed.trustRoot(work).toString(),
                            library)
                    .words());
            return words;
        }

        @Override
        public void close() {
            if (service != null) {
                service.close();
            }
        }
    }
}
