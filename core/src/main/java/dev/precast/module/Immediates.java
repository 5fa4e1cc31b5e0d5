package dev.precast.module;

import java.util.Arrays;

/**
 * The immediates that follow each opcode, for the core specification 3.0 (section 5.4), threads, wide arithmetic, and
 * the legacy exception instructions. Opcodes that none of these defines are {@link #ILLEGAL}.
 */
enum Immediates {
    ILLEGAL,
    NONE,
    /** An index: of a label, function, local, type and so on. */
    INDEX,
    INDEX_INDEX,
    /** Opens a block. */
    BLOCK,
    TRY_TABLE,
    /** Closes a block. */
    END,
    /** Closes a legacy try block, with a label. */
    DELEGATE,
    BR_TABLE,
    SELECT_TYPES,
    MEMORY,
    MEMORY_LANE,
    I32,
    I64,
    ONE_BYTE,
    FOUR_BYTES,
    EIGHT_BYTES,
    SIXTEEN_BYTES,
    HEAP_TYPE,
    BR_ON_CAST,
    /** A second opcode, LEB128. */
    PREFIX;

    private static final Immediates[] PLAIN = plain();
    private static final Immediates[] GC = gc();
    private static final Immediates[] BULK = bulk();
    private static final Immediates[] VECTOR = vector();
    private static final Immediates[] ATOMIC = atomic();

    /** @param opcode one byte */
    static Immediates of(int opcode) {
        return PLAIN[opcode];
    }

    /** @param prefix a byte whose immediates are {@link #PREFIX} */
    static Immediates of(int prefix, long opcode) {
        Immediates[] table = switch (prefix) {
            case 0xfb -> GC;
            case 0xfc -> BULK;
            case 0xfd -> VECTOR;
            default -> ATOMIC;
        };
        return opcode < table.length ? table[(int) opcode] : ILLEGAL;
    }

    private static Immediates[] plain() {
        Immediates[] t = table(256);
        set(t, NONE, 0x00, 0x01, 0x05, 0x0a, 0x0f, 0x19, 0x1a, 0x1b, 0xd1, 0xd3, 0xd4);
        set(t, BLOCK, 0x02, 0x03, 0x04, 0x06);
        set(t, INDEX, 0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x15, 0x3f, 0x40, 0xd2, 0xd5, 0xd6);
        set(t, INDEX_INDEX, 0x11, 0x13);
        set(t, END, 0x0b);
        set(t, BR_TABLE, 0x0e);
        set(t, DELEGATE, 0x18);
        set(t, SELECT_TYPES, 0x1c);
        set(t, TRY_TABLE, 0x1f);
        range(t, INDEX, 0x20, 0x26);
        range(t, MEMORY, 0x28, 0x3e);
        set(t, I32, 0x41);
        set(t, I64, 0x42);
        set(t, FOUR_BYTES, 0x43);
        set(t, EIGHT_BYTES, 0x44);
        range(t, NONE, 0x45, 0xc4);
        set(t, HEAP_TYPE, 0xd0);
        range(t, PREFIX, 0xfb, 0xfe);
        return t;
    }

    private static Immediates[] gc() {
        Immediates[] t = table(31);
        set(t, INDEX, 0, 1, 6, 7, 11, 12, 13, 14, 16);
        set(t, INDEX_INDEX, 2, 3, 4, 5, 8, 9, 10, 17, 18, 19);
        range(t, HEAP_TYPE, 20, 23);
        range(t, BR_ON_CAST, 24, 25);
        set(t, NONE, 15, 26, 27, 28, 29, 30);
        return t;
    }

    private static Immediates[] bulk() {
        Immediates[] t = table(23);
        range(t, NONE, 0, 7);
        set(t, INDEX_INDEX, 8, 10, 12, 14);
        set(t, INDEX, 9, 11, 13, 15, 16, 17);
        range(t, NONE, 19, 22);
        return t;
    }

    private static Immediates[] vector() {
        Immediates[] t = table(0x114);
        range(t, MEMORY, 0, 11);
        range(t, SIXTEEN_BYTES, 12, 13);
        range(t, NONE, 14, 20);
        range(t, ONE_BYTE, 21, 34);
        range(t, NONE, 35, 83);
        range(t, MEMORY_LANE, 84, 91);
        range(t, MEMORY, 92, 93);
        range(t, NONE, 94, 0x113);
        set(t, ILLEGAL, 0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0);
        set(t, ILLEGAL, 0xd2, 0xd3, 0xd4, 0xe2, 0xee);
        return t;
    }

    private static Immediates[] atomic() {
        Immediates[] t = table(0x4f);
        range(t, MEMORY, 0, 2);
        set(t, ONE_BYTE, 3);
        range(t, MEMORY, 0x10, 0x4e);
        return t;
    }

    private static Immediates[] table(int size) {
        Immediates[] table = new Immediates[size];
        Arrays.fill(table, ILLEGAL);
        return table;
    }

    private static void set(Immediates[] table, Immediates value, int... opcodes) {
        for (int opcode : opcodes) {
            table[opcode] = value;
        }
    }

    private static void range(Immediates[] table, Immediates value, int first, int last) {
        Arrays.fill(table, first, last + 1, value);
    }
}
