package dev.precast.engine.chicory.compile;

import static dev.precast.engine.chicory.compile.Wasm.hex;

/**
 * Modules that an engine's compiler or interpreter gets wrong, or at which the compiler fails. Their exports take no
 * arguments; the results are those that the specification demands.
 */
final class WrongModules {
    private static final String PREAMBLE = "0061736d01000000";
    private static final int MANY = 254;

    private WrongModules() {}

    /** A call of a function with 254 parameters while a {@code try_table} keeps a value: 42. */
    static byte[] manyParameters() {
        return hex(PREAMBLE + "018b020360000060fe01" + "7f".repeat(MANY)
                + "017f6000017f03030201020d03010000070501016600010a970402040020"
                + "000b8f0400412a02401f4001000000" + "4101".repeat(MANY) + "10001a08000b0b0b");
    }

    /** A call through a reference of the first of two functions with 254 parameters: 9. */
    static byte[] manyParametersThroughReference() {
        return hex(PREAMBLE + "0188020260fe01" + "7f".repeat(MANY)
                + "017f6000017f03040300000107050101660002090501030001000a8f0403"
                + "040041090b040041010b820400" + "4101".repeat(MANY) + "d20014000b");
    }

    /**
     * A throw of four values while an outer {@code try_table} keeps a value. Results: 42.
     *
     * <pre>
     * (tag $e (param i32 i32 i32 i32)) (tag $o)
     * (func (export "f") (result i32)
     *   (i32.const 42)
     *   (block $b (try_table (catch $o $b)
     *     (block $c (result i32 i32 i32 i32)
     *       (try_table (catch $e $c) (throw $e (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4)))
     *       (unreachable))
     *     (drop) (drop) (drop) (drop) (throw $o)))
     *   (drop (i32.const 0)))
     * </pre>
     */
    static byte[] throwOfFour() {
        return hex("0061736d0100000001160460047f7f7f7f006000006000017f6000047f7f7f7f030201020d0502000000010705010166"
                + "00000a2e012c00412a02401f400100010002031f4001000000410141024103410408000b000b1a1a1a1a08010b0b4100"
                + "1a0b");
    }

    /** A new struct of five fields while a {@code try_table} keeps a value. Results: 42. */
    static byte[] structOfFive() {
        return hex("0061736d010000000114035f057f007f007f007f007f006000006000017f030201020d03010001070501016600000a23"
                + "012100412a02401f400100000041014102410341044105fb00001a08000b0b41001a0b");
    }

    /**
     * An exception that carries a reference is caught while an outer {@code try_table} keeps a reference. Results: 41.
     *
     * <pre>
     * (tag $r (param anyref)) (tag $o) (global $k anyref (ref.i31 (i32.const 40)))
     * (func (export "f") (result i32) (local $x anyref)
     *   (global.get $k)
     *   (block $b (try_table (catch $o $b)
     *     (block $c (result anyref) (try_table (catch $r $c) (throw $r (ref.i31 (i32.const 1)))) (unreachable))
     *     (local.set $x) (throw $o)))
     *   (i31.get_s (ref.cast (ref i31))) (i31.get_s (ref.cast (ref i31) (local.get $x))) (i32.add))
     * </pre>
     */
    static byte[] caughtReference() {
        return hex("0061736d01000000010c0360016e006000006000017f030201020d0502000000010608016e004128fb1c0b0705010166"
                + "00000a34013201016e230002401f4001000100026e1f40010000004101fb1c08000b000b210008010b0bfb166cfb1d20"
                + "00fb166cfb1d6a0b");
    }

    /** Two functions tail-call each other 200,000 times. Results: 44. */
    static byte[] deepTailCalls() {
        return hex("0061736d01000000010a0260017e017f6000017f030403000001070501016600020a31031200200050047f412c052000"
                + "42017d12010b0b1300200050047f41e30005200042017d12000b0b080042c09a0c10000b");
    }

    /** A function tail-calls itself through a private table 200,000 times. Results: 44. */
    static byte[] deepIndirectTailCalls() {
        return hex("0061736d01000000010a0260017e017f6000017f030302000104050170010101070501016600010907010041000b0100"
                + "0a20021500200050047f412c05200042017d41001300000b0b080042c09a0c10000b");
    }

