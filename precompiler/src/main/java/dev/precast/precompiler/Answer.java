package dev.precast.precompiler;

import java.time.Duration;

/** The result of a request. */
sealed interface Answer {
    /**
     * The request is answered.
     *
     * @param label as in {@link PrecompilerListener#finished}
     * @param bytes size of the payload, 0 unless compiled
     */
    record Done(String label, long bytes) implements Answer {
        Done(String label) {
            this(label, 0);
        }

        /** Whether the worker stored a result: an artifact, a rejection or a failure. */
        boolean wasStored() {
            return bytes > 0 || label.equals("rejected") || label.startsWith("failed-");
        }
    }

    /** The request goes back to the queue, for a later delivery or another worker. */
    record HandBack(Duration delay) implements Answer {}
}
