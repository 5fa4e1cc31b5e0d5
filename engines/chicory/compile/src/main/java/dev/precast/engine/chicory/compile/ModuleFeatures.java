package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.AnnotatedInstruction;
import com.dylibso.chicory.wasm.types.CatchOpCode;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.ValType;
import dev.precast.engine.chicory.compile.Advisory.Condition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** What advisories ask of a module's functions. Functions are named by their indices. */
final class ModuleFeatures {
    /** The compiler reserves so many slots beside a {@code try_table} in any case. */
    private static final int RESERVED_SLOTS = 2;
    /** The compiler passes parameters with more slots in an array. */
    private static final int MAX_PARAMETER_SLOTS = 253;

    private static final int VECTOR_PREFIX = 0xfd;

    private final WasmModule module;
    private final ModuleTypes types;
    private final List<Integer> functions;
    private final List<Set<OpCode>> instructions = new ArrayList<>();
    private final Map<Condition, BitSet> conditions = new EnumMap<>(Condition.class);
    private final TailCalls tailCalls;
    private final List<Integer> split;
    private final List<Instruction> tableCopies = new ArrayList<>();
    private final Map<Integer, BitSet> tailCallTables = new HashMap<>();

    ModuleFeatures(WasmModule module) {
        this.module = module;
        this.types = new ModuleTypes(module);
        int imported = types.importedFunctions();
        this.tailCalls = new TailCalls(imported);
        int bodies = module.codeSection().functionBodyCount();
        this.functions = IntStream.range(imported, imported + bodies).boxed().toList();
        BitSet withLocals = new BitSet();
        for (int i = 0; i < bodies; i++) {
            FunctionBody body = module.codeSection().getFunctionBody(i);
            withLocals.set(imported + i, !body.localTypes().isEmpty());
            read(imported + i, body);
        }
        readReferences();
        BitSet shared = sharedTables();
        tailCallTables.forEach((function, tables) -> {
            if (tables.intersects(shared)) {
                tailCalls.wrong(function);
            }
        });
        BitSet failing = tailCalls.calledByThemselves();
        failing.and(withLocals);
        split = failing.stream()
                .filter(function -> SplitFunctions.isPossible(
                        types.function(function), module.codeSection().getFunctionBody(function - imported)))
                .boxed()
                .toList();
        split.forEach(failing::clear);
        BitSet unsafe = tailCalls.unsafe(failing);
        BitSet safe = new BitSet();
        safe.set(imported, imported + bodies);
        safe.andNot(unsafe);
        conditions.put(Condition.UNSAFE_TAIL_CALLS, unsafe);
        conditions.put(Condition.SAFE_TAIL_CALLS, safe);
        conditions.put(Condition.RECURSIVE_TAIL_CALLS, tailCalls.recursive());
    }

    /** All functions with a body, in ascending order. */
    List<Integer> functions() {
        return functions;
    }

    /** Functions to split for the interpreter. */
    List<Integer> split() {
        return split;
    }

    /** The opcodes in a function. */
    Set<OpCode> instructions(int function) {
        return instructions.get(function - types.importedFunctions());
    }

    /** Whether a condition holds that does not depend on which functions are interpreted. */
    boolean has(int function, Condition condition) {
        BitSet having = conditions.get(condition);
        return having != null && having.get(function);
    }

    /** Whether a function has instructions on vectors, which neither the compiler nor the interpreter knows. */
    boolean usesVectors() {
        return instructions.stream().flatMap(Set::stream).anyMatch(opcode -> opcode.opcode() >> 8 == VECTOR_PREFIX);
    }

    private void read(int function, FunctionBody body) {
        Set<OpCode> seen = EnumSet.noneOf(OpCode.class);
        for (AnnotatedInstruction each : body.instructions()) {
            seen.add(each.opcode());
            switch (each.opcode()) {
                case LOOP -> set(function, Condition.LOOPS_WITH_PARAMETERS, types.parameters(each) > 0);
                case TRY_TABLE ->
                    set(
                            function,
                            Condition.CATCHES_REFERENCES,
                            each.catches().stream().anyMatch(this::hasReference));
                case TABLE_COPY -> tableCopies.add(each);
                case RETURN_CALL, RETURN_CALL_INDIRECT, RETURN_CALL_REF -> readTailCall(function, each);
                default -> {
                    // Other instructions are read below.
                }
            }
            readValues(function, each);
        }
        set(
                function,
                Condition.BRANCHES_PAST_LAST_BLOCK,
                LastBlock.isLeftAboveValues(body, types.function(function), types));
        instructions.add(Collections.unmodifiableSet(seen));
    }

