package dev.precast.testkit.corpus;

import java.util.List;

/** An instance of a module on some engine, as exercises see it. */
public interface RunningModule {
    /** What an exported function takes and gives. */
    Signature signature(String function);

    /** Calls an exported function; numbers are given and returned as bits, an {@code i32} with its sign. */
    Called call(String function, long[] arguments);

    /** Bytes of the memory. */
    byte[] read(int address, int length);

    /** Changes the memory. */
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

    /** How numbers are written in exercises. */
    enum ValueType {
        I32,
        I64,
        F32,
        F64,
        /** A vector or a reference, of which the bits are told. */
        OTHER
    }

    /** How a call ended. */
    sealed interface Called {
        /** @param results one a result */
        @SuppressWarnings("ArrayRecordComponent") // made, read once and dropped
        record Returned(long[] results) implements Called {}

        /** @param said what trap it was, the same at every run */
        record Trapped(String said) implements Called {}

        /** @param status given to WASI's {@code exit} */
        record Exited(int status) implements Called {}
    }
}
