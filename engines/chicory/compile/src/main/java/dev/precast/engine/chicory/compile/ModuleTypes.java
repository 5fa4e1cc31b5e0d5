package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CompType;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FieldType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.TagImport;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;

/** The types of a module's functions, tags and objects, by index; imported ones come first. */
final class ModuleTypes {
    /** The operand of a block without parameters and results. */
    static final int EMPTY = 0x40;

    private final WasmModule module;
    private final List<FunctionImport> functions;
    private final List<TagImport> tags;

    ModuleTypes(WasmModule module) {
        this.module = module;
        this.functions = imports(ExternalType.FUNCTION, FunctionImport.class);
        this.tags = imports(ExternalType.TAG, TagImport.class);
    }

    private <T extends Import> List<T> imports(ExternalType type, Class<T> kind) {
        return module.importSection().stream()
                .filter(each -> each.importType() == type)
                .map(kind::cast)
                .toList();
    }

    int importedFunctions() {
        return functions.size();
    }

    FunctionType function(int index) {
        return type(
                index < functions.size()
                        ? functions.get(index).typeIndex()
                        : module.functionSection().getFunctionType(index - functions.size()));
    }

    /** The type of functions with this index in the type section. */
    FunctionType type(int index) {
        return module.typeSection().getType(index);
    }

    /** The number of results of a block. */
    int results(Instruction block) {
        long type = block.operand(0);
        if (type == EMPTY) {
            return 0;
        }
        return ValType.isValid(type) ? 1 : type((int) type).returns().size();
    }

    /** The type of references to functions of a type; null is one of them. */
    ValType reference(int type) {
        return ValType.builder()
                .withOpcode(ValType.ID.RefNull)
                .withTypeIdx(type)
                .build();
    }

    /** The number of parameters of a block. */
    int parameters(Instruction block) {
        long type = block.operand(0);
        return type == EMPTY || ValType.isValid(type)
                ? 0
                : type((int) type).params().size();
    }

    FunctionType tag(int index) {
        return type(
                index < tags.size()
                        ? tags.get(index).tagType().typeIdx()
                        : module.tagSection()
                                .orElseThrow()
                                .getTag(index - tags.size())
                                .typeIdx());
    }

    /** Whether a heap type is a type of functions that the module defines. */
    boolean isFunctionType(long heapType) {
        return heapType >= 0 && composite(heapType).funcType() != null;
    }

    /** The JVM's slots for the fields of a struct. */
    long structSlots(long type) {
        long slots = 0;
        for (FieldType field : composite(type).structType().fieldTypes()) {
            slots += slots(field);
        }
        return slots;
    }

    /** The JVM's slots for the elements of an array. */
    long arraySlots(long type, long length) {
        return length * slots(composite(type).arrayType().fieldType());
    }

    private CompType composite(long type) {
        return module.typeSection().getSubType((int) type).compType();
    }

    private static int slots(FieldType field) {
        ValType type = field.storageType().valType();
        return type == null ? 1 : slots(type);
    }

    /** The JVM's slots for the parameters of a function or tag. */
    static long parameterSlots(FunctionType type) {
        return type.params().stream().mapToInt(ModuleTypes::slots).sum();
    }

    private static int slots(ValType type) {
        return type.equals(ValType.I64) || type.equals(ValType.F64) ? 2 : 1;
    }
}
