package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import dev.precast.engine.chicory.load.ChicoryFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Rewrites the indirect calls of a generated class, so that the class never holds the instance of another module.
 *
 * <p>The engine's compiler writes code that reads a function and its instance from a table, and passes both on if the
 * instance is not the own one. Here the helper class does this: {@code ownFunction} returns a function of the own
 * instance or -1, and {@code callOther} calls a function of another instance and checks its type, as the engine does.
 * Code of another form is a failure, because a new version of the compiler needs a look.
 */
final class IndirectCalls extends ClassVisitor {
    private static final String METHOD = "call_indirect_";
    private static final String VALUES = "value_";
    private static final String TABLE = Type.getInternalName(TableInstance.class);
    private static final String INSTANCE = Type.getDescriptor(Instance.class);
    private static final int[] LOOKUP = {
        Opcodes.ALOAD,
        Opcodes.ILOAD,
        Opcodes.INVOKEVIRTUAL,
        Opcodes.ASTORE, // the table
        Opcodes.ALOAD,
        Opcodes.ILOAD,
        Opcodes.INVOKEVIRTUAL,
        Opcodes.ISTORE, // the function
        Opcodes.ALOAD,
        Opcodes.ILOAD,
        Opcodes.INVOKEVIRTUAL,
        Opcodes.ASTORE, // the instance
        Opcodes.ALOAD,
        Opcodes.IFNULL,
        Opcodes.ALOAD,
        Opcodes.ALOAD,
        Opcodes.IF_ACMPNE
    };

    private final Set<String> values = new HashSet<>();

    private IndirectCalls(ClassVisitor next) {
        super(Opcodes.ASM9, next);
    }

    /** Whether the compiler writes indirect calls to classes with this name. */
    static boolean mayBeIn(String internalName) {
        return internalName.equals(ChicoryFormat.MAIN_CLASS)
                || internalName.startsWith("CallIndirectBridge_", ChicoryFormat.MAIN_CLASS.length());
    }

