package dev.precast.engine.chicory.compile;

import static org.objectweb.asm.Opcodes.*;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.runtime.internal.CompilerInterpreterMachine;
import dev.precast.engine.chicory.load.ChicoryFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Classes that the compiler wrote, changed as a hostile builder could change them. */
final class HostileClasses {
    static final String MAIN = ChicoryFormat.MAIN_CLASS;
    static final String GROUP = MAIN + "FuncGroup_0";
    private static final String HELPER = ChicoryFormat.HELPER_CLASS;
    private static final String INSTANCE = Type.getInternalName(Instance.class);
    private static final String TABLE = Type.getInternalName(TableInstance.class);
    private static final String MEMORY = Type.getDescriptor(Memory.class);
    private static final String MACHINE = Type.getInternalName(CompilerInterpreterMachine.class);
    private static final String EXCEPTION = Type.getInternalName(WasmException.class);
    private static final String OWN = "(I" + MEMORY + "L" + INSTANCE + ";)I";
    /** {@code bipush 77, pop, bipush 78, pop}, at the start of a method that a raw mutant changes. */
    private static final byte[] MARK = {16, 77, 87, 16, 78, 87};

    private final Map<String, byte[]> classes;
    private final Map<String, Mutant> mutants = new LinkedHashMap<>();

    /** A changed class under its internal name. */
    record Mutant(String className, byte[] bytes) {}

    /** @param classes of a module whose function 0 takes an i32 and gives one */
    HostileClasses(Map<String, byte[]> classes) {
        this.classes = classes;
        reachOtherInstances();
        takeLocksAndClasses();
        catchWhatTheCompilerDoesNot();
        makeAndNarrow();
        changeTheForm();
        raw();
    }

    Map<String, Mutant> mutants() {
        return mutants;
    }

    /** Leaves the instance of a table's element on the stack. */
    private static void other(MethodVisitor m) {
        m.visitVarInsn(ALOAD, 2);
        m.visitInsn(ICONST_0);
        m.visitMethodInsn(INVOKEVIRTUAL, INSTANCE, "table", "(I)L" + TABLE + ";", false);
        m.visitInsn(ICONST_0);
        m.visitMethodInsn(INVOKEVIRTUAL, TABLE, "instance", "(I)L" + INSTANCE + ";", false);
    }

    private static void otherMemory(MethodVisitor m) {
        other(m);
        m.visitMethodInsn(INVOKEVIRTUAL, INSTANCE, "memory", "()" + MEMORY, false);
    }

