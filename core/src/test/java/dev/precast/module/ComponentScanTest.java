package dev.precast.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.testing.Scale;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ComponentScanTest {
    private static final int PAGE = 1 << 16;

    private static WasmBytes component() {
        return new WasmBytes().raw(0, 'a', 's', 'm', 0x0d, 0, 1, 0);
    }

    /** A core module with a memory of that many pages. */
    private static byte[] memory(int pages) {
        return WasmBytes.module().section(5, s -> s.u(1).raw(0).u(pages)).bytes();
    }

    private static Consumer<WasmBytes> instantiate(int... modules) {
        return s -> {
            s.u(modules.length);
            for (int module : modules) {
                s.raw(0).u(module).u(1).name("env").raw(0x12).u(0);
            }
        };
    }

    private static ComponentFacts scan(byte[] wasm) throws MalformedModuleException {
        return scan(wasm, facts -> {});
    }

    private static ComponentFacts scan(byte[] wasm, Consumer<ModuleFacts> each) throws MalformedModuleException {
        try {
            return ComponentScan.of(new ByteArrayInputStream(wasm), each);
        } catch (IOException e) {
            throw new AssertionError("reading from an array cannot fail", e);
        }
    }

    /** Two modules, a component within that instantiates a third twice, imports and exports of every kind of name. */
    private static byte[] rich() {
        byte[] inner = component()
                .section(1, s -> s.raw(memory(3)))
                .section(2, instantiate(0, 0))
                .bytes();
        return component()
                .section(0, s -> s.name("producers").raw(1, 2, 3))
                .section(7, s -> s.u(1).raw(0x42, 0))
                .section(
                        10,
                        s -> s.u(4).raw(0)
                                .name("wasi:cli/environment@0.2.6")
                                .raw(5)
                                .u(0)
                                .raw(1)
                                .name("log")
                                .raw(1)
                                .u(0)
                                .raw(2)
                                .name("kv")
                                .u(1)
                                .raw(0)
                                .name("wasi:keyvalue/store@0.2.0")
                                .raw(5)
                                .u(0)
                                .raw(0)
                                .name("other")
                                .raw(0, 0x11)
                                .u(0))
                .section(1, s -> s.raw(memory(2)))
                .section(1, s -> s.raw(WasmBytes.functions(3, b -> b.u(0).raw(0x0b))))
                .section(2, instantiate(0, 1, 2, 2))
                .section(4, s -> s.raw(inner))
                .section(
                        5,
                        s -> s.u(2).raw(0)
                                .u(0)
                                .u(1)
                                .name("x")
                                .raw(5)
                                .u(0)
                                .raw(1)
                                .u(1)
                                .raw(0)
                                .name("f")
                                .raw(1)
                                .u(0))
                .section(
                        6,
                        s -> s.u(3).raw(0, 0x11, 0)
                                .u(0)
                                .name("m")
                                .raw(0, 2, 1)
                                .u(0)
                                .name("memory")
                                .raw(3, 2)
                                .u(0)
                                .u(0))
                .section(8, s -> s.u(1).raw(0, 0, 0))
                .section(
                        11,
                        s -> s.u(2).raw(0)
                                .name("wasi:cli/run@0.2.6")
                                .raw(5)
                                .u(0)
                                .raw(0)
                                .raw(0)
                                .name("again")
                                .raw(4)
                                .u(0)
                                .raw(1, 4)
                                .u(0))
                .section(5, instantiateComponent(1))
                .bytes();
    }

    private static Consumer<WasmBytes> instantiateComponent(int index) {
        return s -> s.u(1).raw(0).u(index).u(0);
    }

    @Test
    void the_empty_component_has_nothing() throws MalformedModuleException {
        ComponentFacts facts = scan(component().bytes());

        assertThat(facts.bytes()).isEqualTo(8);
        assertThat(facts.moduleCount()).isZero();
        assertThat(facts.instance()).isEqualTo(ComponentFacts.Footprint.NONE);
    }

    @Test
    void all_parts_are_counted() throws MalformedModuleException {
        byte[] wasm = rich();
        List<Long> sizes = new ArrayList<>();
        ComponentFacts facts = scan(wasm, module -> sizes.add(module.bytes()));

        assertThat(facts.bytes()).isEqualTo(wasm.length);
        assertThat(facts.moduleCount()).isEqualTo(3);
        assertThat(facts.componentCount()).isEqualTo(1);
        assertThat(facts.functions()).isEqualTo(3);
        assertThat(facts.modules()).extracting(ComponentFacts.Module::bytes).containsExactlyElementsOf(sizes);
        assertThat(facts.imports())
                .containsExactly(
                        new ComponentFacts.Extern("wasi:cli/environment@0.2.6", "instance"),
                        new ComponentFacts.Extern("log", "func"),
                        new ComponentFacts.Extern("kv", "instance"),
                        new ComponentFacts.Extern("other", "core module"));
        assertThat(facts.exports())
                .containsExactly(
                        new ComponentFacts.Extern("wasi:cli/run@0.2.6", "instance"),
                        new ComponentFacts.Extern("again", "component"));
    }

    @Test
    void a_module_counts_as_often_as_it_is_instantiated() throws MalformedModuleException {
        ComponentFacts facts = scan(rich());

        // Module 0 is imported and therefore unknown; the nested component is instantiated by its index and by an
        // export's.
        assertThat(facts.instance().coreInstances()).isEqualTo(3 + 2 + 2);
        assertThat(facts.instance().memoryBytes()).isEqualTo((2L + 4 * 3) * PAGE);
    }

    @Test
    void modules_are_found_where_they_lie() throws MalformedModuleException {
        byte[] wasm = rich();
        ComponentFacts.Module second = scan(wasm).modules().get(1);
        byte[] cut = Arrays.copyOfRange(wasm, (int) second.offset(), (int) (second.offset() + second.bytes()));

        assertThat(ModuleScan.of(cut).code()).isEqualTo(second.code());
    }

    @Test
    void an_alias_reaches_the_modules_of_the_component_around() throws MalformedModuleException {
        byte[] inner = component()
                .section(6, s -> s.u(1).raw(0, 0x11, 2).u(1).u(0))
                .section(2, instantiate(0))
                .bytes();
        ComponentFacts facts = scan(component()
                .section(1, s -> s.raw(memory(5)))
                .section(4, s -> s.raw(inner))
                .section(5, instantiateComponent(0))
                .bytes());

        assertThat(facts.instance().memoryBytes()).isEqualTo(5L * PAGE);
    }

    @Test
    void instances_that_double_at_each_level_cost_no_time_and_saturate() throws MalformedModuleException {
        byte[] wasm = component()
                .section(1, s -> s.raw(memory(65536)))
                .section(2, s -> instantiate(0).accept(s))
                .bytes();
        for (int level = 0; level < 30; level++) {
            byte[] within = wasm;
            wasm = component()
                    .section(4, s -> s.raw(within))
                    .section(
                            5,
                            s -> s.u(4).raw(0, 0, 0).raw(0, 0, 0).raw(0, 0, 0).raw(0, 0, 0))
                    .bytes();
        }
        assertThat(scan(wasm).instance().memoryBytes()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void deeply_nested_components_are_refused() {
        byte[] wasm = component().bytes();
        for (int level = 0; level <= ComponentScan.MAX_DEPTH; level++) {
            byte[] within = wasm;
            wasm = component().section(4, s -> s.raw(within)).bytes();
        }
        byte[] deep = wasm;
        assertThatThrownBy(() -> scan(deep)).hasMessageContaining("nested deeper than 32");
    }

    @Test
    void a_component_with_too_many_modules_is_refused() {
        WasmBytes wasm = component();
        for (int i = 0; i <= ComponentScan.MAX_ITEMS; i++) {
            wasm.section(1, s -> s.raw(WasmBytes.module().bytes()));
        }
        assertThatThrownBy(() -> scan(wasm.bytes()))
                .hasMessageContaining("more than 1000 core modules in one component");
    }

    @Test
    void messages_name_the_problem() {
        assertThatThrownBy(() -> scan(WasmBytes.module().bytes()))
                .hasMessageContaining("expected a component's preamble, found a core module's");
        assertThatThrownBy(() -> scan(component().section(2, instantiate(0)).bytes()))
                .hasMessageContaining("index 0 is out of range: 0 such items are defined so far");
        assertThatThrownBy(() -> scan(component().section(13, s -> {}).bytes()))
                .hasMessageContaining("unknown section 13");
        assertThatThrownBy(() -> scan(
                        component().section(6, s -> s.u(1).raw(4, 2).u(1).u(0)).bytes()))
                .hasMessageContaining("alias of the component 1 levels further out");
        assertThatThrownBy(() -> scan(component().raw(1).u(100).raw(memory(1)).bytes()))
                .isInstanceOf(MalformedModuleException.class);
    }

    @Test
    void damaged_components_are_read_or_refused() {
        byte[] wasm = rich();
        Random random = Scale.random(ComponentScanTest.class);
        int refused = 0;
        int rounds = Scale.of(5_000, 20_000);
        for (int i = 0; i < rounds; i++) {
            byte[] damaged = Arrays.copyOf(wasm, i % 3 == 0 ? random.nextInt(wasm.length) : wasm.length);
            for (int j = random.nextInt(3); damaged.length > 8 && j >= 0; j--) {
                damaged[8 + random.nextInt(damaged.length - 8)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(scan(damaged).bytes()).isLessThanOrEqualTo(damaged.length);
            } catch (MalformedModuleException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(rounds / 4);
    }
}
