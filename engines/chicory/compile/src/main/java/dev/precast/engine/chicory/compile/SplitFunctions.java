package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.Encoding;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.SectionId;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Rewrites a module for the interpreter, which fails when a function with locals tail-calls itself. Each such function becomes
 * two. The first keeps the index and tail-calls the second with its parameters and with zeros. The second, at the end of the
 * module, has the body, and the locals as parameters. So none of them tail-calls itself.
 */
final class SplitFunctions {
    /** The specification's limit for implementations. */
    private static final int MAX_PARAMETERS = 1_000;

    /** The types of numbers, and the instructions that give a zero. */
    private static final Map<ValType, byte[]> ZEROS = Map.of(
            ValType.I32, new byte[] {0x41, 0},
            ValType.I64, new byte[] {0x42, 0},
            ValType.F32, new byte[] {0x43, 0, 0, 0, 0},
            ValType.F64, new byte[] {0x44, 0, 0, 0, 0, 0, 0, 0, 0});

    private final WasmModule module;
    private final ModuleTypes types;
    private final Set<Integer> functions;

    /** @param functions indices of functions that {@link #isPossible} */
    SplitFunctions(WasmModule module, List<Integer> functions) {
        this.module = module;
        this.types = new ModuleTypes(module);
        this.functions = new TreeSet<>(functions);
    }

    /** Whether a function has numbers only, and not too many of them. */
    static boolean isPossible(FunctionType type, FunctionBody body) {
        return type.params().size() + body.localTypes().size() <= MAX_PARAMETERS
                && Stream.of(type.params(), type.returns(), body.localTypes())
                        .flatMap(List::stream)
                        .allMatch(ZEROS::containsKey);
    }

    /** The new contents of a section. */
    byte[] rewrite(int section, byte[] contents) {
        if (functions.isEmpty()) {
            return contents;
        }
        return switch (section) {
            case SectionId.TYPE ->
                append(contents, functions.stream().map(this::type).toList());
            case SectionId.FUNCTION -> append(contents, typeIndices());
            case SectionId.CODE -> code(contents);
            default -> contents;
        };
    }

    /** A section with more entries. */
    static byte[] append(byte[] contents, List<byte[]> entries) {
        ByteBuffer in = ByteBuffer.wrap(contents);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        WasmWriter.writeVarUInt32(out, (int) Encoding.readVarUInt32(in) + entries.size());
        out.write(contents, in.position(), in.remaining());
        entries.forEach(out::writeBytes);
        return out.toByteArray();
    }

    private byte[] type(int function) {
        List<ValType> parameters = new ArrayList<>(types.function(function).params());
        parameters.addAll(body(function).localTypes());
        return BlockTypes.functionType(parameters, types.function(function).returns());
    }

    private List<byte[]> typeIndices() {
        List<byte[]> indices = new ArrayList<>();
        for (int i = 0; i < functions.size(); i++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            WasmWriter.writeVarUInt32(out, module.typeSection().subTypeCount() + i);
            indices.add(out.toByteArray());
        }
        return indices;
    }

    private byte[] code(byte[] contents) {
        ByteBuffer in = ByteBuffer.wrap(contents);
        int count = (int) Encoding.readVarUInt32(in);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<byte[]> second = new ArrayList<>();
        WasmWriter.writeVarUInt32(out, count + functions.size());
        for (int i = 0; i < count; i++) {
            byte[] body = new byte[(int) Encoding.readVarUInt32(in)];
            in.get(body);
            int function = types.importedFunctions() + i;
            if (functions.contains(function)) {
                write(out, first(function, types.importedFunctions() + count + second.size()));
                second.add(withoutLocals(body));
            } else {
                write(out, body);
            }
        }
        second.forEach(body -> write(out, body));
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, byte[] body) {
        WasmWriter.writeVarUInt32(out, body.length);
        out.writeBytes(body);
    }

    private byte[] first(int function, int second) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        for (int i = 0; i < types.function(function).params().size(); i++) {
            out.write(0x20);
            WasmWriter.writeVarUInt32(out, i);
        }
        for (ValType local : body(function).localTypes()) {
            out.writeBytes(ZEROS.getOrDefault(local, new byte[0]));
        }
        out.write(0x12);
        WasmWriter.writeVarUInt32(out, second);
        out.write(0x0b);
        return out.toByteArray();
    }

    private static byte[] withoutLocals(byte[] body) {
        ByteBuffer in = ByteBuffer.wrap(body);
        int groups = (int) Encoding.readVarUInt32(in);
        for (int i = 0; i < groups; i++) {
            Encoding.readVarUInt32(in);
            in.get();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.write(body, in.position(), in.remaining());
        return out.toByteArray();
    }

    private FunctionBody body(int function) {
        return module.codeSection().getFunctionBody(function - types.importedFunctions());
    }
}
