package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.engine.chicory.load.WholeCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Artifacts that pass all checks of a load, and fail later. */
final class WholeCheckTest {
    private static final byte[] WASM = Modules.arithmetic();

    static Stream<Map.Entry<String, byte[]>> modules() {
        return Modules.all().entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void what_the_pack_compiles_passes(Map.Entry<String, byte[]> module) {
        Artifact artifact = Artifact.of(module.getValue());

        assertThatCode(() -> WholeCheck.of(artifact, ModuleDigest.of(module.getValue())))
                .doesNotThrowAnyException();
    }

    /** The class that holds the functions passes the format's rules, but the JVM's verifier refuses it. */
    private static Artifact unverifiable() {
        Map<String, byte[]> classes = Artifact.classes(WASM);
        classes.computeIfPresent(HostileClasses.GROUP, (name, bytes) -> addingLongs(bytes));
        return Artifact.ofClasses(WASM, classes);
    }

    /** Replaces the additions of ints by additions of longs. */
    private static byte[] addingLongs(byte[] bytes) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(bytes)
                .accept(
                        new ClassVisitor(Opcodes.ASM9, writer) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String name, String type, String signature, String[] thrown) {
                                return new MethodVisitor(
                                        Opcodes.ASM9, super.visitMethod(access, name, type, signature, thrown)) {
                                    @Override
                                    public void visitInsn(int opcode) {
                                        super.visitInsn(opcode == Opcodes.IADD ? Opcodes.LADD : opcode);
                                    }
                                };
                            }
                        },
                        0);
        return writer.toByteArray();
    }

    @Test
    void a_class_that_the_JVM_does_not_verify_is_found() {
        assertThatThrownBy(() -> WholeCheck.of(unverifiable(), ModuleDigest.of(WASM)))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.check()).isEqualTo(Check.BYTECODE))
                .hasMessageContaining("VerifyError");
    }

    @Test
    void a_class_that_breaks_a_rule_of_the_format_is_found() {
        Map<String, byte[]> classes = Artifact.classes(Modules.neighbour());
        HostileClasses.Mutant mutant = new HostileClasses(classes).mutants().get("takes the machine of its instance");
        classes.put(mutant.className(), mutant.bytes());
        Artifact artifact = Artifact.ofClasses(Modules.neighbour(), classes);

        assertThatThrownBy(() -> WholeCheck.of(artifact, ModuleDigest.of(Modules.neighbour())))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("getMachine");
    }

    @Test
    void a_missing_class_is_found() {
        Map<String, byte[]> classes = Artifact.classes(WASM);
        classes.keySet().removeIf(name -> name.equals(HostileClasses.MAIN));

        assertThatThrownBy(() -> WholeCheck.of(Artifact.ofClasses(WASM, classes), ModuleDigest.of(WASM)))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void a_host_is_told_when_a_class_fails_at_its_first_use() throws Exception {
        List<RefusedException> broken = new ArrayList<>();
        CompiledModule module = unverifiable().load(new ChicoryLoader(), broken::add);
        Instance instance = Mixes.instance(module);
        assertThat(broken).isEmpty();

        assertThatThrownBy(() -> instance.export("sum").apply(3)).isInstanceOf(VerifyError.class);

        assertThat(broken)
                .isNotEmpty()
                .allSatisfy(why -> assertThat(why.check()).isEqualTo(Check.BYTECODE));
    }
}
