package dev.precast.module;

import java.io.IOException;

/** Skips value types in a module (core specification 3.0, section 5.3). */
final class ValueTypes {
    /** The codes of {@code ref null} and {@code ref}, which are followed by a heap type. */
    private static final int REF_NULL = 0x63;

    private static final int REF = 0x64;

    private ValueTypes() {}

    /** Whether a heap type follows this type, which was read as a signed number. */
    static boolean isTypedReference(long type) {
        return type == REF_NULL - 0x80 || type == REF - 0x80;
    }

    static void one(WasmInput in) throws IOException, MalformedModuleException {
        of(in, in.u8());
    }

    /**
     * Skips the type and the mutability of a global, or of a field of a structure or array. The type of a field may be
     * packed.
     */
    static void field(WasmInput in) throws IOException, MalformedModuleException {
        int type = in.u8();
        if (type != 0x78 && type != 0x77) {
            of(in, type);
        }
        in.u8();
    }

    /** Skips a vector of value types; returns its length. */
    static long vector(WasmInput in) throws IOException, MalformedModuleException {
        long count = in.count("value types");
        for (long i = 0; i < count; i++) {
            one(in);
        }
        return count;
    }

    /** Skips the rest of a value type whose first byte is {@code type}. */
    static void of(WasmInput in, int type) throws IOException, MalformedModuleException {
        if (type == REF || type == REF_NULL) {
            in.signed(33);
        } else if (!(type >= 0x7b && type <= 0x7f) && !(type >= 0x68 && type <= 0x75)) {
            throw in.malformed("unknown value type 0x" + Integer.toHexString(type));
        }
    }
}
