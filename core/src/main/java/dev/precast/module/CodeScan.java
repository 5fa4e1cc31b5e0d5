package dev.precast.module;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Scans the code section. */
final class CodeScan {
    private static final Comparator<ModuleFacts.Body> SMALLEST_FIRST = Comparator.comparingLong(ModuleFacts.Body::bytes)
            .thenComparing(Comparator.comparingLong(ModuleFacts.Body::function).reversed());

    private final WasmInput in;
    private final InstructionScan instructions;
    private final PriorityQueue<ModuleFacts.Body> largest = new PriorityQueue<>(SMALLEST_FIRST);
    private long bodies;
    private long bytes;
    private long instructionCount;
    private long locals;
    private long maxLocals;
    private long brTableEntries;
    private long maxBrTableEntries;
    private long maxDepth;

    CodeScan(WasmInput in) {
        this.in = in;
        this.instructions = new InstructionScan(in);
    }

    void section(long firstFunction) throws IOException, MalformedModuleException {
        long count = in.count("function bodies");
        for (long i = 0; i < count; i++) {
            long size = in.u32();
            long outer = in.enter("function body", size);
            body();
            in.leave("function body", outer);
            bytes += size;
            largest.add(new ModuleFacts.Body(firstFunction + i, size));
            if (largest.size() > ModuleFacts.LARGEST_BODIES) {
                largest.remove();
            }
        }
        bodies = count;
    }

    private void body() throws IOException, MalformedModuleException {
        long groups = in.count("groups of locals");
        long own = 0;
        for (long i = 0; i < groups; i++) {
            own = plus(own, in.u32());
            ValueTypes.one(in);
        }
        instructions.expression();
        locals = plus(locals, own);
        maxLocals = Math.max(maxLocals, own);
        brTableEntries += instructions.brTableEntries();
        maxBrTableEntries = Math.max(maxBrTableEntries, instructions.brTableEntries());
        maxDepth = Math.max(maxDepth, instructions.maxDepth());
        instructionCount += instructions.instructions();
    }

    /** Adds two numbers that are not negative; saturates. */
    static long plus(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    long bodies() {
        return bodies;
    }

    ModuleFacts.Code facts(long params) {
        List<ModuleFacts.Body> descending = new ArrayList<>(largest);
        descending.sort(SMALLEST_FIRST.reversed());
        return new ModuleFacts.Code(
                bodies,
                bytes,
                instructionCount,
                params,
                locals,
                maxLocals,
                brTableEntries,
                maxBrTableEntries,
                maxDepth,
                descending);
    }
}
