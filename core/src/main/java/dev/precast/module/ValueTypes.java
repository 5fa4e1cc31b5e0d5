package dev.precast.module;

import java.io.IOException;

/** Value types as they stand in a module (core specification 3.0, 5.3). */
final class ValueTypes {
    /** {@code ref null} and {@code ref}, which a heap type follows, as bytes. */
    private static final int REF_NULL = 0x63;

    private static final int REF = 0x64;

    private ValueTypes() {}

    /** Whether a type that was read as a signed number is one that a heap type follows. */
    static boolean isTypedReference(long type) {
        return type == REF_NULL - 0x80 || type == REF - 0x80;
    }

    static void one(WasmInput in) throws IOException, MalformedModuleException {
        of(in, in.u8());
    }

    /** One in a structure or array, where packed types stand too. */
    static void field(WasmInput in) throws IOException, MalformedModuleException {
        int type = in.u8();
        if (type != 0x78 && type != 0x77) {
            of(in, type);
        }
        in.u8();
    }

    /** Passes a vector; how many there were. */
    static long vector(WasmInput in) throws IOException, MalformedModuleException {
        long count = in.count("value types");
        for (long i = 0; i < count; i++) {
            one(in);
        }
        return count;
    }

    /** One whose first byte was read. */
    static void of(WasmInput in, int type) throws IOException, MalformedModuleException {
        if (type == REF || type == REF_NULL) {
            in.signed(33);
        } else if (!(type >= 0x7b && type <= 0x7f) && !(type >= 0x68 && type <= 0x75)) {
            throw in.malformed("unknown value type 0x" + Integer.toHexString(type));
        }
    }
}