    /** A tail call out of a {@code try_table} to a function that throws, which the caller of both catches. Results: 9. */
    static byte[] tailCallOutOfTry() {
        return hex("0061736d010000000108026000006000017f0304030101010d03010000070501016600020a2d03040008000b13000240"
                + "1f400100000012000b41010f0b41020b120002401f400100000010010f0b000b41090b");
    }

    /** Casts of references to functions to types of functions; none is null. Results: 0, 0, 0. */
    static byte[] functionCasts() {
        return hex("0061736d010000000114045000600000500100600000600001706000017f0306050102030303070d0301610002016200"
                + "0301630004090501030001000a270502000b0400d2000b08001001fb1601d10b0b000270d2000bfb1601d10b0800d200"
                + "fb1700d10b");
    }

    /** Function 0 stores small integers as references in a global and a table, function 1 reads them. Results: 11. */
    static byte[] smallIntegers() {
        return hex("0061736d010000000108026000006000017f0304030001010404016e00020606016e01d06e0b070501016600020a2d03"
                + "10004105fb1c240041004106fb1c26000b13002300fb166cfb1d41002500fb166cfb1d6a0b0600100010010b");
    }

    /** A function tail-calls itself through an exported table. Results: 44. */
    static byte[] sharedIndirectTailCalls() {
        return hex("0061736d01000000010a0260017e017f6000017f03030200010405017001010107090201740100016600010907010041"
                + "000b01000a1f021500200050047f412c05200042017d41001300000b0b070042e40010000b");
    }

    /** Function 0 has a local beyond its parameter and tail-calls itself, which the interpreter cannot do. Results: 0. */
    static byte[] ownTailCall() {
        return hex("0061736d01000000010a0260017f017f6000017f0303020001070501016600010a21021801027f200045044020010f0b"
                + "41052101200041016b12000b0600410310000b");
    }

    /** Function 0 of {@link #ownTailCall()}, tail-called inside a {@code try_table}. Results: 0. */
    static byte[] ownTailCallFromTry() {
        return hex("0061736d01000000010d0360017f017f6000006000017f03030200020d03010001070501016600010a2d021801017f20"
                + "0045044020010f0b41052101200041016b12000b120002401f4001000000410112000b0b41090b");
    }

    /** Function 0 of {@link #ownTailCall()}, called through a reference. Results: 6. */
    static byte[] ownTailCallThroughReference() {
        return hex("0061736d01000000010a0260017f017f6000017f030302000107050101660001090501030001000a26021801017f2000"
                + "45044020010f0b41052101200041016b12000b0b0041064103d20014006a0b");
    }

    /**
     * A function that throws is called through a table; its caller or the caller's caller catches the exception. Results: 7, 8.
     *
     * <pre>
     * (tag $e) (type $t (func (result i32))) (table 1 funcref) (elem (i32.const 0) $h)
     * (func $h (type $t) (throw $e))
     * (func $g (result i32) (i32.add (i32.const 1000) (call_indirect (type $t) (i32.const 0))))
     * (func (export "f") (result i32)
     *   (block $b (try_table (catch $e $b) (return (i32.add (i32.const 500) (call $g))))) (i32.const 7))
     * (func (export "own") (result i32)
     *   (block $b (try_table (catch $e $b)
     *     (return (i32.add (i32.const 500) (call_indirect (type $t) (i32.const 0)))))) (i32.const 8))
     * </pre>
     */
    static byte[] exceptionThroughTable() {
        return hex("0061736d010000000108026000017f600000030504000000000404017000010d03010001070b0201660002036f776e00"
                + "030907010041000b01000a4104040008000b0b0041e80741001100006a0b150002401f400100000041f40310016a0f0b"
                + "0b41070b180002401f400100000041f40341001100006a0f0b0b41080b");
    }