    private void reachOtherInstances() {
        function("reads the memory of another instance", m -> {
            m.visitIntInsn(BIPUSH, 16);
            m.visitInsn(ICONST_0);
            otherMemory(m);
            m.visitMethodInsn(INVOKESTATIC, HELPER, "memoryReadInt", "(II" + MEMORY + ")I", false);
            m.visitVarInsn(ISTORE, 0);
        });
        function("writes the memory of another instance", m -> {
            m.visitIntInsn(BIPUSH, 16);
            m.visitLdcInsn(0x7ace);
            m.visitInsn(ICONST_0);
            otherMemory(m);
            m.visitMethodInsn(INVOKESTATIC, HELPER, "memoryWriteInt", "(III" + MEMORY + ")V", false);
        });
        function("calls an import of another instance", m -> {
            other(m);
            m.visitInsn(ICONST_0);
            m.visitInsn(ICONST_1);
            m.visitIntInsn(NEWARRAY, T_LONG);
            m.visitMethodInsn(INVOKESTATIC, HELPER, "callHostFunction", "(L" + INSTANCE + ";I[J)[J", false);
            m.visitInsn(POP);
        });
        function("calls a function of another instance by number", m -> {
            m.visitInsn(ICONST_1);
            m.visitIntInsn(NEWARRAY, T_LONG);
            m.visitInsn(ICONST_1);
            other(m);
            m.visitMethodInsn(INVOKESTATIC, HELPER, "callIndirect", "([JIL" + INSTANCE + ";)[J", false);
            m.visitInsn(POP);
        });
        function("calls a function of another instance by type and number", m -> {
            m.visitInsn(ICONST_1);
            m.visitIntInsn(NEWARRAY, T_LONG);
            m.visitInsn(ICONST_0);
            m.visitInsn(ICONST_1);
            other(m);
            m.visitMethodInsn(INVOKESTATIC, HELPER, "callIndirect", "([JIIL" + INSTANCE + ";)[J", false);
            m.visitInsn(POP);
        });
        function("names a function of its own instance by type and number", m -> {
            m.visitInsn(ICONST_1);
            m.visitIntInsn(NEWARRAY, T_LONG);
            m.visitInsn(ICONST_0);
            m.visitInsn(ICONST_1);
            m.visitVarInsn(ALOAD, 2);
            m.visitMethodInsn(INVOKESTATIC, HELPER, "callIndirect", "([JIIL" + INSTANCE + ";)[J", false);
            m.visitInsn(POP);
        });
        function("runs its own code on another instance", m -> {
            m.visitInsn(ICONST_0);
            otherMemory(m);
            other(m);
            m.visitMethodInsn(INVOKESTATIC, GROUP, "func_1", OWN, false);
            m.visitInsn(POP);
        });
        function("makes a machine for another instance", m -> {
            m.visitTypeInsn(NEW, MACHINE);
            m.visitInsn(DUP);
            other(m);
            m.visitInsn(ICONST_0);
            m.visitIntInsn(NEWARRAY, T_INT);
            m.visitMethodInsn(INVOKESPECIAL, MACHINE, "<init>", "(L" + INSTANCE + ";[I)V", false);
            m.visitInsn(POP);
        });
        function("makes its main class for another instance", m -> {
            m.visitTypeInsn(NEW, MAIN);
            m.visitInsn(DUP);
            other(m);
            m.visitMethodInsn(INVOKESPECIAL, MAIN, "<init>", "(L" + INSTANCE + ";)V", false);
            m.visitInsn(POP);
        });
        function("takes the machine of its instance", m -> {
            m.visitVarInsn(ALOAD, 2);
            m.visitMethodInsn(INVOKEVIRTUAL, INSTANCE, "getMachine", "()" + Type.getDescriptor(Machine.class), false);
            m.visitInsn(POP);
        });
        function("takes a table", m -> {
            m.visitVarInsn(ALOAD, 2);
            m.visitInsn(ICONST_0);
            m.visitMethodInsn(INVOKEVIRTUAL, INSTANCE, "table", "(I)L" + TABLE + ";", false);
            m.visitInsn(POP);
        });
    }

    private void takeLocksAndClasses() {
        function("holds the lock of its memory", m -> {
            m.visitVarInsn(ALOAD, 1);
            m.visitInsn(MONITORENTER);
        });
        function("enters the lock of null", m -> {
            m.visitInsn(ACONST_NULL);
            m.visitInsn(MONITORENTER);
        });
        function("leaves a lock", m -> {
            m.visitVarInsn(ALOAD, 1);
            m.visitInsn(MONITOREXIT);
        });
        function("names an allowed class as a constant", m -> {
            m.visitLdcInsn(Type.getObjectType(EXCEPTION));
            m.visitInsn(POP);
        });
        function("holds the lock of a class", m -> {
            m.visitLdcInsn(Type.getObjectType(INSTANCE));
            m.visitInsn(MONITORENTER);
        });
        function("names an own class as a constant", m -> {
            m.visitLdcInsn(Type.getObjectType(MAIN));
            m.visitInsn(POP);
        });
        function("holds the lock of its instance", m -> {
            m.visitVarInsn(ALOAD, 2);
            m.visitInsn(MONITORENTER);
        });
    }

    private void catchWhatTheCompilerDoesNot() {
        function("catches everything", m -> handler(m, null));
        function("catches Throwable", m -> handler(m, "java/lang/Throwable"));
        function("catches an overflow of the stack in a function", m -> handler(m, "java/lang/StackOverflowError"));
        function("catches an error", m -> handler(m, "java/lang/Error"));
        change("catches wasm exceptions in the machine", MAIN, "call", m -> handler(m, EXCEPTION));
        change("catches wasm exceptions in an indirect call", MAIN, "call_indirect_0", m -> handler(m, EXCEPTION));
    }