    private void readValues(int function, Instruction each) {
        long operand = each.operandCount() > 0 ? each.operand(0) : 0;
        switch (each.opcode()) {
            case THROW -> boxes(function, ModuleTypes.parameterSlots(types.tag((int) operand)), RESERVED_SLOTS);
            case CALL ->
                boxes(function, ModuleTypes.parameterSlots(types.function((int) operand)), MAX_PARAMETER_SLOTS);
            case STRUCT_NEW -> boxes(function, types.structSlots(operand), RESERVED_SLOTS);
            case ARRAY_NEW_FIXED -> boxes(function, types.arraySlots(operand, each.operand(1)), RESERVED_SLOTS);
            case CALL_REF, RETURN_CALL_REF ->
                set(
                        function,
                        Condition.MANY_PARAMETERS,
                        ModuleTypes.parameterSlots(types.type((int) operand)) > MAX_PARAMETER_SLOTS);
            case CAST_TEST, CAST_TEST_NULL ->
                set(function, Condition.CASTS_TO_FUNCTION_TYPE, types.isFunctionType(operand));
            default -> {
                // No condition asks for other instructions.
            }
        }
    }

    private void readTailCall(int function, Instruction each) {
        int operand = (int) each.operand(0);
        switch (each.opcode()) {
            case RETURN_CALL -> tailCalls.call(function, operand);
            case RETURN_CALL_REF -> tailCalls.callThroughReference(function, types.type(operand));
            default -> {
                tailCalls.callThroughTable(function, types.type(operand));
                tailCallTables.computeIfAbsent(function, key -> new BitSet()).set((int) each.operand(1));
            }
        }
    }

    private void boxes(int function, long slots, int reserved) {
        set(function, Condition.BOXES_VALUES, slots > reserved);
    }

    private void set(int function, Condition condition, boolean holds) {
        if (holds) {
            conditions.computeIfAbsent(condition, key -> new BitSet()).set(function);
        }
    }

    private boolean hasReference(CatchOpCode.Catch each) {
        return (each.opcode() == CatchOpCode.CATCH || each.opcode() == CatchOpCode.CATCH_REF)
                && types.tag(each.tag()).params().stream().anyMatch(ValType::isReference);
    }

    /** Finds the functions to which the module refers. A body may refer only to functions that are referred to outside. */
    private void readReferences() {
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            if (module.exportSection().getExport(i).exportType() == ExternalType.FUNCTION) {
                refer(module.exportSection().getExport(i).index());
            }
        }
        for (int i = 0; i < module.globalSection().globalCount(); i++) {
            refer(module.globalSection().getGlobal(i).initInstructions());
        }
        for (int i = 0; i < module.tableSection().tableCount(); i++) {
            refer(module.tableSection().getTable(i).initialize());
        }
        for (int i = 0; i < module.elementSection().elementCount(); i++) {
            module.elementSection().getElement(i).initializers().forEach(this::refer);
        }
    }

    private void refer(List<Instruction> constant) {
        constant.stream()
                .filter(each -> each.opcode() == OpCode.REF_FUNC)
                .forEach(each -> refer((int) each.operand(0)));
    }

    private void refer(int function) {
        tailCalls.referTo(function, types.function(function));
    }

    /** Tables that another instance or the host can fill: imported and exported ones, and copies of them. */
    private BitSet sharedTables() {
        BitSet tables = new BitSet();
        tables.set(0, module.importSection().count(ExternalType.TABLE));
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            if (module.exportSection().getExport(i).exportType() == ExternalType.TABLE) {
                tables.set(module.exportSection().getExport(i).index());
            }
        }
        int last;
        do {
            last = tables.cardinality();
            for (Instruction copy : tableCopies) {
                if (tables.get((int) copy.operand(1))) {
                    tables.set((int) copy.operand(0));
                }
            }
        } while (tables.cardinality() > last);
        return tables;
    }
}
