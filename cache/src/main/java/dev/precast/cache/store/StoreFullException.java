package dev.precast.cache.store;

import java.io.IOException;
import java.util.regex.Pattern;

/** The store has no space left. A retry helps only after an operator has freed space. */
public final class StoreFullException extends StoreException {
    private static final long serialVersionUID = 1L;
    private static final Pattern FULL = Pattern.compile("No space left|[Qq]uota exceeded");

    public StoreFullException(String message, Throwable cause) {
        super(message, false, cause);
    }

    /** Whether an error of a file means that its disk is full, or a quota is used up. */
    public static boolean isFull(IOException e) {
        return FULL.matcher(String.valueOf(e.getMessage())).find();
    }

    /** The exception for an error of a file; another one than this if its disk is not full. */
    public static StoreException of(String message, IOException e) {
        return isFull(e) ? new StoreFullException(message, e) : new StoreException(message, true, e);
    }
}
