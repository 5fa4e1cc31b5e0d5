package dev.precast.engine.chicory.load;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Instruction;

/** Finds instructions on vectors, which the engine's default interpreter lacks. */
final class SimdScan {
    /** The first byte of all opcodes on vectors. */
    private static final int PREFIX = 0xfd;

    private SimdScan() {}

    static boolean usesSimd(WasmModule module) {
        for (int i = 0; i < module.codeSection().functionBodyCount(); i++) {
            for (Instruction each : module.codeSection().getFunctionBody(i).instructions()) {
                if (each.opcode().opcode() >>> 8 == PREFIX) {
                    return true;
                }
            }
        }
        return false;
    }
}
