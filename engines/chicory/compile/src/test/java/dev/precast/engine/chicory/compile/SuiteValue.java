package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.types.ValType;
import dev.precast.json.JsonObject;
import java.math.BigInteger;

/**
 * An argument, an expected result or a result of a command of the test suite.
 *
 * @param type {@code i32}, {@code i64}, {@code f32}, {@code f64}, or {@code ref} for all references
 * @param value the bits as an unsigned decimal number; of a reference {@link #NULL}, {@link #SOME} or a number; of an
 *     expected float also {@code nan:canonical} or {@code nan:arithmetic}
 */
record SuiteValue(String type, String value) {
    static final String NULL = "null";
    /** A reference that is not null, as an expectation. */
    static final String SOME = "some";

    static final String NAN = "nan";

    private static final String REF = "ref";
    private static final long FIRST_OBJECT = 1L << 16;
    private static final int F32_FRACTION = 0x7fffff;
    private static final int F32_QUIET = 0x400000;
    private static final long F64_FRACTION = 0xfffffffffffffL;
    private static final long F64_QUIET = 0x8000000000000L;

    static SuiteValue parse(JsonObject json) {
        String type = json.string("type");
        String value = json.find("value").map(text -> text.asString("value")).orElse("");
        return switch (type) {
            case "i32", "f32" -> new SuiteValue(type, value.startsWith(NAN) ? value : unsigned(value, 32));
            case "i64", "f64" -> new SuiteValue(type, value.startsWith(NAN) ? value : unsigned(value, 64));
            default -> reference(!value.isEmpty() ? value : type.contains(NULL) ? NULL : SOME);
        };
    }

    static SuiteValue reference(String value) {
        return new SuiteValue(REF, value);
    }

    /** A result that the engine gave as a number. */
    static SuiteValue of(ValType type, long raw) {
        if (type.isReference()) {
            // From 65,536 on, the engine numbers objects as it makes them; the suite's own references are smaller.
            boolean object = Long.compareUnsigned(raw, FIRST_OBJECT) >= 0;
            return reference((int) raw == -1 ? NULL : object ? SOME : Long.toUnsignedString(raw));
        }
        boolean small = type.equals(ValType.I32) || type.equals(ValType.F32);
        // The interpreter and compiled code fill the upper half of an i32 in different ways.
        return new SuiteValue(
                type.name().toLowerCase(java.util.Locale.ROOT),
                small ? Integer.toUnsignedString((int) raw) : Long.toUnsignedString(raw));
    }

    boolean isReference() {
        return type.equals(REF);
    }

    boolean isNull() {
        return value.equals(NULL);
    }

    /** Whether this is a NaN, or expects one. */
    boolean isNaN() {
        return switch (type) {
            case "f32" -> value.startsWith(NAN) || Float.isNaN(Float.intBitsToFloat((int) bits()));
            case "f64" -> value.startsWith(NAN) || Double.isNaN(Double.longBitsToDouble(bits()));
            default -> false;
        };
    }

    /** The bits of an argument as the engine takes them. */
    long bits() {
        if (isReference()) {
            return isNull() ? -1 : Long.parseLong(value);
        }
        long bits = Long.parseUnsignedLong(value);
        return type.endsWith("32") ? (int) bits : bits;
    }

    /** Whether a result is what this value expects. */
    boolean accepts(SuiteValue result) {
        if (!type.equals(result.type)) {
            return false;
        }
        return switch (value) {
            case SOME -> !result.isNull();
            case "nan:canonical" -> result.isCanonicalNaN();
            case "nan:arithmetic" -> result.isArithmeticNaN();
            default -> value.equals(result.value);
        };
    }

    private boolean isCanonicalNaN() {
        return type.equals("f32")
                ? ((int) bits() & Integer.MAX_VALUE) == 0x7fc00000
                : (bits() & Long.MAX_VALUE) == 0x7ff8000000000000L;
    }

    private boolean isArithmeticNaN() {
        return type.equals("f32")
                ? Float.isNaN(Float.intBitsToFloat((int) bits()))
                        && (bits() & F32_QUIET) != 0
                        && (bits() & F32_FRACTION) != 0
                : Double.isNaN(Double.longBitsToDouble(bits()))
                        && (bits() & F64_QUIET) != 0
                        && (bits() & F64_FRACTION) != 0;
    }

    private static String unsigned(String number, int bits) {
        return new BigInteger(number)
                .and(BigInteger.TWO.pow(bits).subtract(BigInteger.ONE))
                .toString();
    }

    @Override
    public String toString() {
        return type + " " + value;
    }
}
