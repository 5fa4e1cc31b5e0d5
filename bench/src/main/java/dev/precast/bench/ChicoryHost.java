package dev.precast.bench;

/** A host with Chicory, which needs no preparation to load modules. */
record ChicoryHost(Mode mode, Job job) implements Host {
    @Override
    public Ready load() throws Exception {
        return switch (mode) {
            case IN_PROCESS -> ChicoryWays.compiled(job.file());
            case CHICORY_CACHE_WARM -> ChicoryWays.cached(job.file(), job.folder());
            case INTERPRETER -> ChicoryWays.interpreted(job.file());
            case BUILD_TIME -> ChicoryWays.builtBefore();
            case PRECAST_DISK, PRECAST_EMPTY_DISK -> PrecastWay.load(job);
            case WASMTIME_CACHE_WARM, RAW_DESERIALIZE, PRECAST_DISK_FIRST -> throw mode.notOf(MeasuredEngine.CHICORY);
        };
    }
}
