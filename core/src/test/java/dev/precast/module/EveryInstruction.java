package dev.precast.module;

/** A module with each kind of immediate, section and segment. */
final class EveryInstruction {
    static final int BR_TABLE_ENTRIES = 3;
    static final int DEPTH = 3;

    private EveryInstruction() {}

    static byte[] module() {
        return WasmBytes.module()
                .section(0, s -> s.name("before").raw(1, 2, 3))
                .section(1, EveryInstruction::types)
                .section(2, EveryInstruction::imports)
                .section(3, s -> s.u(2).u(0).u(1))
                .section(4, s -> s.u(2).raw(0x70, 0, 10).raw(0x40, 0, 0x63, 0x70, 1, 1, 2, 0xd0, 0x70, 0x0b))
                .section(5, s -> s.u(2).raw(1, 1, 16).raw(5).u(1).u(1L << 40))
                .section(13, s -> s.u(1).raw(0, 0))
                .section(6, s -> s.u(1).raw(0x7f, 1, 0x41, 0x7f, 0x0b))
                .section(7, s -> s.u(2).name("run").raw(0, 1).name("memory").raw(2, 0))
                .section(8, s -> s.u(1))
                .section(9, EveryInstruction::elements)
                .section(12, s -> s.u(3))
                .section(10, s -> s.u(2).sized(EveryInstruction::body).sized(b -> b.raw(0, 0x0b)))
                .section(
                        11,
                        s -> s.u(3).raw(0, 0x41, 0, 0x0b, 2, 7, 7).raw(1, 1, 7).raw(2, 1, 0x41, 0, 0x0b, 0))
                .bytes();
    }

    private static void types(WasmBytes s) {
        s.u(5);
        s.raw(0x60, 0, 0);
        s.raw(0x60, 2, 0x7f, 0x7e, 1, 0x7d);
        s.raw(0x4e, 2).raw(0x50, 0, 0x5f, 2, 0x78, 1, 0x64, 0x6e, 0).raw(0x4f, 1, 2, 0x5f, 1, 0x7f, 0);
        s.raw(0x5e, 0x77, 1);
        s.raw(0x60, 1, 0x63, 0x70, 0);
    }

    private static void imports(WasmBytes s) {
        s.u(5);
        s.name("env").name("f").raw(0, 0);
        s.name("env").name("t").raw(1, 0x70, 1, 1, 2);
        s.name("env").name("m").raw(2, 3, 1, 2);
        s.name("env").name("g").raw(3, 0x7e, 0);
        s.name("env").name("e").raw(4, 0, 0);
    }

    private static void elements(WasmBytes s) {
        s.u(8);
        s.raw(0, 0x41, 0, 0x0b, 1, 0);
        s.raw(1, 0, 1, 0);
        s.raw(2, 0, 0x41, 0, 0x0b, 0, 1, 0);
        s.raw(3, 0, 1, 0);
        s.raw(4, 0x41, 0, 0x0b, 1, 0xd2, 0, 0x0b);
        s.raw(5, 0x70, 1, 0xd2, 0, 0x0b);
        s.raw(6, 0, 0x41, 0, 0x0b, 0x70, 1, 0xd2, 0, 0x0b);
        s.raw(7, 0x70, 1, 0xd0, 0x70, 0x0b);
    }

    private static void body(WasmBytes b) {
        b.u(2).u(3).raw(0x7f).u(4).raw(0x63, 0x70);
        b.raw(0x00, 0x01);
        b.raw(0x02, 0x40, 0x03, 0x7f, 0x04, 0x00, 0x05, 0x0b, 0x0b, 0x0b);
        b.raw(0x02, 0x63, 0x70, 0x0b);
        b.raw(0x06, 0x40, 0x07, 0, 0x09, 0, 0x19, 0x0b);
        b.raw(0x06, 0x40, 0x18, 0);
        b.raw(0x1f, 0x40, 4, 0, 0, 0, 1, 0, 0, 2, 0, 3, 0, 0x0b);
        b.raw(0x08, 0, 0x0a);
        b.raw(0x0c, 0, 0x0d, 0, 0x0e, BR_TABLE_ENTRIES, 0, 0, 0, 0, 0x0f);
        b.raw(0x10, 0, 0x11, 0, 0, 0x12, 0, 0x13, 0, 0, 0x14, 0, 0x15, 0);
        b.raw(0x1a, 0x1b, 0x1c, 1, 0x7f);
        b.raw(0x20, 0, 0x21, 0, 0x22, 0, 0x23, 0, 0x24, 0, 0x25, 0, 0x26, 0);
        b.raw(0x28, 2, 0).raw(0x28, 0x42, 1, 0).raw(0x3e, 0).u(-1L);
        b.raw(0x3f, 0, 0x40, 0);
        b.raw(0x41, 0xff, 0xff, 0xff, 0xff, 0x07).raw(0x41, 0x80, 0x80, 0x80, 0x80, 0x78);
        b.raw(0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f);
        b.raw(0x43, 1, 2, 3, 4, 0x44, 1, 2, 3, 4, 5, 6, 7, 8);
        for (int opcode = 0x45; opcode <= 0xc4; opcode++) {
            b.raw(opcode);
        }
        b.raw(0xd0, 0x70, 0xd1, 0xd2, 0, 0xd3, 0xd4, 0xd5, 0, 0xd6, 0);
        b.raw(0xfb, 0, 0, 0xfb, 2, 0, 0, 0xfb, 8, 0, 0, 0xfb, 15, 0xfb, 20, 0x70, 0xfb, 24, 0, 0, 0x70, 0x71, 0xfb, 30);
        b.raw(0xfc, 0, 0xfc, 8, 0, 0, 0xfc, 9, 0, 0xfc, 10, 0, 0, 0xfc, 11, 0, 0xfc, 17, 0, 0xfc, 0x93, 0);
        b.raw(0xfd, 0, 4, 0, 0xfd, 12).times(16, 9).raw(0xfd, 13).times(16, 9).raw(0xfd, 14, 0xfd, 21, 0);
        b.raw(0xfd, 84, 0, 0, 0, 0xfd, 92, 0, 0, 0xfd, 0xff, 1, 0xfd, 0x93, 2);
        b.raw(0xfe, 0, 2, 0, 0xfe, 3, 0, 0xfe, 0x10, 2, 0, 0xfe, 0x4e, 2, 0);
        b.raw(0x0b);
    }
}
