package dev.precast.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.json.JsonObject;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StaticCapsTest {
    private static final int END = 0x0b;

    @Test
    void huge_locals_are_over_a_cap() throws MalformedModuleException {
        over("locals", WasmBytes.functions(1, b -> b.u(1).u(50_000).raw(0x7e, END)));
        over("totalLocals", WasmBytes.functions(200, b -> b.u(1).u(9_000).raw(0x7e, END)));
    }

    @Test
    void a_wide_br_table_is_over_a_cap() throws MalformedModuleException {
        over(
                "brTableEntries",
                WasmBytes.functions(
                        1,
                        b -> b.u(0).raw(0x0e).u(1_000_000).times(1_000_001, 0).raw(END)));
    }

    @Test
    void deep_nesting_is_over_a_cap() throws MalformedModuleException {
        over(
                "nesting",
                WasmBytes.functions(1, b -> b.u(0).times(20_000, 0x02, 0x40).times(20_001, END)));
    }

    @Test
    void a_million_types_are_over_a_cap() throws MalformedModuleException {
        over(
                "types",
                WasmBytes.module()
                        .section(1, s -> s.u(1_000_000).times(1_000_000, 0x60, 0, 0))
                        .bytes());
    }

    @Test
    void a_violation_names_cap_value_and_limit() throws MalformedModuleException {
        StaticCaps caps = StaticCaps.DEFAULT.with(Cap.MODULE_BYTES, 7);

        assertThat(caps.check(ModuleScan.of(WasmBytes.module().bytes())))
                .contains(new StaticCaps.Violation(Cap.MODULE_BYTES, 8, 7))
                .get()
                .hasToString("moduleBytes: exceeds the limit (expected at most 7, found 8)");
    }

    @ParameterizedTest
    @EnumSource
    void a_value_equal_to_its_cap_passes_and_one_more_does_not(Cap cap) throws MalformedModuleException {
        ModuleFacts facts = ModuleScan.of(EveryInstruction.module());
        long value = cap.valueIn(facts);

        assertThat(value).isPositive();
        assertThat(StaticCaps.DEFAULT.with(cap, value).check(facts)).isEmpty();
        assertThat(StaticCaps.DEFAULT.with(cap, value - 1).check(facts))
                .contains(new StaticCaps.Violation(cap, value, value - 1));
    }

    @Test
    void the_json_form_has_each_cap() {
        JsonObject json = StaticCaps.DEFAULT.with(Cap.TYPES, 5).toJson();

        assertThat(json.integer("types", 0, 10)).isEqualTo(5);
        assertThat(json.members().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Cap.values()).map(Cap::label).toList());
    }

    @Test
    void a_cap_without_limit_is_refused() {
        assertThatThrownBy(() -> new StaticCaps(Map.of()))
                .hasMessage("cap moduleBytes: expected 0 to 2^53-1, found null");
    }

    private static void over(String cap, byte[] wasm) throws MalformedModuleException {
        assertThat(StaticCaps.DEFAULT.check(ModuleScan.of(wasm)))
                .map(violation -> violation.cap().label())
                .contains(cap);
    }
}
