package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.Encoding;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.RawSection;
import com.dylibso.chicory.wasm.types.SectionId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Rewrites bodies of a module, so that they do the same and the engine gets them right. */
abstract class BodyRewriter {
    final ModuleTypes types;
    final BlockTypes blockTypes;
    private final WasmModule module;

    BodyRewriter(WasmModule module) {
        this.module = module;
        this.types = new ModuleTypes(module);
        this.blockTypes = new BlockTypes(module);
    }

    /** Whether a body has something to rewrite. */
    abstract boolean concerns(FunctionBody body);

    /** The new body, in the binary format without its size. */
    abstract byte[] rewritten(Body body);

    /**
     * A body that is rewritten.
     *
     * @param parameters the number of the function's parameters
     * @param bytes the body in the binary format, without its size
     */
    record Body(int parameters, FunctionBody read, byte[] bytes) {
        List<AnnotatedInstruction> instructions() {
            return read.instructions();
        }

        /** Where an instruction is in {@link #bytes}; for the number of instructions, where the body ends. */
        int at(int instruction) {
            if (instruction == instructions().size()) {
                return bytes.length;
            }
            // The parser counts from the start of the file. A body ends with an instruction of one byte.
            int start = instructions().get(instructions().size() - 1).address() - (bytes.length - 1);
            return instructions().get(instruction).address() - start;
        }
    }

    /**
     * The module with its new bodies; empty if there is nothing to rewrite.
     *
     * @param wasm the module, as the constructor has it read
     */
    final Optional<byte[]> rewrite(byte[] wasm) {
        boolean any = IntStream.range(0, module.codeSection().functionBodyCount())
                .anyMatch(i -> concerns(module.codeSection().getFunctionBody(i)));
        return any ? Optional.of(write(wasm)) : Optional.empty();
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
                        case SectionId.TYPE -> SplitFunctions.append(contents, blockTypes.added());
                        case SectionId.CODE -> code;
                        default -> contents;
                    });
        }
        return writer.bytes();
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
            if (concerns(body)) {
                int parameters =
                        types.function(types.importedFunctions() + i).params().size();
                bytes = rewritten(new Body(parameters, body, bytes));
            }
            WasmWriter.writeVarUInt32(out, bytes.length);
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }
}
