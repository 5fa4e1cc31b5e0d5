package dev.precast.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.testing.Scale;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModuleScanTest {
    private static final int BLOCK = 0x02;
    private static final int END = 0x0b;
    private static final int I64 = 0x7e;

    @Test
    void the_empty_module_has_nothing() throws MalformedModuleException {
        ModuleFacts facts = ModuleScan.of(WasmBytes.module().bytes());

        assertThat(facts.bytes()).isEqualTo(8);
        assertThat(facts.sections()).isEmpty();
        assertThat(facts.code().functions()).isZero();
        assertThat(facts.code().maxBodyBytes()).isZero();
    }

    @Test
    void all_parts_are_counted() throws MalformedModuleException {
        byte[] wasm = EveryInstruction.module();
        ModuleFacts facts = ModuleScan.of(wasm);

        assertThat(facts.bytes()).isEqualTo(wasm.length);
        assertThat(facts.sections())
                .extracting(ModuleFacts.Section::name)
                .containsExactly(
                        "before",
                        "type",
                        "import",
                        "function",
                        "table",
                        "memory",
                        "tag",
                        "global",
                        "export",
                        "start",
                        "element",
                        "data count",
                        "code",
                        "data");
        assertThat(facts.types()).isEqualTo(new ModuleFacts.Types(6, 2, 1, 2));
        assertThat(facts.importCounts()).isEqualTo(new ModuleFacts.ImportCounts(1, 1, 1, 1, 1));
        assertThat(facts.imports()).contains(new ModuleFacts.Import("env", "m", ExternalKind.MEMORY));
        assertThat(facts.exportCount()).isEqualTo(2);
        assertThat(facts.exports()).contains(new ModuleFacts.Export("run", ExternalKind.FUNCTION, 1));
        assertThat(facts.tableCount()).isEqualTo(2);
        assertThat(facts.memories()).extracting(ModuleFacts.Limits::wide).containsExactly(false, true);
        assertThat(facts.memories().get(1).max()).hasValue(1L << 40);
        assertThat(facts.globals()).isEqualTo(1);
        assertThat(facts.tags()).isEqualTo(1);
        assertThat(facts.start()).hasValue(1);
        assertThat(facts.elements()).isEqualTo(new ModuleFacts.Segments(8, 8));
        assertThat(facts.data()).isEqualTo(new ModuleFacts.Segments(3, 3));
        ModuleFacts.Code code = facts.code();
        assertThat(code.functions()).isEqualTo(2);
        assertThat(code.params()).isEqualTo(2);
        assertThat(code.locals()).isEqualTo(7);
        assertThat(code.maxLocals()).isEqualTo(7);
        assertThat(code.brTableEntries()).isEqualTo(EveryInstruction.BR_TABLE_ENTRIES);
        assertThat(code.maxBrTableEntries()).isEqualTo(EveryInstruction.BR_TABLE_ENTRIES);
        assertThat(code.maxDepth()).isEqualTo(EveryInstruction.DEPTH);
        assertThat(code.largest()).extracting(ModuleFacts.Body::function).containsExactly(1L, 2L);
        assertThat(code.bytes())
                .isEqualTo(code.largest().stream()
                        .mapToLong(ModuleFacts.Body::bytes)
                        .sum());
        assertThat(StaticCaps.DEFAULT.check(facts)).isEmpty();
    }

    @Test
    void the_ten_largest_bodies_are_listed_largest_first_and_by_index_among_equals() throws MalformedModuleException {
        byte[] wasm = WasmBytes.module()
                .section(1, s -> s.u(1).raw(0x60, 0, 0))
                .section(3, s -> s.u(20).times(20, 0))
                .section(10, s -> {
                    s.u(20);
                    for (int i = 0; i < 20; i++) {
                        int nops = i / 2;
                        s.sized(b -> b.u(0).times(nops, 0x01).raw(END));
                    }
                })
                .bytes();

        assertThat(ModuleScan.of(wasm).code().largest())
                .extracting(ModuleFacts.Body::function)
                .containsExactly(18L, 19L, 16L, 17L, 14L, 15L, 12L, 13L, 10L, 11L);
    }

    @Test
    void locals_are_summed_without_overflow() throws MalformedModuleException {
        byte[] wasm = WasmBytes.functions(2, b -> {
            b.u(1000);
            for (int i = 0; i < 1000; i++) {
                b.u(0xffff_ffffL).raw(I64);
            }
            b.raw(END);
        });

        assertThat(ModuleScan.of(wasm).code().maxLocals()).isEqualTo(1000 * 0xffff_ffffL);
        assertThat(ModuleScan.of(wasm).code().locals()).isEqualTo(2000 * 0xffff_ffffL);
        assertThat(CodeScan.plus(Long.MAX_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_million_nested_blocks_are_walked_without_recursion() throws MalformedModuleException {
        int depth = 1_000_000;
        byte[] wasm = WasmBytes.functions(
                1, b -> b.u(0).times(depth, BLOCK, 0x40).times(depth, END).raw(END));

        assertThat(ModuleScan.of(wasm).code().maxDepth()).isEqualTo(depth);
    }

    @Test
    void more_types_than_are_remembered_give_an_upper_bound_of_parameters() throws MalformedModuleException {
        int types = (1 << 20) + 1;
        byte[] wasm = WasmBytes.module()
                .section(1, s -> s.u(types).raw(0x60, 1, 0x7f, 0).times(types - 1, 0x60, 0, 0))
                .section(3, s -> s.u(1).u(types - 1))
                .section(10, s -> s.u(1).sized(b -> b.raw(0, END)))
                .bytes();

        assertThat(ModuleScan.of(wasm).types().count()).isEqualTo(types);
        assertThat(ModuleScan.of(wasm).code().params()).isEqualTo(1);
    }

    @Test
    void lists_are_cut_and_counts_are_not() throws MalformedModuleException {
        byte[] wasm = WasmBytes.module()
                .section(2, s -> {
                    s.u(5000);
                    for (int i = 0; i < 5000; i++) {
                        s.name("m").name("n".repeat(i)).raw(3, 0x7f, 0);
                    }
                })
                .bytes();
        ModuleFacts facts = ModuleScan.of(wasm);

        assertThat(facts.importCounts().globals()).isEqualTo(5000);
        assertThat(facts.imports()).hasSize(ModuleFacts.MAX_LISTED);
        assertThat(facts.imports().get(999).name()).hasSize(513).endsWith("…");
    }

    @Test
    void a_component_is_named_as_such() {
        refused("a component's", 0, 'a', 's', 'm', 0x0d, 0, 1, 0);
    }

    @Test
    void bytes_that_are_no_wasm_are_refused() {
        refused("another", 'P', 'K', 3, 4, 0, 0, 0, 0);
        refused("the module ends here", 0, 'a', 's');
    }

    @Test
    void a_section_may_not_reach_beyond_the_module() {
        refused("offset 14: the module ends here", 0, 'a', 's', 'm', 1, 0, 0, 0, 0, 9, 1, 'a', 1, 2);
    }

    @Test
    void a_vector_may_not_be_longer_than_what_is_left() {
        refused("4294967295 types do not fit into the remaining 0 bytes", wasm(1, s -> s.u(0xffff_ffffL)));
        refused(
                "4294967295 bytes of a name do not fit into the remaining 1 bytes",
                wasm(0, s -> s.u(0xffff_ffffL).raw(1)));
        refused(
                "4294967295 br_table entries do not fit into the remaining 2 bytes",
                WasmBytes.functions(1, b -> b.u(0).raw(0x0e).u(0xffff_ffffL).raw(0, END)));
        refused(
                "4294967295 bytes of data do not fit into the remaining 0 bytes",
                wasm(11, s -> s.u(1).raw(1).u(0xffff_ffffL)));
    }

    @Test
    void numbers_are_not_longer_than_their_type() {
        refused("more than 32 bits", wasm(1, s -> s.raw(0x80, 0x80, 0x80, 0x80, 0x10)));
        refused("more than 32 bits", wasm(1, s -> s.raw(0x80, 0x80, 0x80, 0x80, 0x80, 0)));
        refused("more than 32 bits", instructions(0x41, 0xff, 0xff, 0xff, 0xff, 0x0f));
        refused("more than 33 bits", instructions(BLOCK, 0x80, 0x80, 0x80, 0x80, 0x10));
        refused("more than 64 bits", instructions(0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1));
        refused("more than 64 bits", instructions(0x28, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2));
    }

    @Test
    void sections_appear_once_and_in_order() {
        byte[] twice = WasmBytes.module()
                .section(1, s -> s.u(0))
                .section(1, s -> s.u(0))
                .bytes();
        byte[] late = WasmBytes.module()
                .section(10, s -> s.u(0))
                .section(3, s -> s.u(0))
                .bytes();
        refused("section type appears twice or out of order", twice);
        refused("section function appears twice or out of order", late);
        refused("unknown section 14", wasm(14, s -> s.u(0)));
    }

    @Test
    void sections_and_bodies_end_where_they_say() {
        refused("section type should end here, but 1 bytes remain", wasm(1, s -> s.u(0).u(0)));
        refused("function body should end here, but 1 bytes", WasmBytes.functions(1, b -> b.raw(0, END, 0)));
        refused("the enclosing section or item ends here", WasmBytes.functions(1, b -> b.raw(0, 0x01)));
        refused(
                "module declares 2 functions, but has 0 bodies",
                WasmBytes.module()
                        .section(1, s -> s.u(1).raw(0x60, 0, 0))
                        .section(3, s -> s.u(2).raw(0, 0))
                        .bytes());
    }

    @Test
    void unassigned_codes_are_refused() {
        refused("unknown opcode 0xff", instructions(0xff));
        refused("unknown opcode 0xfd 0x9a", instructions(0xfd, 0x9a, 1));
        refused("unknown opcode 0xfe 0xfffffff", instructions(0xfe, 0xff, 0xff, 0xff, 0x7f));
        refused("delegate outside", instructions(0x18, 0));
        refused("catch clause of unknown kind 4", instructions(0x1f, 0x40, 1, 4, 0));
        refused("unknown value type 0x1", wasm(1, s -> s.u(1).raw(0x60, 1, 1, 0)));
        refused("unknown form of a type 0x61", wasm(1, s -> s.u(1).raw(0x61, 0, 0)));
        refused(
                "import or export of unknown kind 5",
                wasm(7, s -> s.u(1).name("x").raw(5, 0)));
        refused("unknown flags of limits 0x10", wasm(5, s -> s.u(1).raw(0x10, 1)));
        refused("element segment of unknown kind 8", wasm(9, s -> s.u(1).raw(8, 0)));
        refused("data segment of unknown kind 3", wasm(11, s -> s.u(1).raw(3, 0)));
        refused(
                "type index 1 is out of range: the module has 1 types",
                WasmBytes.module()
                        .section(1, s -> s.u(1).raw(0x60, 0, 0))
                        .section(3, s -> s.u(1).u(1))
                        .bytes());
    }

    @Test
    void a_module_cut_anywhere_is_malformed_or_a_smaller_module() {
        byte[] whole = EveryInstruction.module();
        for (int length = 0; length < whole.length; length++) {
            scan(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void random_damage_gives_a_malformed_module_exception_or_a_module() {
        byte[] whole = EveryInstruction.module();
        Random random = Scale.random(ModuleScanTest.class);
        for (int round = 0; round < Scale.of(8_000, 40_000); round++) {
            byte[] damaged = whole.clone();
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            scan(damaged);
        }
    }

    @Test
    void a_stream_that_gives_one_byte_at_a_time_gives_the_same_facts() throws Exception {
        byte[] wasm = EveryInstruction.module();
        InputStream slow = new InputStream() {
            private int next;

            @Override
            public int read() {
                return next < wasm.length ? wasm[next++] & 0xff : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                int b = read();
                if (b < 0) {
                    return -1;
                }
                into[offset] = (byte) b;
                return 1;
            }
        };

        assertThat(ModuleScan.of(slow)).isEqualTo(ModuleScan.of(wasm));
    }

    private static void scan(byte[] wasm) {
        try {
            ModuleFacts facts = ModuleScan.of(wasm);
            assertThat(facts.bytes()).isEqualTo(wasm.length);
        } catch (MalformedModuleException e) {
            assertThat(e.offset()).isBetween(0L, (long) wasm.length);
        }
    }

    private static byte[] wasm(int section, java.util.function.Consumer<WasmBytes> content) {
        return WasmBytes.module().section(section, content).bytes();
    }

    private static byte[] instructions(int... bytes) {
        return WasmBytes.functions(1, b -> b.u(0).raw(bytes).raw(END));
    }

    private static void refused(String message, int... bytes) {
        refused(message, new WasmBytes().raw(bytes).bytes());
    }

    private static void refused(String message, byte[] wasm) {
        assertThatThrownBy(() -> ModuleScan.of(wasm))
                .isInstanceOf(MalformedModuleException.class)
                .hasMessageContaining(message);
    }
}
