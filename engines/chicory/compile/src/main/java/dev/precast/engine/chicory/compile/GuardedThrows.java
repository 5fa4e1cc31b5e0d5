package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.Encoding;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.OpCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Rewrites functions for the interpreter, which runs a {@code catch_all} when the reference of a {@code throw_ref} is null.
 * The specification demands a trap, which no handler catches. So a {@code ref.as_non_null} precedes each {@code throw_ref};
 * it traps.
 */
final class GuardedThrows {
    private static final int REF_AS_NON_NULL = 0xd4;

    private GuardedThrows() {}

    /**
     * The new contents of the code section.
     *
     * @param module the module with the section, as the engine's parser reads it
     */
    static byte[] rewrite(WasmModule module, byte[] code) {
        ByteBuffer in = ByteBuffer.wrap(code);
        ByteArrayOutputStream out = new ByteArrayOutputStream(code.length);
        int count = (int) Encoding.readVarUInt32(in);
        WasmWriter.writeVarUInt32(out, count);
        for (int i = 0; i < count; i++) {
            int end = (int) Encoding.readVarUInt32(in) + in.position();
            List<AnnotatedInstruction> body =
                    module.codeSection().getFunctionBody(i).instructions();
            // The parser counts from the start of the file. A body ends with an instruction of one byte.
            int start = body.get(body.size() - 1).address() - (end - 1);
            int[] throwing = body.stream()
                    .filter(each -> each.opcode() == OpCode.THROW_REF)
                    .mapToInt(each -> each.address() - start)
                    .toArray();
            WasmWriter.writeVarUInt32(out, end - in.position() + throwing.length);
            for (int at : throwing) {
                out.write(code, in.position(), at - in.position());
                out.write(REF_AS_NON_NULL);
                in.position(at);
            }
            out.write(code, in.position(), end - in.position());
            in.position(end);
        }
        return out.toByteArray();
    }
}
