package dev.precast.engine.chicory.compile;

import java.util.HexFormat;

/** Modules whose functions must answer the same whichever of them are interpreted. Their exports take no arguments. */
final class MixedModules {
    private MixedModules() {}

    /**
     * Casts whose answer depends on the hierarchy of the type: of functions, of structs and of small integers.
     *
     * <pre>
     * (type $sup (sub (func (result i32)))) (type $sub (sub $sup (func (result i32)))) (type $s (struct))
     * (func $f (type $sub) (i32.const 1)) (elem declare func $f)
     * (func (export "test") (result i32) (ref.test (ref $sup) (ref.func $f)))
     * (func (export "branch") (result i32)
     *   (drop (block $to (result (ref $sup))
     *     (drop (br_on_cast $to (ref func) (ref $sup) (ref.func $f))) (return (i32.const 0))))
     *   (i32.const 1))
     * (func (export "any") (result i32)
     *   (i32.add (ref.test (ref i31) (ref.i31 (i32.const 1))) (ref.test (ref null $s) (ref.null none))))
     * </pre>
     */
    static byte[] casts() {
        return hex("0061736d0100000001100350006000017f5001006000017f5f000305040100000007170304746573740001066272616e6368"
                + "000203616e790003090501030001000a3404040041010b0700d200fb14000b1500026400d200fb18000070001a41000f0b1a"
                + "41010b0f004101fb1cfb146cd071fb15026a0b");
    }

    /**
     * {@link #casts()} with a function before {@code any} that makes its bundle hold the module whole:
     *
     * <pre>
     * (func (export "call") (result i32) (call_ref $sup (ref.cast (ref $sup) (ref.func $f))))
     * </pre>
     */
    static byte[] castsAndCall() {
        return hex("0061736d0100000001100350006000017f5001006000017f5f000306050100000000071e0404746573740001066272616e63"
                + "6800020463616c6c000303616e790004090501030001000a3e05040041010b0700d200fb14000b1500026400d200fb180000"
                + "70001a41000f0b1a41010b0900d200fb160014000b0f004101fb1cfb146cd071fb15026a0b");
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
