package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import java.util.List;

/**
 * The block whose end is the last instruction of a function. The engine's parser takes the end of the function for a second
 * end of this block, so the compiler gives a branch from the block to the end of the function the stack of a branch to the
 * end of the block.
 */
final class LastBlock {
    private LastBlock() {}

    /**
     * Whether a branch from the last block ends the function while values of the function are below the block. There are
     * such values only if the block has fewer results than the function.
     */
    static boolean isLeftAboveValues(FunctionBody body, FunctionType type, ModuleTypes types) {
        List<AnnotatedInstruction> all = body.instructions();
        int end = all.size() - 1;
        Instruction block = all.get(end).scope();
        return block.opcode() != OpCode.END
                && types.results(block) != type.returns().size()
                && all.stream()
                        .filter(each -> each.address() > block.address())
                        .anyMatch(each ->
                                each.labelTrue() == end || each.labelTable().contains(end));
    }
}
