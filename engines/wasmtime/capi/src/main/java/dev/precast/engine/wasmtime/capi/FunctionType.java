package dev.precast.engine.wasmtime.capi;

import java.util.List;

/**
 * Parameters and results of an exported function.
 *
 * @param parameters in order
 * @param results in order
 */
public record FunctionType(List<NumberType> parameters, List<NumberType> results) {
    public FunctionType {
        parameters = List.copyOf(parameters);
        results = List.copyOf(results);
    }

    /** Types of numbers, in the order of the constants from {@code WASMTIME_I32} on. */
    public enum NumberType {
        I32,
        I64,
        /** Represented by the bits of {@link Float#floatToRawIntBits}. */
        F32,
        /** Represented by the bits of {@link Double#doubleToRawLongBits}. */
        F64
    }
}
