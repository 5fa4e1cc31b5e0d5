package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.Encoding;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Rewrites tail calls, at which the engine's interpreter leaves values of the caller below the results. The body goes into
 * blocks, one for each different tail call; a branch to the end of a block takes the arguments and nothing else along, and the
 * tail call follows there.
 */
final class TailCallExits extends BodyRewriter {
    private static final Set<OpCode> TAIL_CALLS =
            EnumSet.of(OpCode.RETURN_CALL, OpCode.RETURN_CALL_INDIRECT, OpCode.RETURN_CALL_REF);
    private static final int BLOCK = 0x02;
    private static final int END = 0x0b;
    private static final int BRANCH = 0x0c;
    private static final int RETURN = 0x0f;

    TailCallExits(WasmModule module) {
        super(module);
    }

    @Override
    boolean concerns(FunctionBody body) {
        return body.instructions().stream().anyMatch(each -> TAIL_CALLS.contains(each.opcode()));
    }

    @Override
    byte[] rewritten(Body body) {
        List<AnnotatedInstruction> instructions = body.instructions();
        List<ByteBuffer> exits = new ArrayList<>();
        List<List<ValType>> arguments = new ArrayList<>();
        for (int i = 0; i < instructions.size(); i++) {
            if (TAIL_CALLS.contains(instructions.get(i).opcode()) && !exits.contains(bytes(body, i))) {
                exits.add(bytes(body, i));
                arguments.add(arguments(instructions.get(i)));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(body.bytes(), 0, body.at(0));
        for (int i = exits.size() - 1; i >= 0; i--) {
            out.write(BLOCK);
            blockTypes.writeBlockType(out, arguments.get(i));
        }
        int open = 0;
        for (int i = 0; i < instructions.size() - 1; i++) {
            AnnotatedInstruction each = instructions.get(i);
            if (TAIL_CALLS.contains(each.opcode())) {
                out.write(BRANCH);
                WasmWriter.writeVarUInt32(out, open + exits.indexOf(bytes(body, i)));
            } else {
                write(out, each, bytes(body, i), open, exits.size());
            }
            open += switch (each.opcode()) {
                case BLOCK, LOOP, IF, TRY_TABLE -> 1;
                case END -> -1;
                default -> 0;
            };
        }
        out.write(RETURN);
        for (ByteBuffer exit : exits) {
            out.write(END);
            out.write(exit.array(), exit.arrayOffset() + exit.position(), exit.remaining());
        }
        out.write(END);
        return out.toByteArray();
    }

    private static ByteBuffer bytes(Body body, int instruction) {
        int at = body.at(instruction);
        return ByteBuffer.wrap(body.bytes(), at, body.at(instruction + 1) - at);
    }

    private List<ValType> arguments(AnnotatedInstruction call) {
        int operand = (int) call.operand(0);
        FunctionType type = call.opcode() == OpCode.RETURN_CALL ? types.function(operand) : types.type(operand);
        List<ValType> arguments = new ArrayList<>(type.params());
        switch (call.opcode()) {
            case RETURN_CALL_INDIRECT -> arguments.add(ValType.I32);
            case RETURN_CALL_REF -> arguments.add(types.reference(operand));
            default -> {
                // No other argument.
            }
        }
        return arguments;
    }

    /** Writes an instruction; a label of the function is {@code blocks} further out. */
    private static void write(
            ByteArrayOutputStream out, AnnotatedInstruction each, ByteBuffer bytes, int open, int blocks) {
        int start = bytes.position();
        switch (each.opcode()) {
            case BR, BR_IF, BR_ON_NULL, BR_ON_NON_NULL -> {
                out.write(bytes.get());
                writeLabel(out, bytes, open, blocks);
            }
            case BR_TABLE -> {
                out.write(bytes.get());
                int labels = (int) Encoding.readVarUInt32(bytes);
                WasmWriter.writeVarUInt32(out, labels);
                for (int i = 0; i <= labels; i++) {
                    writeLabel(out, bytes, open, blocks);
                }
            }
            case BR_ON_CAST, BR_ON_CAST_FAIL -> {
                // A prefix, the opcode and the nullness of both types.
                out.write(bytes.get());
                WasmWriter.writeVarUInt32(out, (int) Encoding.readVarUInt32(bytes));
                out.write(bytes.get());
                writeLabel(out, bytes, open, blocks);
            }
            case TRY_TABLE -> {
                out.write(bytes.get());
                int type = bytes.position();
                Encoding.readVarSInt32(bytes);
                out.write(bytes.array(), type, bytes.position() - type);
                int handlers = (int) Encoding.readVarUInt32(bytes);
                WasmWriter.writeVarUInt32(out, handlers);
                for (int i = 0; i < handlers; i++) {
                    int kind = bytes.get();
                    out.write(kind);
                    if (kind <= 1) {
                        WasmWriter.writeVarUInt32(out, (int) Encoding.readVarUInt32(bytes));
                    }
                    writeLabel(out, bytes, open, blocks);
                }
            }
            default -> bytes.position(start);
        }
        out.write(bytes.array(), bytes.position(), bytes.remaining());
    }

    private static void writeLabel(ByteArrayOutputStream out, ByteBuffer bytes, int open, int blocks) {
        int label = (int) Encoding.readVarUInt32(bytes);
        WasmWriter.writeVarUInt32(out, label < open ? label : label + blocks);
    }
}
