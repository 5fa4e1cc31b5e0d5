package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Tries what each compilation needs, with nothing of a module: writes to the work folder, starts a child, writes to the
 * store and deletes what it wrote.
 *
 * @param jobs the folder for children's folders
 * @param payloads the store of payloads
 */
record Trial(Path jobs, ContentStore payloads) {
    private static final Limits LIMITS = new Limits(16, 512, 30, 60, 16);
    private static final int BYTES = 1 << 16;

    /**
     * Call it on a platform thread only.
     *
     * @throws IOException if the folder cannot be written or the child cannot be started
     * @throws StoreException if the store fails
     */
    void run() throws IOException, InterruptedException {
        byte[] bytes = new byte[BYTES];
        ThreadLocalRandom.current().nextBytes(bytes);
        startAChild(bytes);
        Digest digest = Digest.of(bytes);
        ContentStore.Put put = payloads.put(new ByteArrayInputStream(bytes), digest, BYTES);
        if (!(put instanceof ContentStore.Put.Stored)) {
            throw new StoreException("trial payload " + digest + ": not stored: " + put, true, null);
        }
        payloads.delete(digest);
    }

    private void startAChild(byte[] input) throws IOException, InterruptedException {
        try (ChildFolder folder = ChildFolder.in(jobs)) {
            folder.write(PackCommand.IN, new ByteArrayInputStream(input));
            List<String> command = List.of(PackCommand.java().toString(), "-Xmx16m", "-XX:+UseSerialGC", "-version");
            ChildProcess.Result result = new ChildProcess(folder, List.of(), LIMITS).run(command);
            if (!(result instanceof ChildProcess.Exited exited && exited.code() == 0)) {
                throw new SupervisorTroubleException("trial child: expected exit code 0, found " + result, null);
            }
        }
    }
}
