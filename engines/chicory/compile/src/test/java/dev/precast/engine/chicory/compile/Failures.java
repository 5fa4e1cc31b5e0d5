package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.InvalidException;
import com.dylibso.chicory.wasm.MalformedException;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Texts of failures, the same for interpreted and compiled code. */
final class Failures {
    static final String REFUSED = "refused";
    static final String EXHAUSTED = "call stack exhausted";
    static final String NULL = "null reference";

    /** The engine's interpreter has a longer text than its compiled code. */
    private static final Pattern NULL_TRAP = Pattern.compile("(Trapped on \\w+ on )?null (function )?reference");

    /** The engine throws what {@code throw_ref} refers to without a check; the JVM says this if it is null. */
    private static final String NULL_THROWN = "Cannot throw exception because ";

    private Failures() {}

    /** How a call or an instantiation failed. The engine has several forms of stack overflows and null references. */
    static String text(Throwable e) {
        if (e instanceof StackOverflowError || e.getCause() instanceof StackOverflowError) {
            return EXHAUSTED;
        }
        if (e instanceof InvalidException || e instanceof MalformedException) {
            return REFUSED;
        }
        String message = String.valueOf(e.getMessage());
        if ((e instanceof TrapException && NULL_TRAP.matcher(message).matches())
                || (e instanceof NullPointerException && message.startsWith(NULL_THROWN))) {
            return NULL;
        }
        if (e instanceof WasmException thrown) {
            return "exception of tag " + thrown.tagIdx() + Arrays.toString(thrown.args());
        }
        return e.getClass().getSimpleName() + ": " + withoutDetail(e);
    }

    /** The message up to the first colon. What follows differs between interpreted and compiled code. */
    static String withoutDetail(Throwable e) {
        String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        int detail = line.indexOf(": ");
        return detail < 0 ? line : line.substring(0, detail);
    }
}
