package dev.precast.engine.chicory.compile;

import static dev.precast.engine.chicory.compile.Wasm.hex;

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
        return hex(
                "0061736d0100000001100350006000017f5001006000017f5f000305040100000007170304746573740001066272616e6368"
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
        return hex(
                "0061736d0100000001100350006000017f5001006000017f5f000306050100000000071e0404746573740001066272616e63"
                        + "6800020463616c6c000303616e790004090501030001000a3e05040041010b0700d200fb14000b1500026400d200fb180000"
                        + "70001a41000f0b1a41010b0900d200fb160014000b0f004101fb1cfb146cd071fb15026a0b");
    }

    /**
     * An exception thrown in function 0 passes function 1, which adds 1000, and is caught in function 2, which gives 7.
     *
     * <pre>
     * (tag $e) (func $h (result i32) (throw $e)) (func $g (result i32) (i32.add (i32.const 1000) (call $h)))
     * (func (export "f") (result i32)
     *   (block $b (try_table (catch $e $b) (return (call $g)))) (i32.const 7))
     * </pre>
     */
    static byte[] exception() {
        return hex(
                "0061736d010000000108026000006000017f0304030101010d03010000070501016600020a2103040008000b080041e80710006a"
                        + "0b110002401f400100000010010f0b0b41070b");
    }

    /**
     * Like {@link #exception()}, with a function between that catches another tag: the result is 70.
     *
     * <pre>
     * (tag $e) (tag $o) (func $h (result i32) (throw $e)) (func $g (result i32) (i32.add (i32.const 1000) (call $h)))
     * (func $f (result i32) (block $b (try_table (catch $o $b) (return (call $g)))) (i32.const 7))
     * (func $d (result i32) (i32.add (i32.const 1) (call $f)))
     * (func (export "f") (result i32)
     *   (block $b (try_table (catch $e $b) (return (call $d)))) (i32.const 70))
     * </pre>
     */
    static byte[] exceptionThroughFive() {
        return hex(
                "0061736d010000000108026000006000017f03060501010101010d050200000000070501016600040a3c05040008000b080041e8"
                        + "0710006a0b110002401f400100010010010f0b0b41070b0700410110026a0b120002401f400100000010030f0b0b41c6000b");
    }

    /**
     * {@link #exception()} with a call through a reference, so that its bundle holds the module whole if function 2 is
     * interpreted.
     */
    static byte[] exceptionThroughReference() {
        return hex(
                "0061736d010000000108026000017f6000000304030000000d0301000107050101660002090501030001010a2303040008000b08"
                        + "0041e80710006a0b130002401f4001000000d20114000f0b0b41070b");
    }
}
