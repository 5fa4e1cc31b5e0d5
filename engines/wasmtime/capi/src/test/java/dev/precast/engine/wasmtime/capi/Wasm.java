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

    /** The same after counting to 2^30, which takes some tenths of a second. */
    static final byte[] COUNTS = hex("0061736d01000000" + "01080260017f00600000"
            + "02240116776173695f736e617073686f745f70726576696577310970726f635f657869740000"
            + "03020101" + "0503010001" + "0713" + "02066d656d6f72790200" + "065f73746172740001"
            + "0a1d011b" + "01017f" + "0340" + "20004101" + "6a2200" + "418080808004" + "47" + "0d000b" + "410710000b");

    /** {@code (module (func (export "_start") unreachable))} */
    static final byte[] TRAPS =
            hex("0061736d01000000" + "010401600000" + "03020100" + "070a01065f73746172740000" + "0a05010300000b");

    private Wasm() {}

    static MemorySegment of(Arena arena, byte[] wasm) {
        return arena.allocate(wasm.length).copyFrom(MemorySegment.ofArray(wasm));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
