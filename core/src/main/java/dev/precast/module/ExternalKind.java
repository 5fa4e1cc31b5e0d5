package dev.precast.module;

import java.util.Locale;

/**
 * The kinds of imports and exports, in the order of the binary format's numbers (core specification 3.0, section
 * 5.5.5).
 */
public enum ExternalKind {
    FUNCTION,
    TABLE,
    MEMORY,
    GLOBAL,
    TAG;

    static ExternalKind of(WasmInput in, int number) throws MalformedModuleException {
        if (number >= values().length) {
            throw in.malformed("import or export of unknown kind " + number);
        }
        return values()[number];
    }

    /** Lower case, as in messages and JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
