package dev.precast.module;

import java.io.IOException;

/** Scans instructions without recursion. Keeps only counts. */
final class InstructionScan {
    private final WasmInput in;
    private long brTableEntries;
    private long maxDepth;
    private long instructions;

    InstructionScan(WasmInput in) {
        this.in = in;
    }

    /** Skips an expression including its {@code end}; sets the counts to those of this expression. */
    void expression() throws IOException, MalformedModuleException {
        brTableEntries = 0;
        maxDepth = 0;
        instructions = 0;
        long depth = 1;
        while (depth > 0) {
            int opcode = in.u8();
            Immediates immediates = Immediates.of(opcode);
            if (immediates == Immediates.PREFIX) {
                immediates = prefixed(opcode);
            }
            instructions++;
            switch (immediates) {
                case BLOCK, TRY_TABLE -> {
                    depth++;
                    maxDepth = Math.max(maxDepth, depth - 1);
                    blockType();
                    if (immediates == Immediates.TRY_TABLE) {
                        catches();
                    }
                }
                case END -> depth--;
                case DELEGATE -> {
                    depth--;
                    if (depth == 0) {
                        throw in.malformed("delegate outside a try block");
                    }
                    in.u32();
                }
                case ILLEGAL -> throw in.malformed("unknown opcode 0x" + Integer.toHexString(opcode));
                default -> operands(immediates);
            }
        }
    }

    private Immediates prefixed(int prefix) throws IOException, MalformedModuleException {
        long opcode = in.u32();
        Immediates immediates = Immediates.of(prefix, opcode);
        if (immediates == Immediates.ILLEGAL) {
            throw in.malformed("unknown opcode 0x" + Integer.toHexString(prefix) + " 0x" + Long.toHexString(opcode));
        }
        return immediates;
    }

    private void operands(Immediates immediates) throws IOException, MalformedModuleException {
        switch (immediates) {
            case NONE -> {}
            case INDEX -> in.u32();
            case INDEX_INDEX -> {
                in.u32();
                in.u32();
            }
            case MEMORY -> memory();
            case MEMORY_LANE -> {
                memory();
                in.u8();
            }
            case I32 -> in.signed(32);
            case I64 -> in.signed(64);
            case ONE_BYTE -> in.u8();
            case FOUR_BYTES -> in.skip(4);
            case EIGHT_BYTES -> in.skip(8);
            case SIXTEEN_BYTES -> in.skip(16);
            case HEAP_TYPE -> in.signed(33);
            case BR_TABLE -> brTable();
            case SELECT_TYPES -> ValueTypes.vector(in);
            case BR_ON_CAST -> {
                in.u8();
                in.u32();
                in.signed(33);
                in.signed(33);
            }
            case ILLEGAL, BLOCK, TRY_TABLE, END, DELEGATE, PREFIX -> throw new AssertionError(immediates);
        }
    }

    private void brTable() throws IOException, MalformedModuleException {
        long entries = in.count("br_table entries");
        brTableEntries += entries;
        for (long i = 0; i <= entries; i++) {
            in.u32();
        }
    }

    /** Skips a memory argument. A memory index follows if bit 6 of the alignment is set. */
    private void memory() throws IOException, MalformedModuleException {
        long align = in.u32();
        if ((align & 0x40) != 0) {
            in.u32();
        }
        in.u64();
    }

    /**
     * Skips a block type: empty, a value type, or a type index. All block types except typed references are one signed
     * number.
     */
    private void blockType() throws IOException, MalformedModuleException {
        long type = in.signed(33);
        if (ValueTypes.isTypedReference(type)) {
            in.signed(33);
        }
    }

    private void catches() throws IOException, MalformedModuleException {
        long clauses = in.count("catch clauses");
        for (long i = 0; i < clauses; i++) {
            int kind = in.u8();
            if (kind > 3) {
                throw in.malformed("catch clause of unknown kind " + kind);
            }
            if (kind < 2) {
                in.u32();
            }
            in.u32();
        }
    }

    /** The number of {@code br_table} entries in the last expression. */
    long brTableEntries() {
        return brTableEntries;
    }

    /** The nesting depth of blocks in the last expression; 0 without blocks. */
    long maxDepth() {
        return maxDepth;
    }

    /** The number of instructions in the last expression, including the final {@code end}. */
    long instructions() {
        return instructions;
    }
}