    /** A handler of one instruction that continues after itself. */
    private static void handler(MethodVisitor m, String type) {
        Label from = new Label();
        Label to = new Label();
        m.visitTryCatchBlock(from, to, to, type);
        m.visitLabel(from);
        m.visitInsn(NOP);
        m.visitLabel(to);
    }

    private void makeAndNarrow() {
        function("writes a field outside the constructor", m -> {
            m.visitInsn(ACONST_NULL);
            m.visitVarInsn(ALOAD, 2);
            m.visitFieldInsn(PUTFIELD, MAIN, "instance", "L" + INSTANCE + ";");
        });
        change("writes a field in the machine", MAIN, "call", m -> {
            m.visitVarInsn(ALOAD, 0);
            m.visitInsn(ACONST_NULL);
            m.visitFieldInsn(PUTFIELD, MAIN, "instance", "L" + INSTANCE + ";");
        });
        function("reads the instance of another machine", m -> {
            m.visitInsn(ACONST_NULL);
            m.visitFieldInsn(GETFIELD, MAIN, "instance", "L" + INSTANCE + ";");
            m.visitInsn(POP);
        });
        function("has a static field", m -> m.visitFieldInsn(GETSTATIC, MAIN, "instance", "L" + INSTANCE + ";"));
        function("writes a static field", m -> m.visitFieldInsn(PUTSTATIC, MAIN, "instance", "L" + INSTANCE + ";"));
        narrows("narrows a reference to an instance", CHECKCAST, INSTANCE);
        narrows("narrows a reference to a memory", CHECKCAST, Type.getInternalName(Memory.class));
        narrows("narrows a reference to a machine", CHECKCAST, Type.getInternalName(Machine.class));
        narrows("narrows a reference to its main class", CHECKCAST, MAIN);
        narrows("asks for the class of a reference", INSTANCEOF, INSTANCE);
        function("makes an array of instances", m -> {
            m.visitInsn(ICONST_1);
            m.visitTypeInsn(ANEWARRAY, INSTANCE);
            m.visitInsn(POP);
        });
        function("makes an array of arrays", m -> {
            m.visitInsn(ICONST_1);
            m.visitInsn(ICONST_1);
            m.visitMultiANewArrayInsn("[[J", 2);
            m.visitInsn(POP);
        });
        function("makes an array of bytes", m -> {
            m.visitInsn(ICONST_1);
            m.visitIntInsn(NEWARRAY, T_BYTE);
            m.visitInsn(POP);
        });
        function("makes an object", m -> {
            m.visitTypeInsn(NEW, "java/lang/Object");
            m.visitInsn(POP);
        });
        function("calls an interface", m -> {
            m.visitInsn(ACONST_NULL);
            m.visitInsn(ICONST_0);
            m.visitInsn(ACONST_NULL);
            m.visitMethodInsn(INVOKEINTERFACE, Type.getInternalName(Machine.class), "call", "(I[J)[J", true);
            m.visitInsn(POP);
        });
        change("calls its own constructor again", MAIN, "call", m -> {
            m.visitVarInsn(ALOAD, 0);
            m.visitInsn(ACONST_NULL);
            m.visitMethodInsn(INVOKESPECIAL, MAIN, "<init>", "(L" + INSTANCE + ";)V", false);
        });
    }

    private static void nothing(MethodVisitor m, int opcode) {
        m.visitCode();
        m.visitInsn(ACONST_NULL);
        m.visitInsn(opcode);
        m.visitMaxs(1, 9);
        m.visitEnd();
    }

    private void changeTheForm() {
        method(
                "has a method that returns an instance",
                MAIN,
                "call_indirect_77",
                "(L" + INSTANCE + ";)L" + INSTANCE + ";");
        method("has an indirect call in a group of functions", GROUP, "call_indirect_77", "()[J");
        method("has a function in its main class", MAIN, "func_77", "()[J");
        method("has a second constructor in a group of functions", GROUP, "<init>", "()[J");
        mutants.put("brings its own helper class", new Mutant(HELPER, classes.get(GROUP)));
    }

