package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.engine.chicory.compile.HostileClasses.Mutant;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.engine.chicory.load.ClassVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class HostileClassesTest {
    private static final Map<String, byte[]> CLASSES = Artifact.classes(Modules.neighbour());
    private static final Map<String, Mutant> MUTANTS = new HostileClasses(CLASSES).mutants();
    /** Attacks on the victim of this test that succeed if nothing verifies the class. */
    private static final List<String> ATTACKS = List.of(
            "reads the memory of another instance",
            "writes the memory of another instance",
            "calls an import of another instance",
            "calls a function of another instance by number",
            "calls a function of another instance by type and number",
            "runs its own code on another instance");

    private final ClassVerifier verifier = ClassVerifier.ofFormat();
    private final AtomicInteger hostCalls = new AtomicInteger();
    private final Instance victim = Instance.builder(Parser.parse(Modules.victim()))
            .withImportValues(ImportValues.builder()
                    .addFunction(new HostFunction(
                            "env", "log", FunctionType.of(List.of(ValType.I32), List.of()), (i, arguments) -> {
                                hostCalls.incrementAndGet();
                                return null;
                            }))
                    .build())
            .build();

    static Set<String> mutants() {
        return MUTANTS.keySet();
    }

    static List<String> attacks() {
        return ATTACKS;
    }

    @Test
    void there_are_more_than_fifty() {
        assertThat(MUTANTS).hasSizeGreaterThan(50);
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void a_class_is_refused_that(String mutant) {
        Mutant hostile = MUTANTS.get(mutant);

        assertThatThrownBy(() -> verifier.verify(hostile.className(), hostile.bytes()))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.check()).isEqualTo(Check.BYTECODE));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void a_module_does_not_touch_its_neighbour_when_its_class(String mutant) throws Exception {
        Map<String, byte[]> hostile = hostile(mutant);
        Artifact artifact = Artifact.ofClasses(Modules.neighbour(), hostile);

        CompiledModule module = artifact.load(new ChicoryLoader());
        Instance attacker = attacker(module.wasmModule(), module.machineFactory());
        assertThatThrownBy(() -> attacker.export("f").apply(7)).hasStackTraceContaining("FuncGroup_0");
        assertThat(harm(-1)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void without_the_verifier_a_module_would_touch_its_neighbour_when_its_class(String mutant) {
        Instance attacker = attacker(Parser.parse(Modules.neighbour()), new Unverified(hostile(mutant))::machine);

        assertThat(harm(attacker.export("f").apply(7)[0])).isNotEmpty();
    }

    @Test
    void policy_cannot_allow_a_member_that_gives_out_an_object_of_the_engine() {
        Mutant takesMachine = MUTANTS.get("takes the machine of its instance");
        String member = "com/dylibso/chicory/runtime/Instance.getMachine:()Lcom/dylibso/chicory/runtime/Machine;";

        assertThatThrownBy(() -> verifier.with(Set.of(member)).verify(takesMachine.className(), takesMachine.bytes()))
                .hasMessageContaining("Instance.getMachine");
    }

    @Test
    void what_the_compiler_writes_is_accepted() {
        CLASSES.forEach((name, bytes) ->
                assertThatCode(() -> verifier.verify(name, bytes)).as(name).doesNotThrowAnyException());
    }

    private static Map<String, byte[]> hostile(String mutant) {
        Map<String, byte[]> hostile = new HashMap<>(CLASSES);
        hostile.put(MUTANTS.get(mutant).className(), MUTANTS.get(mutant).bytes());
        return hostile;
    }

    /** An instance that shares the victim's table. */
    private Instance attacker(WasmModule module, Function<Instance, Machine> machine) {
        return Instance.builder(module)
                .withMachineFactory(machine)
                .withImportValues(ImportValues.builder()
                        .addTable(
                                new ImportTable("env", "table", victim.exports().table("table")))
                        .build())
                .build();
    }

    /** What happened to the victim; {@code result} is the attacker's, -1 if it has none. */
    private String harm(long result) {
        String harm = hostCalls.get() > 0 ? "host call " : "";
        harm += victim.memory().readInt(16) != Modules.SECRET ? "memory written " : "";
        harm += victim.memory().readInt(4) != 0 ? "hidden function called " : "";
        return harm + (result == Modules.SECRET ? "memory read" : "");
    }

    /** Defines classes without a check. */
    private static final class Unverified extends ClassLoader {
        private final Map<String, byte[]> classes;

        Unverified(Map<String, byte[]> classes) {
            super(Instance.class.getClassLoader());
            this.classes = classes;
        }

        Machine machine(Instance instance) {
            try {
                return (Machine) loadClass(ChicoryFormat.MAIN_CLASS.replace('/', '.'))
                        .getConstructor(Instance.class)
                        .newInstance(instance);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes = classes.get(name.replace('.', '/'));
            if (name.replace('.', '/').equals(ChicoryFormat.HELPER_CLASS)) {
                try (InputStream in = ChicoryFormat.class.getResourceAsStream("helper.bin")) {
                    bytes = in.readAllBytes();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }
}
