package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;

/** The rule for initial values of tables, which the engine checks only when it makes an instance. */
final class TableChecks {
    private TableChecks() {}

    /** @throws RejectedException if the initial value of a table names a global that the module does not import */
    static void requireValid(WasmModule module) throws RejectedException {
        int imported = module.importSection().count(ExternalType.GLOBAL);
        for (int i = 0; i < module.tableSection().tableCount(); i++) {
            for (Instruction each : module.tableSection().getTable(i).initialize()) {
                if (each.opcode() == OpCode.GLOBAL_GET && Long.compareUnsigned(each.operand(0), imported) >= 0) {
                    int table = module.importSection().count(ExternalType.TABLE) + i;
                    throw new RejectedException(
                            RejectedException.INVALID,
                            "unknown global " + Long.toUnsignedString(each.operand(0))
                                    + " in the initial value of table " + table + " (the module imports " + imported
                                    + ")");
                }
            }
        }
    }
}
