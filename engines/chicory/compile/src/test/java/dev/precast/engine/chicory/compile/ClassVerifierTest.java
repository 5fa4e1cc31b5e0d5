package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.wasm.Parser;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ClassVerifier;
import dev.precast.testing.Scale;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

class ClassVerifierTest {
    private static final String MAIN = ChicoryFormat.MAIN_CLASS;
    private static final String GROUP = MAIN + "FuncGroup_0";
    /** {@code (func (param i32) (result i32) local.get 0 i32.const 1 i32.div_s)}, exported, and a memory. */
    private static final byte[] WASM = {
        0, 'a', 's', 'm', 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 'f', 0, 0,
        10, 14, 1, 12, 0, 0x20, 0, 0x28, 2, 0, 0x41, 1, 0x6d, 0x01, 0x01, 0x0b
    };

    private final ClassVerifier verifier = ClassVerifier.ofFormat();
    private final Map<String, byte[]> classes = classes();

    private static Map<String, byte[]> classes() {
        Map<String, byte[]> classes = new HashMap<>();
        Compiler.builder(Parser.parse(WASM))
                .withClassName(MAIN.replace('/', '.'))
                .withClassCollectorFactory(ByteClassCollector::new)
                .build()
                .compile()
                .classBytes()
                .forEach((name, bytes) -> classes.put(name.replace('.', '/'), bytes));
        classes.remove(ChicoryFormat.HELPER_CLASS);
        classes.computeIfPresent(MAIN, (name, bytes) -> IndirectCalls.rewrite(bytes));
        return classes;
    }

    @Test
    void classes_of_the_compiler_are_accepted() {
        assertThat(classes).hasSize(3);
        classes.forEach((name, bytes) ->
                assertThatCode(() -> verifier.verify(name, bytes)).as(name).doesNotThrowAnyException());
    }

    @Test
    void a_member_outside_the_list_is_refused() {
        refused(calls("java/lang/System", "exit", "(I)V"), "java/lang/System");
        refused(calls("java/lang/Runtime", "getRuntime", "()Ljava/lang/Runtime;"), "java/lang/Runtime");
        refused(
                calls("com/dylibso/chicory/runtime/Instance", "getMachine", "()Lcom/dylibso/chicory/runtime/Machine;"),
                "getMachine");
        refused(calls("java/lang/Object", "hashCode", "()I"), "hashCode");
    }

    @Test
    void an_inherited_member_reached_through_an_own_class_is_refused() {
        refused(
                calls(GROUP, "getClass", "()Ljava/lang/Class;"),
                "not a known member of generated classes",
                "java/lang/Class");
        refused(calls(MAIN, "notifyAll", "()V"), "not a known member of generated classes");
    }

    @Test
    void another_overload_of_an_allowed_member_is_refused() {
        refused(calls("com/dylibso/chicory/wasm/types/Value", "longToFloat", "(D)F"), "not allowed");
        refused(calls(ChicoryFormat.HELPER_CLASS, "callHostFunction", "()V"), "not allowed");
    }

    @Test
    void policy_may_allow_one_member_more() throws Exception {
        byte[] mutant = calls("java/lang/Math", "abs", "(I)I");

        refused(mutant, "java/lang/Math");
        verifier.with(Set.of("java/lang/Math.abs:(I)I")).verify(GROUP, mutant);
    }

    @Test
    void a_field_of_the_engine_or_of_the_jdk_is_refused() {
        refused(
                in(GROUP, m -> m.visitFieldInsn(Opcodes.GETSTATIC, "java/lang/System", "out", "Ljava/io/PrintStream;")),
                "java/io/PrintStream",
                "java/lang/System");
        refused(
                in(GROUP, m -> m.visitFieldInsn(Opcodes.GETSTATIC, GROUP, "secret", "I")),
                "not a known member of generated classes");
    }

