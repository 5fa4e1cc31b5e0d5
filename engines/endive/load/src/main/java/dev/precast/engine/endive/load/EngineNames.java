package dev.precast.engine.endive.load;

import java.util.List;
import java.util.Set;

/** Names and prefixes of the classes and methods that Endive's compiler generates. */
final class EngineNames {
    /** Suffixes of the main class's name, each followed by a number. */
    static final List<String> NUMBERED_CLASSES =
            List.of("FuncGroup_", "Dispatch_", "DispatchRefs_", "CallIndirectBridge_");

    static final Set<String> METHODS = Set.of("<init>", "call", "callWithRefs", "apply");
    static final List<String> NUMBERED_METHODS =
            List.of("func_", "call_indirect_", "call_dispatch_", "call_", "callWithRefs_dispatch_", "callWithRefs_");

    /** The engine's library with an interpreter that knows SIMD. */
    static final String SIMD = "run.endive:simd";

    private EngineNames() {}
}
