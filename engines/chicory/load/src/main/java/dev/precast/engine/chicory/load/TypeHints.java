package dev.precast.engine.chicory.load;

import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.TypeSection;
import com.dylibso.chicory.wasm.types.ValType.TypeIdxCode;
import java.util.Set;

/**
 * Writes to the casts of a function body what the engine's validator would have written: the top of the hierarchy of the
 * heap type in the instruction. The interpreter needs it to read a reference. Bodies of bundles are not validated again.
 *
 * <p>The other types that the validator writes are those of {@code drop} and {@code select} on vectors, which the
 * compiler does not support.
 */
final class TypeHints {
    private static final Set<Integer> FUNCTIONS = codes(TypeIdxCode.FUNC, TypeIdxCode.NOFUNC);
    private static final Set<Integer> EXTERNAL = codes(TypeIdxCode.EXTERN, TypeIdxCode.NOEXTERN);
    private static final Set<Integer> INTERNAL = codes(
            TypeIdxCode.ANY, TypeIdxCode.EQ, TypeIdxCode.I31, TypeIdxCode.STRUCT, TypeIdxCode.ARRAY, TypeIdxCode.NONE);

    private TypeHints() {}

    /**
     * Changes the body's instructions, so the body must not be in use yet.
     *
     * @throws IllegalArgumentException if a cast names a type that the module does not have
     */
    static void write(FunctionBody body, TypeSection types) {
        for (Instruction each : body.instructions()) {
            switch (each.opcode()) {
                case REF_TEST, REF_TEST_NULL, CAST_TEST, CAST_TEST_NULL ->
                    each.setOperand(1, top((int) each.operand(0), types));
                case BR_ON_CAST, BR_ON_CAST_FAIL -> each.setOperand(4, top((int) each.operand(2), types));
                default -> {
                    // No other instruction has a hint.
                }
            }
        }
    }

    /** The top of the hierarchy of a heap type: of one of the specification's three, or the type itself. */
    private static int top(int heapType, TypeSection types) {
        if (heapType >= types.subTypeCount()) {
            throw new IllegalArgumentException(
                    "type " + heapType + ": unknown (the module has " + types.subTypeCount() + " types)");
        }
        if (heapType >= 0) {
            boolean function = types.getSubType(heapType).compType().funcType() != null;
            return (function ? TypeIdxCode.FUNC : TypeIdxCode.ANY).code();
        }
        if (FUNCTIONS.contains(heapType)) {
            return TypeIdxCode.FUNC.code();
        }
        if (EXTERNAL.contains(heapType)) {
            return TypeIdxCode.EXTERN.code();
        }
        return INTERNAL.contains(heapType) ? TypeIdxCode.ANY.code() : heapType;
    }

    private static Set<Integer> codes(TypeIdxCode... types) {
        return Set.copyOf(java.util.Arrays.stream(types).map(TypeIdxCode::code).toList());
    }
}
