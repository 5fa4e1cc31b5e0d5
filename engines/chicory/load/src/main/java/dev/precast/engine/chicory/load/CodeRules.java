package dev.precast.engine.chicory.load;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What instructions generated classes may contain, read from {@code allowed-code.txt}. A line is one of
 *
 * <ul>
 *   <li>{@code instruction NUMBER NAME}: an opcode. Short and wide forms count as the general one, and all numeric
 *       constants as {@code ldc};
 *   <li>{@code method PLACE}: a method; a place is the kind of a class and the kind of a method, such as
 *       {@code FuncGroup_.func_};
 *   <li>{@code operand PLACE NUMBER TEXT}: what an instruction in {@link #hasOperand} may refer to in a place;
 *   <li>{@code handler PLACE CLASS}: the class that a handler in a place may catch.
 * </ul>
 *
 * <p>Immutable and thread safe.
 */
final class CodeRules {
    static final int LDC = 18;
    static final int GETFIELD = 180;
    static final int PUTFIELD = 181;
    static final int INVOKESPECIAL = 183;
    static final int NEW = 187;
    static final int NEWARRAY = 188;
    static final int ANEWARRAY = 189;
    static final int CHECKCAST = 192;

    private static final String INSTRUCTION = "instruction ";

    private final BitSet instructions = new BitSet(256);
    private final Set<String> lines = new HashSet<>();

    CodeRules(List<String> text) {
        for (String line : text) {
            if (line.startsWith(INSTRUCTION)) {
                instructions.set(Integer.parseInt(
                        line.substring(INSTRUCTION.length(), line.indexOf(' ', INSTRUCTION.length()))));
            } else {
                lines.add(line);
            }
        }
    }

    /** Whether an instruction is allowed, whatever its operands are. */
    boolean admits(int canonical) {
        return instructions.get(canonical);
    }

    boolean admitsMethod(String place) {
        return lines.contains("method " + place);
    }

    boolean admitsOperand(String place, int opcode, String text) {
        return lines.contains("operand " + place + ' ' + opcode + ' ' + text);
    }

    boolean admitsHandler(String place, String caught) {
        return lines.contains("handler " + place + ' ' + caught);
    }

    /** Whether this opcode's operand must be among the rules of its place. */
    static boolean hasOperand(int opcode) {
        return opcode == GETFIELD
                || opcode == PUTFIELD
                || opcode == INVOKESPECIAL
                || (opcode >= NEW && opcode <= ANEWARRAY)
                || opcode == CHECKCAST;
    }

    /** The opcode by which an instruction is listed. */
    static int canonical(int opcode) {
        if (opcode >= 2 && opcode <= 20) {
            return LDC;
        }
        if (opcode >= 26 && opcode <= 45) {
            return 21 + (opcode - 26) / 4;
        }
        if (opcode >= 59 && opcode <= 78) {
            return 54 + (opcode - 59) / 4;
        }
        return opcode == 200 ? 167 : opcode;
    }
}
