package dev.precast.engine.wasmtime.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** Small modules and components, as wat2wasm and wasm-tools write them. */
final class Wasm {
    /** {@code (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (func (export "_start") …(i32.const 7))) */
    static final byte[] EXITS_WITH_7 = hex(
            "0061736d01000000" // header
                    + "01080260017f00600000" // types
                    + "02240116776173695f736e617073686f745f70726576696577310970726f635f657869740000"
                    + "03020101" // one function
                    + "0503010001" // a memory
                    + "0713" + "02066d656d6f72790200" + "065f73746172740001" // both exported
                    + "0a08010600410710000b");

    /** Like {@link #EXITS_WITH_7}, but first counts to 2^30, which takes some tenths of a second. */
    static final byte[] COUNTS = hex("0061736d01000000" + "01080260017f00600000"
            + "02240116776173695f736e617073686f745f70726576696577310970726f635f657869740000"
            + "03020101" + "0503010001" + "0713" + "02066d656d6f72790200" + "065f73746172740001"
            + "0a1d011b" + "01017f" + "0340" + "20004101" + "6a2200" + "418080808004" + "47" + "0d000b" + "410710000b");

    /** {@code (module (func (export "_start") unreachable))} */
    static final byte[] TRAPS =
            hex("0061736d01000000" + "010401600000" + "03020100" + "070a01065f73746172740000" + "0a05010300000b");

    /**
     * <pre>
     * (module
     *   (import "host" "ask" (func (result i32)))
     *   (memory (export "memory") 1)
     *   (global (export "seven") i32 (i32.const 7))
     *   (func (export "same") (param i32 i64 f32 f64) (result i32 i64 f32 f64) …)
     *   (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
     *   (func (export "vector") (result v128) …)
     *   (export "ask" (func 0)))
     * </pre>
     */
    static final byte[] NUMBERS = hex("0061736d01000000"
            + "01190460047f7e7d7c047f7e7d7c6000017f60017f017f6000017b" // types
            + "020c0104686f73740361736b0001" // import
            + "030403000203" // functions
            + "0503010001" // memory
            + "0606017f0041070b" // global
            + "072f06066d656d6f727902000473616d650001046c6f6164000206766563746f7200030361736b000005736576"
            + "656e0300" // exports
            + "0a29030a0020002001200220030b070020002d00000b1400fd0c000000000000000000000000000000000b");

    /** {@code (module (import "host" "memory" (memory 1)) (func (export "load") (param i32) (result i32) …))} */
    static final byte[] IMPORTS_MEMORY = hex("0061736d01000000" + "01060160017f017f"
            + "02100104686f7374066d656d6f7279020001" + "03020100" + "070801046c6f61640000" + "0a0901070020002d00000b");

    private Wasm() {}

    static MemorySegment of(Arena arena, byte[] wasm) {
        return arena.allocate(wasm.length).copyFrom(MemorySegment.ofArray(wasm));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
