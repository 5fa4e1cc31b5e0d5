package dev.precast.engine.chicory.compile;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs a task in a thread whose stack has a fixed size, so that recursion ends at the same depth on all machines. */
final class LargeStack {
    private LargeStack() {}

    /** @throws Exception what the task throws */
    static <T> T call(long bytes, Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        new Thread(null, future, "large-stack", bytes).start();
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }
}
