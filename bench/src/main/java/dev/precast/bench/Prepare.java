package dev.precast.bench;

/** What stands ready before the measured runs: an engine's own cache, or the service's artifact and the disk cache. */
final class Prepare {
    private Prepare() {}

    /** A mode, and the words of a {@link Job}. */
    public static void main(String[] args) throws Exception {
        Mode mode = Mode.of(args[0]);
        Job job = Job.of(args);
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
            case IN_PROCESS, INTERPRETER, BUILD_TIME -> throw new IllegalArgumentException(args[0] + " needs nothing");
        }
        Runtime.getRuntime().halt(0);
    }
}
