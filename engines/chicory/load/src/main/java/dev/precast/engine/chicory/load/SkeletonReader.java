package dev.precast.engine.chicory.load;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.CustomSection;
import com.dylibso.chicory.wasm.types.DataCountSection;
import com.dylibso.chicory.wasm.types.DataSection;
import com.dylibso.chicory.wasm.types.ElementSection;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.GlobalSection;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.Section;
import com.dylibso.chicory.wasm.types.SectionId;
import com.dylibso.chicory.wasm.types.StartSection;
import com.dylibso.chicory.wasm.types.TableSection;
import com.dylibso.chicory.wasm.types.TagSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import dev.precast.artifact.ModuleDigest;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses a bundle's module, skipping the code section of a skeleton. Does not validate the module, because the compile
 * side validated it before the worker signed these bytes.
 */
final class SkeletonReader {
    /**
     * Placeholder for all compiled bodies; it never runs. It is not null, because the interpreter treats null as an
     * imported function.
     */
    private static final FunctionBody COMPILED = new FunctionBody(
            List.of(),
            List.of(AnnotatedInstruction.builder()
                    .from(new Instruction(0, OpCode.UNREACHABLE, Instruction.EMPTY_OPERANDS))
                    .build()));

    private static final int[] ALL_BUT_CODE = {
        SectionId.CUSTOM,
        SectionId.TYPE,
        SectionId.IMPORT,
        SectionId.FUNCTION,
        SectionId.TABLE,
        SectionId.MEMORY,
        SectionId.TAG,
        SectionId.GLOBAL,
        SectionId.EXPORT,
        SectionId.START,
        SectionId.ELEMENT,
        SectionId.DATA_COUNT,
        SectionId.DATA
    };

    private SkeletonReader() {}

    /** @param skeleton the module; its code section is ignored */
    static WasmModule withoutCode(byte[] skeleton, ModuleDigest module) {
        Parser.Builder parser = Parser.builder().withValidation(false);
        for (int id : ALL_BUT_CODE) {
            parser.includeSectionId(id);
        }
        DataReader.Split split = DataReader.split(skeleton);
        return split == null
                ? read(parser.build(), skeleton, null, module)
                : read(parser.build(), split.rest(), split.data(), module);
    }

    /** @param wasm the module with all bodies */
    static WasmModule withCode(byte[] wasm, ModuleDigest module) {
        WasmModule whole = read(Parser.builder().withValidation(false).build(), wasm, null, module);
        for (int i = 0; i < whole.codeSection().functionBodyCount(); i++) {
            TypeHints.write(whole.codeSection().getFunctionBody(i), whole.typeSection());
        }
        return whole;
    }

    /** @param data the data section; null if {@code wasm} contains it */
    private static WasmModule read(Parser parser, byte[] wasm, @Nullable DataSection data, ModuleDigest module) {
        WasmModule.Builder builder = WasmModule.builder().withValidation(false).withDigest(engineDigest(module));
        if (data != null) {
            builder.setDataSection(data);
        }
        int[] bodies = new int[2];
        parser.parse(new ByteArrayInputStream(wasm), section -> {
            if (section instanceof FunctionSection functions) {
                bodies[0] = functions.functionCount();
            } else if (section instanceof CodeSection code) {
                bodies[1] = code.functionBodyCount();
            }
            add(builder, section);
        });
        if (bodies[1] == 0 && bodies[0] > 0) {
            CodeSection.Builder code = CodeSection.builder();
            for (int i = 0; i < bodies[0]; i++) {
                code.addFunctionBody(COMPILED);
            }
            builder.setCodeSection(code.build());
        }
        return builder.build();
    }

    private static void add(WasmModule.Builder builder, Section section) {
        switch (section.sectionId()) {
            case SectionId.CUSTOM -> {
                CustomSection custom = (CustomSection) section;
                builder.addCustomSection(custom.name(), custom);
            }
            case SectionId.TYPE -> builder.setTypeSection((TypeSection) section);
            case SectionId.IMPORT -> builder.setImportSection((ImportSection) section);
            case SectionId.FUNCTION -> builder.setFunctionSection((FunctionSection) section);
            case SectionId.TABLE -> builder.setTableSection((TableSection) section);
            case SectionId.MEMORY -> builder.setMemorySection((MemorySection) section);
            case SectionId.TAG -> builder.setTagSection((TagSection) section);
            case SectionId.GLOBAL -> builder.setGlobalSection((GlobalSection) section);
            case SectionId.EXPORT -> builder.setExportSection((ExportSection) section);
            case SectionId.START -> builder.setStartSection((StartSection) section);
            case SectionId.ELEMENT -> builder.setElementSection((ElementSection) section);
            case SectionId.DATA_COUNT -> builder.setDataCountSection((DataCountSection) section);
            case SectionId.CODE -> builder.setCodeSection((CodeSection) section);
            case SectionId.DATA -> builder.setDataSection((DataSection) section);
            default -> throw new IllegalStateException("section " + section.sectionId() + ": unknown id");
        }
    }

    /** The digest in the form that the engine's own parser uses. */
    private static String engineDigest(ModuleDigest module) {
        return "sha-256:" + Base64.getEncoder().encodeToString(module.digest().raw());
    }
}
