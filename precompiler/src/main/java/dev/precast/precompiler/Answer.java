package dev.precast.precompiler;

import java.time.Duration;

/** What comes of a request. */
sealed interface Answer {
    /**
     * It is answered.
     *
     * @param label as in {@link PrecompilerListener#finished}
     * @param bytes size of the payload, 0 unless compiled
     */
    record Done(String label, long bytes) implements Answer {
        Done(String label) {
            this(label, 0);
        }
    }

    /** Not now, or not here. */
    record HandBack(Duration delay) implements Answer {}
}
