package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.OpCode;
import java.io.ByteArrayOutputStream;

/**
 * Rewrites functions for the interpreter, which runs a {@code catch_all} when the reference of a {@code throw_ref} is null.
 * The specification demands a trap, which no handler catches. So a {@code ref.as_non_null} precedes each {@code throw_ref};
 * it traps.
 */
final class GuardedThrows extends BodyRewriter {
    private static final int REF_AS_NON_NULL = 0xd4;

    GuardedThrows(WasmModule module) {
        super(module);
    }

    @Override
    boolean concerns(FunctionBody body) {
        return body.instructions().stream().anyMatch(each -> each.opcode() == OpCode.THROW_REF);
    }

    @Override
    byte[] rewritten(Body body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int copied = 0;
        for (int i = 0; i < body.instructions().size(); i++) {
            if (body.instructions().get(i).opcode() == OpCode.THROW_REF) {
                out.write(body.bytes(), copied, body.at(i) - copied);
                out.write(REF_AS_NON_NULL);
                copied = body.at(i);
            }
        }
        out.write(body.bytes(), copied, body.bytes().length - copied);
        return out.toByteArray();
    }
}
