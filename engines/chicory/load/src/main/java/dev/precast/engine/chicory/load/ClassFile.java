package dev.precast.engine.chicory.load;

import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A reader of a class file (JVM specification, chapter 4). The constructor reads the constant pool; the other reads
 * start after the pool.
 */
final class ClassFile {
    static final int UTF8 = 1;
    static final int INTEGER = 3;
    static final int FLOAT = 4;
    static final int LONG = 5;
    static final int DOUBLE = 6;
    static final int CLASS = 7;
    static final int FIELD = 9;
    static final int METHOD = 10;
    static final int NAME_AND_TYPE = 12;

    private static final int MAGIC = 0xcafebabe;
    /** The class-file version of Java 11, which the engine's compiler writes. */
    private static final int VERSION = 55;

    private final String expectedName;
    private final ByteBuffer in;
    private final byte[] tags;
    private final int[] offsets;

    ClassFile(String expectedName, byte[] bytes) throws RefusedException {
        this.expectedName = expectedName;
        this.in = ByteBuffer.wrap(bytes);
        try {
            if (in.getInt() != MAGIC) {
                throw refuse("not a class file");
            }
            int version = in.getInt();
            if (version != VERSION) {
                throw refuse("expected class file version 55.0, found " + (version & 0xffff) + "." + (version >>> 16));
            }
            int count = u2();
            this.tags = new byte[count];
            this.offsets = new int[count];
            readPool(count);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw refuse("truncated in the constant pool");
        }
    }

    private void readPool(int count) throws RefusedException {
        for (int i = 1; i < count; i++) {
            int tag = in.get();
            tags[i] = (byte) tag;
            offsets[i] = in.position();
            switch (tag) {
                case UTF8 -> skip(u2());
                case INTEGER, FLOAT, FIELD, METHOD, NAME_AND_TYPE -> skip(4);
                case LONG, DOUBLE -> {
                    skip(8);
                    i++;
                }
                case CLASS -> skip(2);
                default -> throw refuse("constant " + i + " has tag " + tag + ", which generated classes may not have");
            }
        }
    }

    int poolSize() {
        return tags.length;
    }

    int tag(int index) {
        return tags[index];
    }

    /** An index that a constant contains: the first ({@code which} = 0) or the second (1). */
    int ref(int index, int which) {
        return in.getShort(offsets[index] + 2 * which) & 0xffff;
    }

    /** The index of the constant that the constant at {@code index} refers to, which must have the tag. */
    int ref(int index, int which, int tag) throws RefusedException {
        return expect(ref(index, which), tag);
    }

    int expect(int index, int tag) throws RefusedException {
        if (index >= tags.length || tags[index] != tag) {
            throw refuse("constant " + index + ": expected tag " + tag);
        }
        return index;
    }

    String utf8(int index) throws RefusedException {
        expect(index, UTF8);
        int start = offsets[index];
        // All allowed names are ASCII, so the decoding of other names does not matter.
        return new String(in.array(), start + 2, in.getShort(start) & 0xffff, StandardCharsets.ISO_8859_1);
    }

    String className(int index) throws RefusedException {
        return utf8(ref(expect(index, CLASS), 0));
    }

    /** A field or method in the form {@code owner.name:descriptor}. */
    String member(int index, int tag) throws RefusedException {
        expect(index, tag);
        int nameAndType = ref(index, 1, NAME_AND_TYPE);
        return className(ref(index, 0)) + '.' + utf8(ref(nameAndType, 0)) + ':' + utf8(ref(nameAndType, 1));
    }

    int byteAt(int position) {
        return in.get(position) & 0xff;
    }

    int shortAt(int position) {
        return in.getShort(position) & 0xffff;
    }

    int intAt(int position) {
        return in.getInt(position);
    }

    int u2() {
        return in.getShort() & 0xffff;
    }

    int u4() {
        return in.getInt();
    }

    void skip(int bytes) {
        in.position(Math.addExact(in.position(), bytes));
    }

    int position() {
        return in.position();
    }

    boolean hasRemaining() {
        return in.hasRemaining();
    }

    RefusedException refuse(String why) {
        return new RefusedException(Check.BYTECODE, "class " + expectedName + ": " + why);
    }
}
