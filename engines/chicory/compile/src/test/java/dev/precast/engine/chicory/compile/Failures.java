package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.InvalidException;
import com.dylibso.chicory.wasm.MalformedException;
import java.util.Arrays;

/** Texts of failures, the same for interpreted and compiled code. */
final class Failures {
    static final String REFUSED = "refused";
    static final String EXHAUSTED = "call stack exhausted";

    private Failures() {}

    /** How a call or an instantiation failed. The engine has two forms of a stack overflow. */
    static String text(Throwable e) {
        if (e instanceof StackOverflowError || e.getCause() instanceof StackOverflowError) {
            return EXHAUSTED;
        }
        if (e instanceof InvalidException || e instanceof MalformedException) {
            return REFUSED;
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
