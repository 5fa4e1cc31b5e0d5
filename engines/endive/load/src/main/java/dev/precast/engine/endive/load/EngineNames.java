package dev.precast.engine.endive.load;

import java.util.List;
import java.util.Set;

/** What Endive's compiler calls its classes and methods, a number following where it says so. */
final class EngineNames {
    /** After the name of the main class. */
    static final List<String> NUMBERED_CLASSES =
            List.of("FuncGroup_", "Dispatch_", "DispatchRefs_", "CallIndirectBridge_");

    static final Set<String> METHODS = Set.of("<init>", "call", "callWithRefs", "apply");
    static final List<String> NUMBERED_METHODS =
            List.of("func_", "call_indirect_", "call_dispatch_", "call_", "callWithRefs_dispatch_", "callWithRefs_");

    private EngineNames() {}
}
