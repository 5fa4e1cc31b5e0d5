package dev.precast.bench;

/** Prepares the measured runs: fills an engine's own cache, or the service and the disk cache. */
final class Prepare {
    private Prepare() {}

    /** Arguments: a mode and the words of a {@link Job}. */
    public static void main(String[] args) {
        try {
            prepare(Mode.of(args[0]), Job.of(args));
            Runtime.getRuntime().halt(0);
        } catch (Exception e) {
            System.err.println("bench: preparing " + args[0] + ": " + e.getMessage());
            Runtime.getRuntime().halt(1);
        }
    }

    private static void prepare(Mode mode, Job job) throws Exception {
        switch (mode) {
            case CHICORY_CACHE_WARM -> ChicoryWays.cached(job.file(), job.folder());
            case WASMTIME_CACHE_WARM -> WasmtimeHost.start(mode, job).load();
            case RAW_DESERIALIZE -> WasmtimeHost.serialize(job);
            case PRECAST_DISK_FIRST, PRECAST_DISK, PRECAST_EMPTY_DISK -> {
                if (job.library().isEmpty()) {
                    PrecastWay.compile(job);
                } else {
                    WasmtimeHost.compile(job);
                }
            }
            case IN_PROCESS, INTERPRETER, BUILD_TIME ->
                throw new IllegalArgumentException("mode " + mode.label() + ": needs no preparation");
        }
    }
}