    /**
     * A function that ended with a tail call is called before another tail call, and twice. Results: 7, 6.
     *
     * <pre>
     * (func $h (result i32) (i32.const 3)) (func $g (result i32) (return_call $h))
     * (func $k (param i32) (result i32) (i32.add (local.get 0) (i32.const 4)))
     * (func (export "f") (result i32) (return_call $k (call $g)))
     * (func (export "twice") (result i32) (i32.add (call $g) (call $g)))
     * </pre>
     */
    static byte[] tailCallAfterTailCall() {
        return hex("0061736d01000000010a026000017f60017f017f0306050000010000070d020166000305747769636500040a22050400"
                + "41030b040012000b0700200041046a0b0600100112020b0700100110016a0b");
    }

    /** A {@code try_table} that is never reached, in function 0, and one around a {@code nop}, in function 2. Results: 5, 6. */
    static byte[] deadTry() {
        return hex("0061736d010000000108026000006000017f0304030101010d03010000070b0201660001036e6f7000020a2603120041"
                + "040f02401f4001000000010b0b41030b0700100041016a0b09001f4000010b41060b");
    }

    /** An i64 below the parameters of a {@code try_table}. Results: 9. */
    static byte[] valuesBelowTry() {
        return hex("0061736d01000000010a026000017f60027f7e0003020100070501016600000a130111004200410542001f01001a1a0b"
                + "1a41090b");
    }

    /** Functions whose results are an i32 and references of two types. Results: 3. */
    static byte[] referenceResults() {
        return hex("0061736d01000000010f036000027f706000027f6f6000017f030403000102070501016600020a190306004101d0700b"
                + "06004102d06f0b090010001a10011a6a0b");
    }

    /** Functions whose results are an i32 and references to functions of two types. Results: 3. */
    static byte[] functionResults() {
        return hex("0061736d010000000113046000006000027f706000027f63006000017f030403010203070501016600020a1903060041"
                + "01d0700b06004102d0000b090010001a10011a6a0b");
    }

    /**
     * A function with locals of three types tail-calls itself 200,000 times. Results: 10.
     *
     * <pre>
     * (func $f (param i64 f32) (result i32) (local i32 i64 f64)
     *   (local.set 2 (i32.add (local.get 2) (i32.const 7)))
     *   (if (i64.eqz (local.get 0)) (then (return (i32.add (local.get 2) (i32.trunc_f32_s (local.get 1))))))
     *   (local.set 3 (i64.const 1))
     *   (return_call $f (i64.sub (local.get 0) (local.get 3)) (f32.const 3)))
     * (func (export "f") (result i32) (call $f (i64.const 200000) (f32.const 1)))
     * </pre>
     */
    static byte[] deepOwnTailCalls() {
        return hex("0061736d01000000010b0260027e7d017f6000017f0303020001070501016600010a3c022c03017f017e017c20024107"
                + "6a2102200050044020022001a86a0f0b42012103200020037d430000404012000b0d0042c09a0c430000803f10000b");
    }

    /** {@link #ownTailCallFromTry()} with another local, a reference. Results: 0. */
    static byte[] ownTailCallWithReference() {
        return hex("0061736d01000000010d0360000060017f017f6000017f03030201020d03010000070501016600010a2f021a02017f01"
                + "70200045044020010f0b41052101200041016b12000b120002401f4001000000410112000b0b41090b");
    }

    /**
     * Branches from the last block of a function to its end, with values below the block. Results: 2, 2, 2, 5.
     *
     * <pre>
     * (func (export "br") (result i32) i32.const 1 block i32.const 2 br 1 end)
     * (func (export "br_if") (result i32)
     *   i32.const 1 i32.const 1 if block i32.const 7 i32.const 2 i32.const 1 br_if 2 drop drop end end)
     * (func (export "br_table") (result i32) i32.const 1 loop i32.const 2 i32.const 0 br_table 1 1 end)
     * (func $half (result i32 i32)
     *   i32.const 8 block (result i32) i32.const 1 i32.const 2 i32.const 3 br 1 end)
     * (func (export "half") (result i32) call $half i32.add)
     * </pre>
     */
    static byte[] branchesPastLastBlock() {
        return hex("0061736d01000000010a026000017f6000027f7f030605000000010007200402627200000562725f696600010862725f"
                + "7461626c6500020468616c6600040a4a050b004101024041020c010b0b160041014101044002404107410241010d021a"
                + "1a0b0b0b0f0041010340410241000e0101010b0b0f004108027f4101410241030c010b0b050010036a0b000e046e616d"
                + "65010701030468616c66");
    }

