package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes the types of new blocks. A block without parameters and with several results needs a new type of the module. */
final class BlockTypes {
    private static final int FUNCTION_TYPE = 0x60;

    /** The engine's parser takes these indices for value types if a block has them. */
    private static final int FIRST_AMBIGUOUS = 64;

    private static final int LAST_AMBIGUOUS = 127;

    private final int existing;
    private final List<byte[]> added = new ArrayList<>();
    private final Map<List<ValType>, Integer> indices = new HashMap<>();

    BlockTypes(WasmModule module) {
        this.existing = module.typeSection().subTypeCount();
    }

    /** The new types, in the order of their indices. */
    List<byte[]> added() {
        return added;
    }

    /** Writes the type of a block without parameters. */
    void writeBlockType(ByteArrayOutputStream out, List<ValType> results) {
        switch (results.size()) {
            case 0 -> out.write(ModuleTypes.EMPTY);
            case 1 -> write(out, results.get(0));
            default -> writeSigned(out, indices.computeIfAbsent(results, this::add));
        }
    }

    private int add(List<ValType> results) {
        while (next() >= FIRST_AMBIGUOUS && next() <= LAST_AMBIGUOUS) {
            added.add(functionType(List.of(), List.of()));
        }
        int index = next();
        added.add(functionType(List.of(), results));
        return index;
    }

    private int next() {
        return existing + added.size();
    }

    /** A function type in the binary format. */
    static byte[] functionType(List<ValType> parameters, List<ValType> results) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(FUNCTION_TYPE);
        write(out, parameters);
        write(out, results);
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, List<ValType> types) {
        WasmWriter.writeVarUInt32(out, types.size());
        types.forEach(each -> write(out, each));
    }

    /** Writes the type of a value as the binary format does. */
    static void write(ByteArrayOutputStream out, ValType type) {
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
}
