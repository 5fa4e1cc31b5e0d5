package dev.precast.module;

import java.util.Arrays;

/**
 * The kind of a binary by its first eight bytes: magic, version and layer (core specification 3.0, section 5.5.16; the
 * component model's {@code Binary.md}).
 */
public enum WasmKind {
    /** A core module, version 1. */
    MODULE,
    /** A component. */
    COMPONENT,
    /** Neither. */
    OTHER;

    /** Size of the preamble in bytes. */
    public static final int PREAMBLE_BYTES = 8;

    private static final byte[] MODULE_PREAMBLE = {0, 'a', 's', 'm', 1, 0, 0, 0};
    private static final byte[] COMPONENT_PREAMBLE = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};

    /** @param start the first bytes of a file, at least {@link #PREAMBLE_BYTES} unless the file is shorter */
    public static WasmKind of(byte[] start) {
        if (start.length < PREAMBLE_BYTES) {
            return OTHER;
        }
        byte[] preamble = Arrays.copyOf(start, PREAMBLE_BYTES);
        if (Arrays.equals(preamble, MODULE_PREAMBLE)) {
            return MODULE;
        }
        return Arrays.equals(preamble, COMPONENT_PREAMBLE) ? COMPONENT : OTHER;
    }
}
