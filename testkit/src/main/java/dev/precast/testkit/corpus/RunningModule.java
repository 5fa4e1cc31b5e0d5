package dev.precast.testkit.corpus;

import java.util.List;

/** An instance of a module on any engine. {@link Transcript} runs the steps of an {@link Exercise} on it. */
public interface RunningModule {
    /** The signature of an exported function. */
    Signature signature(String function);

    /** Calls an exported function. Numbers are passed and returned as bits; an {@code i32} is sign-extended. */
    Called call(String function, long[] arguments);

    /** Reads bytes of the memory. */
    byte[] read(int address, int length);

    /** Writes bytes to the memory. */
    void write(int address, byte[] bytes);

    /** The bits of an exported global. */
    long global(String name);

    /**
     * Types of a function's values.
     *
     * @param parameters in order
     * @param results in order
     */
    record Signature(List<ValueType> parameters, List<ValueType> results) {
        public Signature {
            parameters = List.copyOf(parameters);
            results = List.copyOf(results);
        }
    }

    /** Types of values in exercises. */
    enum ValueType {
        I32,
        I64,
        F32,
        F64,
        /** A vector or a reference. Transcripts show its bits. */
        OTHER
    }

    /** How a call ended. */
    sealed interface Called {
        /** @param results the bits of each result */
        @SuppressWarnings("ArrayRecordComponent") // short-lived and read only once
        record Returned(long[] results) implements Called {}

        /** @param said the text of the trap, which is the same in each run */
        record Trapped(String said) implements Called {}

        /** @param status the status that the program passed to WASI's {@code proc_exit} */
        record Exited(int status) implements Called {}
    }
}