    /**
     * Branches to the end of a function and of its last block. Results: 2, 5, 2, 2.
     *
     * <pre>
     * (func (export "code") (result i32) i32.const 1 block i32.const 2 br 1 end nop)
     * (func (export "before") (result i32)
     *   i32.const 9 i32.const 8 i32.const 1 if i32.const 5 br 1 end drop block end)
     * (func (export "equal") (result i32) block (result i32) i32.const 1 i32.const 2 br 1 end)
     * (func (export "own") (result i32) i32.const 2 block i32.const 1 i32.const 1 br_if 0 drop end)
     * </pre>
     */
    static byte[] branchesPastOtherBlocks() {
        return hex("0061736d010000000105016000017f03050400000000071f0404636f64650000066265666f7265000105657175616c00"
                + "02036f776e00030a3d040c004101024041020c010b010b1300410941084101044041050c010b1a02400b0b0b00027f41"
                + "0141020c010b0b0e0041020240410141010d001a0b0b");
    }

    /**
     * A null reference is thrown beside a handler for everything: the first two exports trap. Result of the last one: 9.
     *
     * <pre>
     * (tag $e) (func $null (throw_ref (ref.null exn)))
     * (func (export "own") (result i32)
     *   (block $b (try_table (catch_all $b) (throw_ref (ref.null exn)))) (i32.const 1))
     * (func (export "called") (result i32) (block $b (try_table (catch_all $b) (call $null))) (i32.const 1))
     * (func (export "again") (result i32)
     *   (block $o (try_table (catch $e $o)
     *     (block $r (result exnref) (try_table (catch_all_ref $r) (throw $e)) (unreachable)) (throw_ref)))
     *   (i32.const 9))
     * </pre>
     */
    static byte[] nullThrows() {
        return hex("0061736d010000000108026000006000017f030504000101010d03010000071803036f776e00010663616c6c65640002"
                + "05616761696e00030a44040500d0690a0b100002401f40010200d0690a0b0b41010b0f0002401f4001020010000b0b41"
                + "010b1b0002401f400100000002691f4001030008000b000b0a0b0b41090b");
    }

    /**
     * Branches from blocks with a parameter, with a 7 left over. Results: 11, 11, 11, 19.
     *
     * <pre>
     * (type $n (func (result i32))) (func $nine (type $n) i32.const 9)
     * (func (export "br") (result i32)
     *   i32.const 10 i32.const 1 block (param i32) (result i32) drop i32.const 7 i32.const 1 br 0 end i32.add)
     * (func (export "br_if") (result i32)
     *   i32.const 10 i32.const 1 block (param i32) (result i32)
     *     drop i32.const 7 i32.const 1 i32.const 1 br_if 0 drop end i32.add)
     * (func (export "br_table") (result i32)
     *   i32.const 10 i32.const 1 block (param i32) (result i32)
     *     drop i32.const 7 i32.const 1 i32.const 0 br_table 0 0 end i32.add)
     * (func (export "ref") (result i32)
     *   i32.const 10 ref.func $nine block (param (ref $n)) (result i32)
     *     i32.const 7 drop call_ref $n i32.const 7 i32.const 9 br 0 end i32.add)
     * </pre>
     */
    static byte[] branchesFromBlocksWithParameters() {
        return hex("0061736d010000000110036000017f60017f017f60016400017f0306050000000000071f0402627200010562725f6966"
                + "00020862725f7461626c650003037265660004090501030001000a5905040041090b1100410a410102011a410741010c"
                + "000b6a0b1400410a410102011a4107410141010d001a0b6a0b1500410a410102011a4107410141000e0100000b6a0b15"
                + "00410ad200020241071a1400410741090c000b6a0b");
    }

