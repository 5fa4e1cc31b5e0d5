package dev.precast.bench;

/** A host that has started and can load modules. */
interface Host {
    /** Starts the host that a mode measures. */
    static Host start(Mode mode, Job job) throws Exception {
        return job.library().isEmpty() ? new ChicoryHost(mode, job) : WasmtimeHost.start(mode, job);
    }

    /** Makes the job's module ready. */
    Ready load() throws Exception;
}
