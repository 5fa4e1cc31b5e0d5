package dev.precast.engine.chicory.compile;

import static dev.precast.engine.chicory.compile.Wasm.hex;

/** Modules whose tail calls have references as parameters or results. Their exports {@code f} and {@code g} take no arguments. */
final class TailCallModules {
    private TailCallModules() {}

    /**
     * A tail call of a function that ends with a tail call; both have a reference as result. Results: 7.
     *
     * <pre>
     * (type $s (struct (field i32)))
     * (func $make (param i32) (result anyref) local.get 0 struct.new $s)
     * (func $again (param i32) (result anyref) local.get 0 return_call $make)
     * (func $twice (param i32) (result anyref) local.get 0 return_call $again)
     * (func (export "f") (result i32) i32.const 7 call $twice ref.cast (ref $s) struct.get $s 0)
     * </pre>
     */
    static byte[] oneResult() {
        return hex("0061736d01000000010e035f017f0060017f016e6000017f03050401010102070501016600030a250407002000fb0000"
                + "0b0600200012000b0600200012010b0d0041071002fb1600fb0200000b");
    }

    /** {@link #oneResult()} with an i32 as first result, which is 1. Results: 8. */
    static byte[] twoResults() {
        return hex("0061736d01000000010f035f017f0060017f027f6e6000017f03050401010102070501016600030a2804090041012000"
                + "fb00000b0600200012000b0600200012010b0e0041071002fb1600fb0200006a0b");
    }

    /**
     * Functions tail-call a function with a reference as parameter. Results: 8, 10.
     *
     * <pre>
     * (type $s (struct (field i32)))
     * (func $read (param anyref i32) (result i32)
     *   local.get 0 ref.cast (ref $s) struct.get $s 0 local.get 1 i32.add)
     * (func $plain (param i32) (result i32) local.get 0 struct.new $s i32.const 1 return_call $read)
     * (func $again (param anyref i32) (result i32) local.get 0 local.get 1 return_call $read)
     * (func (export "f") (result i32) i32.const 7 call $plain)
     * (func (export "g") (result i32) i32.const 8 struct.new $s i32.const 2 call $again)
     * </pre>
     */
    static byte[] parameters() {
        return hex("0061736d010000000114045f017f0060026e7f017f60017f017f6000017f030605010201030307090201660003016700"
                + "040a38050e002000fb1600fb02000020016a0b0b002000fb0000410112000b08002000200112000b0600410710010b0b"
                + "004108fb0000410210020b");
    }

    /**
     * A function with a reference as parameter and result tail-calls itself 200,000 times. Results: 44.
     *
     * <pre>
     * (type $s (struct (field i32)))
     * (func $down (param i32 anyref) (result anyref i32)
     *   local.get 0 i32.eqz if local.get 1 i32.const 40 return end
     *   local.get 0 i32.const 1 i32.sub local.get 1 return_call $down)
     * (func (export "f") (result i32)
     *   i32.const 200000 i32.const 4 struct.new $s call $down
     *   drop ref.cast (ref $s) struct.get $s 0 i32.const 40 i32.add)
     * </pre>
     */
    static byte[] deep() {
        return hex("0061736d010000000110035f017f0060027f6e026e7f6000017f0303020102070501016600010a310216002000450440"
                + "200141280f0b200041016b200112000b180041c09a0c4104fb000010001afb1600fb02000041286a0b");
    }

    /**
     * Exports that pass the host's reference to a tail call.
     *
     * <pre>
     * (func $even (export "even") (param externref i32) (result externref i32)
     *   local.get 1 i32.eqz if local.get 0 i32.const 1 return end
     *   local.get 0 local.get 1 i32.const 1 i32.sub return_call $odd)
     * (func $odd (param externref i32) (result externref i32)
     *   local.get 1 i32.eqz if local.get 0 i32.const 0 return end
     *   local.get 0 local.get 1 i32.const 1 i32.sub return_call $even)
     * (func (export "is") (param externref) (result i32) local.get 0 return_call $not-null)
     * (func $not-null (param externref) (result i32) local.get 0 ref.is_null i32.eqz)
     * </pre>
     */
    static byte[] ofHost() {
        return hex("0061736d01000000010d0260026f7f026f7f60016f017f03050400000101070d020269730002046576656e00000a3d04"
                + "16002001450440200041010f0b2000200141016b12010b16002001450440200041000f0b2000200141016b12000b0600"
                + "200012030b06002000d1450b");
    }
}
