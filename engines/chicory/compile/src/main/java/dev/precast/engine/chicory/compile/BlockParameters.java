package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.Encoding;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.RawSection;
import com.dylibso.chicory.wasm.types.SectionId;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
final class BlockParameters {
    private static final int FUNCTION_TYPE = 0x60;
    private static final byte[] NO_VALUES = {FUNCTION_TYPE, 0, 0};

    /** The engine's parser takes these indices for value types if a block has them. */
    private static final int FIRST_AMBIGUOUS = 64;

    private static final int LAST_AMBIGUOUS = 127;

    private final WasmModule module;
    private final ModuleTypes types;
    private final List<byte[]> newTypes = new ArrayList<>();
    /** The results of rewritten blocks that have several, with the indices of new types. */
    private final Map<List<ValType>, Integer> results = new HashMap<>();

    private BlockParameters(WasmModule module) {
        this.module = module;
        this.types = new ModuleTypes(module);
    }

    /**
     * The module with rewritten blocks; empty if it has none to rewrite.
     *
     * @param module {@code wasm} as the engine's parser reads it
     */
    static Optional<byte[]> rewrite(byte[] wasm, WasmModule module) {
        BlockParameters blocks = new BlockParameters(module);
        List<FunctionBody> bodies = new ArrayList<>();
        for (int i = 0; i < module.codeSection().functionBodyCount(); i++) {
            bodies.add(module.codeSection().getFunctionBody(i));
        }
        return bodies.stream().anyMatch(blocks::isWrong) ? Optional.of(blocks.write(wasm)) : Optional.empty();
    }

    private boolean isWrong(FunctionBody body) {
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

    private byte[] write(byte[] wasm) {
        List<RawSection> sections = new ArrayList<>();
        Parser.parseWithoutDecoding(wasm, section -> sections.add((RawSection) section));
        // The code comes last, but decides which types are new.
        byte[] code = sections.stream()
                .filter(each -> each.sectionId() == SectionId.CODE)
                .map(each -> code(each.contents()))
                .findFirst()
                .orElseThrow();
        WasmWriter writer = new WasmWriter();
        for (RawSection section : sections) {
            byte[] contents = section.contents();
            writer.writeSection(
                    section.sectionId(),
                    switch (section.sectionId()) {
                        case SectionId.TYPE -> SplitFunctions.append(contents, newTypes);
                        case SectionId.CODE -> code;
                        default -> contents;
                    });
        }
        return writer.bytes();
    }

    private int typeOf(List<ValType> several) {
        return results.computeIfAbsent(several, key -> {
            while (index() >= FIRST_AMBIGUOUS && index() <= LAST_AMBIGUOUS) {
                newTypes.add(NO_VALUES);
            }
            int index = index();
            newTypes.add(type(key));
            return index;
        });
    }

    /** The index of the next new type. */
    private int index() {
        return module.typeSection().subTypeCount() + newTypes.size();
    }

    private static byte[] type(List<ValType> results) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(FUNCTION_TYPE);
        out.write(0);
        WasmWriter.writeVarUInt32(out, results.size());
        results.forEach(each -> write(out, each));
        return out.toByteArray();
    }

    private byte[] code(byte[] contents) {
        ByteBuffer in = ByteBuffer.wrap(contents);
        ByteArrayOutputStream out = new ByteArrayOutputStream(contents.length);
        int count = (int) Encoding.readVarUInt32(in);
        WasmWriter.writeVarUInt32(out, count);
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[(int) Encoding.readVarUInt32(in)];
            in.get(bytes);
            FunctionBody body = module.codeSection().getFunctionBody(i);
            if (isWrong(body)) {
                FunctionType type = types.function(types.importedFunctions() + i);
                bytes = new BodyRewriter(bytes, body, type.params().size()).rewritten();
            }
            WasmWriter.writeVarUInt32(out, bytes.length);
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    /** Writes a type as the binary format does. */
    private static void write(ByteArrayOutputStream out, ValType type) {
        out.write(type.opcode());
        if (type.isReference()) {
            writeSigned(out, type.typeIdx());
        }
    }

    private static void writeSigned(ByteArrayOutputStream out, int value) {
        int left = value;
        while (left < -64 || left > 63) {
            out.write((left & 0x7f) | 0x80);
            left >>= 7;
        }
        out.write(left & 0x7f);
    }

    /** Rewrites one function. All its blocks use the same locals, since each reads them before another writes them. */
    private final class BodyRewriter {
        private static final int IF = 0x04;
        private static final int ELSE = 0x05;
        private static final int LOCAL_GET = 0x20;
        private static final int LOCAL_SET = 0x21;

        private final byte[] bytes;
        private final List<AnnotatedInstruction> instructions;
        private final int start;
        private final int firstLocal;
        private final List<ValType> locals = new ArrayList<>();
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        /** The locals that the second branch of each open block reads; none but for an {@code if} without {@code else}. */
        private final List<List<Integer>> open = new ArrayList<>();

        BodyRewriter(byte[] bytes, FunctionBody body, int parameters) {
            this.bytes = bytes;
            this.instructions = body.instructions();
            // The parser counts from the start of the file. A body ends with an instruction of one byte.
            this.start = instructions.get(instructions.size() - 1).address() - (bytes.length - 1);
            this.firstLocal = parameters + body.localTypes().size();
        }

        byte[] rewritten() {
            for (int i = 0; i < instructions.size(); i++) {
                int end = i + 1 < instructions.size() ? at(i + 1) : bytes.length;
                write(i, at(i), end);
            }
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            ByteBuffer in = ByteBuffer.wrap(bytes);
            WasmWriter.writeVarUInt32(body, (int) Encoding.readVarUInt32(in) + locals.size());
            body.write(bytes, in.position(), at(0) - in.position());
            for (ValType local : locals) {
                WasmWriter.writeVarUInt32(body, 1);
                BlockParameters.write(body, local);
            }
            body.writeBytes(out.toByteArray());
            return body.toByteArray();
        }

        private int at(int instruction) {
            return instructions.get(instruction).address() - start;
        }

        private void write(int instruction, int at, int end) {
            switch (instructions.get(instruction).opcode()) {
                case BLOCK, LOOP, IF, TRY_TABLE -> {
                    if (isWrong(instructions, instruction)) {
                        int type = (int) instructions.get(instruction).operand(0);
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
            switch (type.returns().size()) {
                case 0 -> out.write(ModuleTypes.EMPTY);
                case 1 -> BlockParameters.write(out, type.returns().get(0));
                default -> writeSigned(out, typeOf(type.returns()));
            }
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