    @Test
    void a_class_outside_the_list_is_refused_even_as_a_mere_name() {
        refused(in(GROUP, m -> m.visitTypeInsn(Opcodes.NEW, "java/lang/Thread")), "java/lang/Thread");
        refused(in(GROUP, m -> m.visitTypeInsn(Opcodes.ANEWARRAY, "java/lang/String")), "java/lang/String");
        refused(in(GROUP, m -> m.visitTypeInsn(Opcodes.CHECKCAST, "[Ljava/lang/String;")), "[Ljava/lang/String;");
    }

    @Test
    void constants_that_run_code_are_refused() {
        Handle handle = new Handle(Opcodes.H_INVOKESTATIC, GROUP, "func_0", "()V", false);
        refused(in(GROUP, m -> m.visitInvokeDynamicInsn("x", "()V", handle)), "has tag 15", "has tag 18");
        refused(in(GROUP, m -> m.visitLdcInsn(handle)), "has tag 15");
        refused(in(GROUP, m -> m.visitLdcInsn(new ConstantDynamic("x", "I", handle))), "has tag 15", "has tag 17");
        refused(
                in(GROUP, m -> m.visitMethodInsn(Opcodes.INVOKEINTERFACE, "java/util/List", "clear", "()V", true)),
                "has tag 11");
        refused(in(GROUP, m -> m.visitLdcInsn("text")), "has tag 8");
    }

    @Test
    void initialisers_natives_and_unknown_methods_are_refused() {
        refused(method(Opcodes.ACC_STATIC, "<clinit>", "()V"), "<clinit>");
        refused(method(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC | Opcodes.ACC_NATIVE, "func_9", "()V"), "func_9");
        refused(method(Opcodes.ACC_PUBLIC | Opcodes.ACC_SYNCHRONIZED, "func_9", "()V"), "func_9");
        refused(method(Opcodes.ACC_PUBLIC, "finalize", "()V"), "finalize");
        refused(method(Opcodes.ACC_PROTECTED, "func_9", "()V"), "func_9");
        refused(method(Opcodes.ACC_PUBLIC, "func_9", "(Ljava/io/File;)V"), "java/io/File");
    }

    @Test
    void a_field_that_the_compiler_does_not_declare_is_refused() {
        refused(
                MAIN,
                rewrite(MAIN, w -> w.visitField(Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL, "x", "I", null, null)),
                "x:I");
        refused(
                rewrite(
                        GROUP,
                        w -> w.visitField(
                                Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL,
                                "instance",
                                "Lcom/dylibso/chicory/runtime/Instance;",
                                null,
                                null)),
                "declares instance");
    }

    @Test
    void another_header_is_refused() {
        refused(header(Opcodes.V17, Opcodes.ACC_FINAL | Opcodes.ACC_SUPER, GROUP, "java/lang/Object"), "version");
        refused(
                header(
                        Opcodes.V11 | Opcodes.V_PREVIEW,
                        Opcodes.ACC_FINAL | Opcodes.ACC_SUPER,
                        GROUP,
                        "java/lang/Object"),
                "version");
        refused(header(Opcodes.V11, Opcodes.ACC_SUPER, GROUP, "java/lang/Object"), "flags");
        refused(header(Opcodes.V11, Opcodes.ACC_FINAL | Opcodes.ACC_SUPER, MAIN, "java/lang/Object"), "names itself");
        refused(header(Opcodes.V11, Opcodes.ACC_FINAL | Opcodes.ACC_SUPER, GROUP, "java/lang/Throwable"), "extends");
        refused(
                header(
                        Opcodes.V11,
                        Opcodes.ACC_FINAL | Opcodes.ACC_SUPER,
                        GROUP,
                        "java/lang/Object",
                        "com/dylibso/chicory/runtime/Machine"),
                "implements");
    }

    @Test
    void attributes_that_the_compiler_does_not_write_are_refused() {
        refused(rewrite(GROUP, w -> w.visitInnerClass(GROUP, MAIN, "x", 0)), "attribute");
        refused(rewrite(GROUP, w -> w.visitNestHost(MAIN)), "attribute");
        refused(rewrite(GROUP, w -> w.visitAnnotation("Lprecast/Module;", true).visitEnd()), "attribute");
        refused(in(GROUP, m -> m.visitLineNumber(1, label(m))), "attribute");
    }

