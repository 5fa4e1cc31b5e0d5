package dev.precast.engine.endive.compile;

import dev.precast.engine.endive.load.EndiveFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;
import run.endive.runtime.CallResult;
import run.endive.runtime.Instance;

/**
 * Rewrites the tail calls of a generated class, which pass numbers right but lose references.
 *
 * <p>A function that ends with a tail call notes it in the instance and returns without results; its caller then makes the
 * noted call. The compiler does this in the machine's {@code call}, but not in {@code callWithRefs}, which
 * calls functions that have references as parameters or results. So that method gets the same loop here, and the methods
 * {@code callWithRefs_} let a missing array of results pass. A generated function that makes the noted call leaves out
 * its references if there are none among the results; here it passes them on. Code of another form is a failure, because
 * a new version of the compiler needs a look.
 */
final class ReferenceTailCalls extends ClassVisitor {
    private static final int METHOD = 10;
    private static final String NOTED = "TailCall";
    private static final String INSTANCE = Type.getInternalName(Instance.class);
    private static final String RESULT = Type.getInternalName(CallResult.class);
    private static final String REFERENCES = "[Ljava/lang/Object;";
    private static final String WITH_REFERENCES = "callWithRefs";
    private static final String MACHINE_CALL = EndiveFormat.MAIN_CLASS + "MachineCall";
    private static final Object[] LOCALS = {EndiveFormat.MAIN_CLASS, Opcodes.INTEGER, "[J", REFERENCES};
    private static final int[] ARGUMENTS = {
        Opcodes.ALOAD,
        Opcodes.GETFIELD,
        Opcodes.DUP,
        Opcodes.INVOKEVIRTUAL, // the memory
        Opcodes.ILOAD,
        Opcodes.ALOAD,
        Opcodes.ALOAD
    };

    private ReferenceTailCalls(ClassVisitor next) {
        super(Opcodes.ASM9, next);
    }