    /**
     * The class with rewritten indirect calls. A second method with the name and types of a {@code value_} method is
     * dropped: the compiler writes one for each list of wasm types, and several lists have the same types in the JVM.
     *
     * @throws AssertionError if an indirect call does not have the known form
     */
    static byte[] rewrite(byte[] classFile) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(classFile).accept(new IndirectCalls(writer), ClassReader.EXPAND_FRAMES);
        return writer.toByteArray();
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
            int access, String name, String descriptor, @Nullable String signature, String @Nullable [] thrown) {
        if (name.startsWith(VALUES) && !values.add(name + descriptor)) {
            return null;
        }
        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, thrown);
        if (!name.startsWith(METHOD)) {
            return next;
        }
        return new MethodNode(Opcodes.ASM9, access, name, descriptor, signature, thrown) {
            @Override
            public void visitEnd() {
                rewrite(this);
                accept(next);
            }
        };
    }

    private static void rewrite(MethodNode method) {
        List<AbstractInsnNode> code = instructions(method);
        int start = 0;
        while (start < code.size() && !isCall(code.get(start), "table")) {
            start++;
        }
        start -= 2;
        require(start >= 0 && start + LOOKUP.length <= code.size(), method);
        for (int i = 0; i < LOOKUP.length; i++) {
            require(code.get(start + i).getOpcode() == LOOKUP[i], method);
        }
        int own = variable(code.get(start));
        int table = variable(code.get(start + 1));
        int found = variable(code.get(start + 3));
        int element = variable(code.get(start + 5));
        int function = variable(code.get(start + 7));
        int instance = variable(code.get(start + 11));
        require(
                isCall(code.get(start + 6), "requiredRef")
                        && isCall(code.get(start + 10), "instance")
                        && variable(code.get(start + 4)) == found
                        && variable(code.get(start + 8)) == found
                        && variable(code.get(start + 9)) == element
                        && variable(code.get(start + 12)) == instance
                        && variable(code.get(start + 14)) == instance
                        && variable(code.get(start + 15)) == own,
                method);
        LabelNode other = ((JumpInsnNode) code.get(start + 16)).label;
        InsnList lookup = new InsnList();
        lookup.add(new VarInsnNode(Opcodes.ILOAD, element));
        lookup.add(new VarInsnNode(Opcodes.ILOAD, table));
        lookup.add(new VarInsnNode(Opcodes.ALOAD, own));
        lookup.add(helper("ownFunction", "(II" + INSTANCE + ")I"));
        lookup.add(new VarInsnNode(Opcodes.ISTORE, function));
        lookup.add(new VarInsnNode(Opcodes.ILOAD, function));
        lookup.add(new JumpInsnNode(Opcodes.IFLT, other));
        method.instructions.insertBefore(code.get(start), lookup);
        for (int i = 0; i < LOOKUP.length; i++) {
            method.instructions.remove(code.get(start + i));
        }
        callOther(method, code.subList(start + LOOKUP.length, code.size()), element, table, own);
        for (AbstractInsnNode each : method.instructions) {
            if (each instanceof FrameNode frame) {
                frame.local = withoutLookup(frame.local, found, instance);
            }
            require(!(each instanceof VarInsnNode v) || (v.var != found && v.var != instance), method);
        }
        method.maxStack++;
    }

    /** A method's instructions, without labels, line numbers and frames. */
    static List<AbstractInsnNode> instructions(MethodNode method) {
        List<AbstractInsnNode> code = new ArrayList<>();
        for (AbstractInsnNode each : method.instructions) {
            if (each.getOpcode() >= 0) {
                code.add(each);
            }
        }
        return code;
    }

    /** Rewrites the call of a function of another instance, which is the only such call in {@code code}. */
    private static void callOther(MethodNode method, List<AbstractInsnNode> code, int element, int table, int own) {
        int calls = 0;
        for (int i = 2; i < code.size(); i++) {
            if (code.get(i) instanceof MethodInsnNode call && call.name.startsWith("callIndirect")) {
                require(
                        code.get(i - 1).getOpcode() == Opcodes.ALOAD
                                && code.get(i - 2).getOpcode() == Opcodes.ILOAD
                                && call.desc.contains("II" + INSTANCE + ")"),
                        method);
                InsnList arguments = new InsnList();
                arguments.add(new VarInsnNode(Opcodes.ILOAD, element));
                arguments.add(new VarInsnNode(Opcodes.ILOAD, table));
                arguments.add(new VarInsnNode(Opcodes.ALOAD, own));
                method.instructions.insertBefore(call, arguments);
                method.instructions.remove(code.get(i - 1));
                method.instructions.remove(code.get(i - 2));
                method.instructions.set(
                        call,
                        helper(
                                call.name.replace("callIndirect", "callOther"),
                                call.desc.replace("II" + INSTANCE, "III" + INSTANCE)));
                calls++;
            }
        }
        require(calls == 1, method);
    }

    private static MethodInsnNode helper(String name, String descriptor) {
        return new MethodInsnNode(Opcodes.INVOKESTATIC, ChicoryFormat.HELPER_CLASS, name, descriptor, false);
    }

    /** The locals of a frame without the two that the lookup no longer writes; also without unused ones at the end. */
    private static List<Object> withoutLookup(List<Object> locals, int table, int instance) {
        Object[] changed = locals.toArray();
        int slot = 0;
        int used = 0;
        for (int i = 0; i < changed.length; i++) {
            boolean wide = Opcodes.LONG.equals(changed[i]) || Opcodes.DOUBLE.equals(changed[i]);
            if (slot == table || slot == instance) {
                changed[i] = Opcodes.TOP;
            }
            slot += wide ? 2 : 1;
            used = Opcodes.TOP.equals(changed[i]) ? used : i + 1;
        }
        return new ArrayList<>(Arrays.asList(changed).subList(0, used));
    }

    private static boolean isCall(AbstractInsnNode node, String name) {
        return node instanceof MethodInsnNode call
                && call.name.equals(name)
                && (call.owner.equals(TABLE) || call.owner.equals(Type.getInternalName(Instance.class)));
    }

    private static int variable(AbstractInsnNode node) {
        return ((VarInsnNode) node).var;
    }

    private static void require(boolean known, MethodNode method) {
        if (!known) {
            throw new AssertionError("class " + ChicoryFormat.MAIN_CLASS + ": " + method.name
                    + ": an indirect call has an unknown form; this compile side does not fit the engine's compiler");
        }
    }
}