    @Test
    void a_class_under_a_name_that_no_bundle_has_is_refused() {
        assertThatThrownBy(() -> verifier.verify("java/lang/Evil", classes.get(GROUP)))
                .hasMessageContaining("not a name of a generated class");
        assertThatThrownBy(() -> verifier.verify(ChicoryFormat.HELPER_CLASS, classes.get(GROUP)))
                .hasMessageContaining("not a name of a generated class");
        assertThatThrownBy(() -> verifier.verify(MAIN + "FuncGroup_1", classes.get(GROUP)))
                .hasMessageContaining("names itself");
    }

    @Test
    void a_class_cut_anywhere_is_refused() {
        byte[] whole = classes.get(GROUP);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> verifier.verify(GROUP, cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(RefusedException.class);
        }
        refused(Arrays.copyOf(whole, whole.length + 1), "extra bytes at the end");
    }

    @Test
    void random_bytes_are_refused() {
        Random random = Scale.random(ClassVerifierTest.class);
        byte[] whole = classes.get(MAIN);
        for (int i = 0; i < Scale.of(4_000, 20_000); i++) {
            byte[] mutant = whole.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
            }
            try {
                verifier.verify(MAIN, mutant);
            } catch (RefusedException e) {
                assertThat(e.check()).isEqualTo(Check.BYTECODE);
            }
        }
    }

    private void refused(byte[] mutant, String... oneOf) {
        refused(GROUP, mutant, oneOf);
    }

    private void refused(String name, byte[] mutant, String... oneOf) {
        assertThatThrownBy(() -> verifier.verify(name, mutant))
                .isInstanceOf(RefusedException.class)
                .satisfies(e -> assertThat(((RefusedException) e).check()).isEqualTo(Check.BYTECODE))
                .satisfies(e -> assertThat(Arrays.stream(oneOf))
                        .anyMatch(t -> e.getMessage().contains(t)));
    }

    private byte[] calls(String owner, String name, String descriptor) {
        return in(GROUP, m -> m.visitMethodInsn(Opcodes.INVOKESTATIC, owner, name, descriptor, false));
    }

    /** The class with instructions more in its first method, which need not make sense to the JVM. */
    private byte[] in(String name, Consumer<MethodVisitor> more) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(classes.get(name))
                .accept(
                        new ClassVisitor(Opcodes.ASM9, writer) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String method, String descriptor, String signature, String[] thrown) {
                                return new MethodVisitor(
                                        Opcodes.ASM9,
                                        super.visitMethod(access, method, descriptor, signature, thrown)) {
                                    @Override
                                    public void visitCode() {
                                        super.visitCode();
                                        more.accept(mv);
                                    }
                                };
                            }
                        },
                        0);
        return writer.toByteArray();
    }

    private byte[] method(int access, String name, String descriptor) {
        return rewrite(GROUP, w -> {
            MethodVisitor m = w.visitMethod(access, name, descriptor, null, null);
            if ((access & Opcodes.ACC_NATIVE) == 0) {
                m.visitCode();
                m.visitInsn(Opcodes.RETURN);
                m.visitMaxs(1, 9);
            }
            m.visitEnd();
        });
    }

    private byte[] rewrite(String name, Consumer<ClassWriter> more) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(classes.get(name))
                .accept(
                        new ClassVisitor(Opcodes.ASM9, writer) {
                            @Override
                            public void visitEnd() {
                                more.accept(writer);
                                super.visitEnd();
                            }
                        },
                        0);
        return writer.toByteArray();
    }

    private static byte[] header(int version, int flags, String name, String superclass, String... interfaces) {
        ClassWriter writer = new ClassWriter(0);
        writer.visit(version, flags, name, null, superclass, interfaces);
        writer.visitEnd();
        return writer.toByteArray();
    }

    private static org.objectweb.asm.Label label(MethodVisitor m) {
        org.objectweb.asm.Label label = new org.objectweb.asm.Label();
        m.visitLabel(label);
        return label;
    }
}
