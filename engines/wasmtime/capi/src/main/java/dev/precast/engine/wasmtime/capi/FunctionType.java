package dev.precast.engine.wasmtime.capi;

import java.util.List;

/**
 * What an exported function takes and gives.
 *
 * @param parameters in order
 * @param results in order
 */
public record FunctionType(List<NumberType> parameters, List<NumberType> results) {
    public FunctionType {
        parameters = List.copyOf(parameters);
        results = List.copyOf(results);
    }

    /** Types of numbers, in the order of {@code WASMTIME_I32} and those that follow it. */
    public enum NumberType {
        I32,
        I64,
        /** Its bits are those of {@link Float#floatToRawIntBits}. */
        F32,
        /** Its bits are those of {@link Double#doubleToRawLongBits}. */
        F64
    }
}