    /**
     * Parameters of the branches of an {@code if}, of nested ones, of a block with less below it than parameters, and of a
     * {@code try_table}. Results: 12, 12, 13, 42, 15.
     *
     * <pre>
     * (tag $e (param i32))
     * (func (export "then") (result i32)
     *   i32.const 10 i32.const 2 i32.const 1 if (param i32) (result i32) i32.const 7 i32.const 2 br 0 end i32.add)
     * (func (export "else") (result i32)
     *   i32.const 10 i32.const 2 i32.const 0 if (param i32) (result i32) drop i32.const 3 end i32.add)
     * (func (export "nested") (result i32)
     *   i32.const 10 i32.const 1 i32.const 2 i32.const 0 if (param i32 i32) (result i32 i32)
     *     drop drop i32.const 0 i32.const 0
     *   else
     *     i32.const 1 if (param i32 i32) (result i32 i32) i32.const 8 drop br 1 end
     *   end i32.add i32.add)
     * (func (export "bottom") (result i32)
     *   i32.const 42 block i32.const 1 i64.const 2 block (param i32 i64) drop drop end end)
     * (func (export "try") (result i32)
     *   i32.const 10 i32.const 2 block $b (param i32) (result i32)
     *     i32.const 100 drop i32.const 3 try_table (param i32 i32) (result i32) (catch $e $b)
     *       i32.add i32.const 4 drop throw $e end end i32.add)
     * </pre>
     */
    static byte[] blocksWithParameters() {
        return hex("0061736d0100000001200660017f006000017f60017f017f60027f7f027f7f60027f7e0060027f7f017f030605010101"
                + "01010d03010000072705047468656e000004656c73650001066e6573746564000206626f74746f6d0003037472790004"
                + "0a74051200410a410241010402410741020c000b6a0b0f00410a4102410004021a41030b6a0b2000410a410141024100"
                + "04031a1a41004100054101040341081a0c010b0b6a6a0b1000412a02404101420202041a1a0b0b0b1d00410a41020202"
                + "41e4001a41031f05010000006a41041a08000b0b6a0b");
    }

    /**
     * A branch to a loop with a parameter, with a 7 left over. Results: 10.
     *
     * <pre>
     * (func (export "loop") (result i32) (local i32)
     *   i32.const 10 i32.const 1 loop (param i32) (result i32)
     *     local.set 0 local.get 0 if i32.const 7 i32.const 0 br 1 end i32.const 0 end i32.add)
     * </pre>
     */
    static byte[] loopWithParameters() {
        return hex("0061736d01000000010a026000017f60017f017f03020100070801046c6f6f7000000a1d011b01017f410a4101030121"
                + "0020000440410741000c010b41000b6a0b");
    }

    /**
     * Tail calls with values left over, in functions that are called with values below. Results: 129.
     *
     * <pre>
     * (type $b (func (param i32 i64) (result i32)))
     * (func $both (type $b) local.get 1 i32.wrap_i64 local.get 0 i32.add)
     * (func $direct (param i32) (result i32)
     *   i32.const 5 i32.const 6
     *   block local.get 0 br_if 0 i32.const 77 i32.const 2 i32.const 0 br_table 1 1 end
     *   i32.const 4 i64.const 5 return_call $both)
     * (func $table (result i32)
     *   block try_table (catch $e 0)
     *     i32.const 5 i32.const 4 i64.const 5 i32.const 0 return_call_indirect (type $b) end unreachable end i32.const 7)
     * (func $ref (result i32) i32.const 5 i32.const 4 i64.const 5 ref.func $both return_call_ref $b)
     * (func (export "f") (result i32)
     *   i32.const 100 i32.const 1 call $direct i32.const 0 call $direct call $table call $ref
     *   i32.add i32.add i32.add i32.add)
     * </pre>
     */
    static byte[] tailCallsWithValuesLeftOver() {
        return hex("0061736d010000000113046000017f60027f7e017f60000060017f017f0306050103000000040501700101010d030100"
                + "0207050101660004090b020041000b0100030001000a670508002001a720006a0b1e0041054106024020000d0041cd00"
                + "410241000e0101010b4104420512000b1a0002401f400100000041054104420541001301000b000b41070b0c00410541"
                + "044205d20015010b150041e4004101100141001001100210036a6a6a6a0b");
    }
}