    /** Whether a class notes or makes a tail call. Reads only the constant pool. */
    static boolean mayBeIn(byte[] classFile) {
        ClassReader reader = new ClassReader(classFile);
        char[] buffer = new char[reader.getMaxStringLength()];
        for (int i = 1; i < reader.getItemCount(); i++) {
            int item = reader.getItem(i);
            if (item != 0 && reader.readByte(item - 1) == METHOD) {
                int nameAndType = reader.getItem(reader.readUnsignedShort(item + 2));
                if (reader.readUTF8(nameAndType, buffer).contains(NOTED)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** @throws AssertionError if the class calls functions with references in an unknown way */
    static byte[] rewrite(byte[] classFile) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(classFile).accept(new ReferenceTailCalls(writer), ClassReader.EXPAND_FRAMES);
        return writer.toByteArray();
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
            int access, String name, String descriptor, @Nullable String signature, String @Nullable [] thrown) {
        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, thrown);
        if (name.equals(WITH_REFERENCES) && (access & Opcodes.ACC_STATIC) == 0) {
            return new MethodNode(Opcodes.ASM9, access, name, descriptor, signature, thrown) {
                @Override
                public void visitEnd() {
                    addLoop(this);
                    accept(next);
                }
            };
        }
        return name.startsWith(WITH_REFERENCES + "_") ? passMissing(next, descriptor) : passReferences(next);
    }

    /** Calls again as long as a tail call is noted. Does nothing if the method leaves the work to {@code call}. */
    private static void addLoop(MethodNode method) {
        List<AbstractInsnNode> code = IndirectCalls.instructions(method);
        for (int i = 0; i < code.size(); i++) {
            if (code.get(i) instanceof MethodInsnNode call && call.owner.equals(MACHINE_CALL)) {
                int start = i - ARGUMENTS.length;
                boolean known = start >= 0 && code.get(i + 1).getOpcode() == Opcodes.ARETURN;
                for (int j = 0; known && j < ARGUMENTS.length; j++) {
                    known = code.get(start + j).getOpcode() == ARGUMENTS[j];
                }
                if (!known) {
                    throw new AssertionError("class " + EndiveFormat.MAIN_CLASS + ": " + method.name
                            + ": has an unknown form; this compile side does not fit the engine's compiler");
                }
                addLoop(method.instructions, code.get(start), code.get(start + 1), call);
                return;
            }
        }
    }

    private static void addLoop(
            InsnList code, AbstractInsnNode start, AbstractInsnNode instance, AbstractInsnNode call) {
        LabelNode again = new LabelNode();
        LabelNode done = new LabelNode();
        InsnList after = new InsnList();
        ask(after, instance, "isTailCallPending", "()Z");
        after.add(new JumpInsnNode(Opcodes.IFEQ, done));
        after.add(new InsnNode(Opcodes.POP));
        ask(after, instance, "tailCallFuncId", "()I");
        after.add(new VarInsnNode(Opcodes.ISTORE, 1));
        ask(after, instance, "tailCallArgs", "()[J");
        after.add(new VarInsnNode(Opcodes.ASTORE, 2));
        ask(after, instance, "tailCallRefArgs", "()" + REFERENCES);
        after.add(new VarInsnNode(Opcodes.ASTORE, 3));
        ask(after, instance, "clearTailCall", "()V");
        after.add(new JumpInsnNode(Opcodes.GOTO, again));
        after.add(done);
        after.add(new FrameNode(Opcodes.F_NEW, LOCALS.length, LOCALS, 1, new Object[] {RESULT}));
        boolean framed = false;
        for (AbstractInsnNode each = start.getPrevious();
                each != null && each.getOpcode() < 0;
                each = each.getPrevious()) {
            framed |= each instanceof FrameNode;
        }
        code.insertBefore(start, again);
        if (!framed) {
            code.insertBefore(start, new FrameNode(Opcodes.F_NEW, LOCALS.length, LOCALS, 0, new Object[0]));
        }
        code.insert(call, after);
    }

    private static void ask(InsnList code, AbstractInsnNode instance, String method, String descriptor) {
        code.add(new VarInsnNode(Opcodes.ALOAD, 0));
        code.add(instance.clone(null));
        code.add(new MethodInsnNode(Opcodes.INVOKEVIRTUAL, INSTANCE, method, descriptor, false));
    }

    /** Returns null if the function returned no array of results. */
    private static MethodVisitor passMissing(MethodVisitor next, String descriptor) {
        Object[] locals = new Object[Type.getArgumentCount(descriptor)];
        for (int i = 0; i < locals.length; i++) {
            locals[i] = Type.getArgumentTypes(descriptor)[i].getInternalName();
        }
        return new MethodVisitor(Opcodes.ASM9, next) {
            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String type, boolean isInterface) {
                super.visitMethodInsn(opcode, owner, name, type, isInterface);
                if (name.startsWith("func_") && type.endsWith(")" + REFERENCES)) {
                    Label results = new Label();
                    super.visitInsn(Opcodes.DUP);
                    super.visitJumpInsn(Opcodes.IFNONNULL, results);
                    super.visitInsn(Opcodes.POP);
                    super.visitInsn(Opcodes.ACONST_NULL);
                    super.visitInsn(Opcodes.ARETURN);
                    super.visitLabel(results);
                    super.visitFrame(Opcodes.F_NEW, locals.length, locals, 1, new Object[] {REFERENCES});
                }
            }

            @Override
            public void visitMaxs(int stack, int local) {
                super.visitMaxs(Math.max(stack, 2), local);
            }
        };
    }

    private static MethodVisitor passReferences(MethodVisitor next) {
        return new MethodVisitor(Opcodes.ASM9, next) {
            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String type, boolean isInterface) {
                if (name.equals("resolveTailCall")) {
                    super.visitMethodInsn(
                            opcode, owner, "resolveTailCallWithRefs", type.replace("[J", "L" + RESULT + ";"), false);
                    super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, RESULT, "longs", "()[J", false);
                } else {
                    super.visitMethodInsn(opcode, owner, name, type, isInterface);
                }
            }
        };
    }
}
