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
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rewrites blocks with parameters, which the engine's compiler and its interpreter get wrong. After a branch to the end of
 * such a block, values remain that the block has left over, as many as it has parameters; and the interpreter puts zeros
 * below it if there are fewer other values. So the parameters of each {@code block}, {@code if} and {@code try_table} are
 * written to new locals before it, and read in it.
 *
 * <p>A loop with a branch to it keeps its parameters, since the branch brings new ones. The compiler gets such a loop right, the
 * interpreter does not.
 */
final class BlockParameters extends BodyRewriter {
    BlockParameters(WasmModule module) {
        super(module);
    }

    @Override
    boolean concerns(FunctionBody body) {
        return IntStream.range(0, body.instructions().size()).anyMatch(i -> isWrong(body.instructions(), i));
    }

    private boolean isWrong(List<AnnotatedInstruction> instructions, int i) {
        return switch (instructions.get(i).opcode()) {
            case BLOCK, IF, TRY_TABLE -> types.parameters(instructions.get(i)) > 0;
            case LOOP ->
                types.parameters(instructions.get(i)) > 0
                        && instructions.stream().noneMatch(each -> branchesTo(each, i + 1));
            default -> false;
        };
    }

    /** Whether an instruction has the label of the loop whose first instruction is {@code target}. */
    private static boolean branchesTo(AnnotatedInstruction each, int target) {
        return each.labelTrue() == target
                || each.labelTable().contains(target)
                || (each.opcode() == OpCode.TRY_TABLE
                        && each.catches().stream().anyMatch(one -> one.resolvedLabel() == target));
    }

    @Override
    byte[] rewritten(Body body) {
        return new Writer(body).rewritten();
    }

    /** Rewrites one function. All its blocks use the same locals, since each reads them before another writes them. */
    private final class Writer {
        private static final int IF = 0x04;
        private static final int ELSE = 0x05;
        private static final int LOCAL_GET = 0x20;
        private static final int LOCAL_SET = 0x21;

        private final Body body;
        private final byte[] bytes;
        private final int firstLocal;
        private final List<ValType> locals = new ArrayList<>();
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        /** The locals that the second branch of each open block reads; none but for an {@code if} without {@code else}. */
        private final List<List<Integer>> open = new ArrayList<>();

        Writer(Body body) {
            this.body = body;
            this.bytes = body.bytes();
            this.firstLocal = body.parameters() + body.read().localTypes().size();
        }

        byte[] rewritten() {
            for (int i = 0; i < body.instructions().size(); i++) {
                write(i, body.at(i), body.at(i + 1));
            }
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuffer in = ByteBuffer.wrap(bytes);
            WasmWriter.writeVarUInt32(all, (int) Encoding.readVarUInt32(in) + locals.size());
            all.write(bytes, in.position(), body.at(0) - in.position());
            for (ValType local : locals) {
                WasmWriter.writeVarUInt32(all, 1);
                BlockTypes.write(all, local);
            }
            all.writeBytes(out.toByteArray());
            return all.toByteArray();
        }

        private void write(int instruction, int at, int end) {
            switch (body.instructions().get(instruction).opcode()) {
                case BLOCK, LOOP, IF, TRY_TABLE -> {
                    if (isWrong(body.instructions(), instruction)) {
                        int type = (int) body.instructions().get(instruction).operand(0);
                        writeBlock(types.type(type), at, end);
                    } else {
                        open.add(List.of());
                        out.write(bytes, at, end - at);
                    }
                }
                case ELSE -> {
                    out.write(bytes, at, end - at);
                    read(open.set(open.size() - 1, List.of()));
                }
                case END -> {
                    // The end of the function closes no block.
                    List<Integer> parameters = open.isEmpty() ? List.of() : open.remove(open.size() - 1);
                    if (!parameters.isEmpty()) {
                        out.write(ELSE);
                        read(parameters);
                    }
                    out.write(bytes, at, end - at);
                }
                default -> out.write(bytes, at, end - at);
            }
        }

        private void writeBlock(FunctionType type, int at, int end) {
            List<ValType> values = new ArrayList<>(type.params());
            boolean isIf = bytes[at] == IF;
            if (isIf) {
                values.add(ValType.I32);
            }
            List<Integer> kept = locals(values);
            for (int i = kept.size() - 1; i >= 0; i--) {
                local(LOCAL_SET, kept.get(i));
            }
            List<Integer> parameters = kept.subList(0, type.params().size());
            if (isIf) {
                local(LOCAL_GET, kept.get(parameters.size()));
            }
            out.write(bytes[at]);
            blockTypes.writeBlockType(out, type.returns());
            // A try_table has its handlers behind its type.
            ByteBuffer in = ByteBuffer.wrap(bytes).position(at + 1);
            Encoding.readVarSInt32(in);
            out.write(bytes, in.position(), end - in.position());
            read(parameters);
            open.add(isIf ? parameters : List.of());
        }

        /** Locals of these types, each another one. */
        private List<Integer> locals(List<ValType> values) {
            List<Integer> found = new ArrayList<>();
            for (ValType value : values) {
                int local = 0;
                while (local < locals.size()
                        && (found.contains(local) || !locals.get(local).equals(value))) {
                    local++;
                }
                if (local == locals.size()) {
                    locals.add(value);
                }
                found.add(local);
            }
            return found;
        }

        private void read(List<Integer> parameters) {
            parameters.forEach(each -> local(LOCAL_GET, each));
        }

        private void local(int opcode, int local) {
            out.write(opcode);
            WasmWriter.writeVarUInt32(out, firstLocal + local);
        }
    }
}