    private void raw() {
        patch("has a subroutine", 168, 0, 3, 0, 0, 0);
        patch("returns from a subroutine", 196, 169, 0, 9, 0, 0);
        patch("has invokedynamic", 186, 0, 1, 0, 0, 0);
        for (int opcode : new int[] {202, 203, 229, 254, 255}) {
            patch("has the reserved opcode " + opcode, opcode, 0, 0, 0, 0, 0);
        }
        patch("has a wide instruction that has no wide form", 196, 194, 0, 1, 0, 0);
        patch("has a constant beyond the pool", 19, 255, 255, 87, 0, 0);
        patch("ends in the middle of a switch", 170, 1, 1, 1, 1, 1);
        byte[] marked = marked();
        int at = find(marked);
        byte[] huge = marked.clone();
        // Aligned from the start of the code, where the mark is: padding, default, low, and a high without end.
        System.arraycopy(new byte[] {(byte) 170, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 127, -1, -1, -1}, 0, huge, at, 16);
        mutants.put("has a switch with two thousand million cases", new Mutant(GROUP, huge));
        byte[] hidden = marked.clone();
        System.arraycopy(new byte[] {(byte) 171, (byte) 194, (byte) 194, (byte) 194}, 0, hidden, at, 4);
        mutants.put("hides bytes in the padding of a switch", new Mutant(GROUP, hidden));
        byte[] longer = marked.clone();
        longer[at - 1]++;
        mutants.put("has code that is longer than it says", new Mutant(GROUP, longer));
    }

    private void patch(String name, int... code) {
        byte[] bytes = marked();
        int at = find(bytes);
        for (int i = 0; i < code.length; i++) {
            bytes[at + i] = (byte) code[i];
        }
        mutants.put(name, new Mutant(GROUP, bytes));
    }

    private byte[] marked() {
        return changed(GROUP, "func_0", m -> {
            m.visitIntInsn(BIPUSH, 77);
            m.visitInsn(Opcodes.POP);
            m.visitIntInsn(BIPUSH, 78);
            m.visitInsn(Opcodes.POP);
        });
    }

    private static int find(byte[] bytes) {
        for (int at = 0; ; at++) {
            if (java.util.Arrays.equals(bytes, at, at + MARK.length, MARK, 0, MARK.length)) {
                return at;
            }
        }
    }

    private void narrows(String name, int opcode, String type) {
        function(name, m -> {
            m.visitInsn(ACONST_NULL);
            m.visitTypeInsn(opcode, type);
            m.visitInsn(Opcodes.POP);
        });
    }

    private void method(String name, String className, String method, String descriptor) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(classes.get(className))
                .accept(
                        new ClassVisitor(ASM9, writer) {
                            @Override
                            public void visitEnd() {
                                nothing(
                                        writer.visitMethod(ACC_PUBLIC | ACC_STATIC, method, descriptor, null, null),
                                        ARETURN);
                            }
                        },
                        0);
        mutants.put(name, new Mutant(className, writer.toByteArray()));
    }

    private void function(String name, Consumer<MethodVisitor> code) {
        change(name, GROUP, "func_0", code);
    }

    private void change(String name, String className, String method, Consumer<MethodVisitor> code) {
        mutants.put(name, new Mutant(className, changed(className, method, code)));
    }

    /** The class with more code at the start of a method. */
    private byte[] changed(String className, String name, Consumer<MethodVisitor> code) {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        new ClassReader(classes.get(className))
                .accept(
                        new ClassVisitor(ASM9, writer) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String method, String descriptor, String signature, String[] thrown) {
                                MethodVisitor next = super.visitMethod(access, method, descriptor, signature, thrown);
                                return !method.equals(name)
                                        ? next
                                        : new MethodVisitor(ASM9, next) {
                                            @Override
                                            public void visitCode() {
                                                super.visitCode();
                                                code.accept(mv);
                                            }
                                        };
                            }
                        },
                        0);
        return writer.toByteArray();
    }
}
