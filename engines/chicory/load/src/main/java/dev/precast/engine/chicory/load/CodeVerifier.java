package dev.precast.engine.chicory.load;

import dev.precast.attestation.RefusedException;

/**
 * Checks the instructions and handlers of one method. Reads the instructions in order, once; the JVM's verifier refuses
 * jumps into an instruction.
 *
 * <p>These rules, with the list of members, keep generated code on its own instance: no member gives out an instance, a
 * table, a machine or a class, no type can be narrowed to them, and no lock can be taken. So the only instance that a
 * method can pass on is the one that it was called with.
 */
final class CodeVerifier {
    private static final int LDC_SHORT = 18;
    private static final int LDC2_W = 20;
    private static final int TABLESWITCH = 170;
    private static final int LOOKUPSWITCH = 171;
    private static final int WIDE = 196;
    private static final int IINC = 132;
    private static final int MAX_CODE = 0xffff;

    /** Bytes of each instruction; 0 for those of variable length; a space for numbers without an instruction. */
    private static final String LENGTHS = "1111111111111111" // aconst_null, iconst… dconst_1
            + "23233" // bipush, sipush, ldc, ldc_w, ldc2_w
            + "22222" // iload to aload
            + "1".repeat(28)
            + "22222" // istore to astore
            + "1".repeat(73)
            + "3" // iinc
            + "1".repeat(20)
            + "3".repeat(16) // ifeq to jsr
            + "2" // ret
            + "00" // tableswitch, lookupswitch
            + "111111"
            + "3333333" // getstatic to invokestatic
            + "55" // invokeinterface, invokedynamic
            + "323" // new, newarray, anewarray
            + "11"
            + "33" // checkcast, instanceof
            + "11"
            + "0" // wide
            + "4" // multianewarray
            + "33" // ifnull, ifnonnull
            + "55"; // goto_w, jsr_w

    private final CodeRules rules;
    private final ClassFile file;
    private final String place;
    private int accepted = -1;

    /** @param place the kinds of class and method, as in {@link CodeRules} */
    CodeVerifier(CodeRules rules, ClassFile file, String place) {
        this.rules = rules;
        this.file = file;
        this.place = place;
    }

    /**
     * Reads a Code attribute up to its own attributes.
     *
     * @throws RefusedException if it violates a rule
     */
    void verify() throws RefusedException {
        file.skip(4);
        int length = file.u4();
        if (length <= 0 || length > MAX_CODE) {
            throw file.refuse("has a method with " + length + " bytes of code, allowed are 1 to 65535");
        }
        int start = file.position();
        file.skip(length);
        verifyInstructions(start, length);
        int handlers = file.u2();
        for (int i = 0; i < handlers; i++) {
            verifyHandler(length);
        }
    }

    private void verifyInstructions(int start, int length) throws RefusedException {
        int at = 0;
        while (at < length) {
            int opcode = file.byteAt(start + at);
            if (opcode >= LENGTHS.length()) {
                throw refuse(at, "opcode " + opcode + ", which is not allowed");
            }
            int size = LENGTHS.charAt(opcode) - '0';
            if (opcode == WIDE) {
                opcode = at + 1 < length ? file.byteAt(start + at + 1) : WIDE;
                size = opcode == IINC ? 6 : 4;
            } else if (size == 0) {
                size = switchSize(opcode, start, at, length);
            }
            if (size > length - at) {
                throw refuse(at, "an instruction that is longer than the code");
            }
            if (!rules.admits(CodeRules.canonical(opcode))) {
                throw refuse(at, "opcode " + opcode + ", which is not allowed");
            }
            if (opcode >= LDC_SHORT && opcode <= LDC2_W) {
                verifyConstant(opcode, start, at);
            } else if (CodeRules.hasOperand(opcode)) {
                verifyOperand(opcode, start, at);
            }
            at += size;
        }
    }

    /** The size of a switch; larger than the code if its counts are. */
    private int switchSize(int opcode, int start, int at, int length) throws RefusedException {
        int operands = (at & ~3) + 4;
        long size;
        if (opcode == TABLESWITCH && operands + 12 <= length) {
            long low = file.intAt(start + operands + 4);
            long high = file.intAt(start + operands + 8);
            size = operands + 12 - at + 4 * (high - low + 1);
            if (low > high) {
                throw refuse(at, "a switch from " + low + " to " + high);
            }
        } else if (opcode == LOOKUPSWITCH && operands + 8 <= length) {
            long pairs = file.intAt(start + operands + 4);
            size = operands + 8 - at + 8 * pairs;
            if (pairs < 0) {
                throw refuse(at, "a switch with " + pairs + " cases");
            }
        } else {
            size = length + 1L;
        }
        for (int i = at + 1; i < operands && i < length; i++) {
            if (file.byteAt(start + i) != 0) {
                throw refuse(at, "a switch whose padding is not 0");
            }
        }
        return (int) Math.min(size, length + 1L);
    }

    private void verifyConstant(int opcode, int start, int at) throws RefusedException {
        int index = opcode == LDC_SHORT ? file.byteAt(start + at + 1) : file.shortAt(start + at + 1);
        int tag = index < file.poolSize() ? file.tag(index) : 0;
        boolean number = opcode == LDC2_W
                ? tag == ClassFile.LONG || tag == ClassFile.DOUBLE
                : tag == ClassFile.INTEGER || tag == ClassFile.FLOAT;
        if (!number) {
            throw refuse(at, "a constant with tag " + tag + ", allowed are only numbers");
        }
    }

    private void verifyOperand(int opcode, int start, int at) throws RefusedException {
        boolean array = opcode == CodeRules.NEWARRAY;
        int operand = array ? file.byteAt(start + at + 1) : file.shortAt(start + at + 1);
        int instruction = opcode << 16 | operand;
        if (instruction == accepted) {
            return;
        }
        String text = switch (opcode) {
            case CodeRules.NEWARRAY -> Integer.toString(operand);
            case CodeRules.GETFIELD, CodeRules.PUTFIELD -> file.member(operand, ClassFile.FIELD);
            case CodeRules.INVOKESPECIAL -> file.member(operand, ClassFile.METHOD);
            default -> file.className(operand);
        };
        if (!rules.admitsOperand(place, opcode, text)) {
            throw refuse(at, "opcode " + opcode + " with " + text + ", which is not allowed there");
        }
        accepted = instruction;
    }

    private void verifyHandler(int length) throws RefusedException {
        int from = file.u2();
        int to = file.u2();
        int handler = file.u2();
        int type = file.u2();
        if (from >= to || to > length || handler >= length) {
            throw file.refuse("has a handler in " + place + " whose range or target is outside the code");
        }
        if (type == 0) {
            throw file.refuse("has a handler in " + place + " for everything, which is not allowed");
        }
        String caught = file.className(type);
        if (!rules.admitsHandler(place, caught)) {
            throw file.refuse("has a handler in " + place + " for " + caught + ", which is not allowed");
        }
    }

    private RefusedException refuse(int at, String found) {
        return file.refuse("has in " + place + " at byte " + at + " " + found);
    }
}
