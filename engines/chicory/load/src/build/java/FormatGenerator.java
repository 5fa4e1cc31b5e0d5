import com.dylibso.chicory.compiler.internal.Shaded;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.SimpleRemapper;

/**
 * Writes those files of the bundle format that come from the engine's compiler, so that hosts need no compiler. The
 * build runs this class with the compiler on the class path.
 *
 * <ul>
 *   <li>{@code helper FILE}: writes the helper class, under the name by which generated code calls it.
 *   <li>{@code classes FOLDER}: lists the classes that the engine hash covers, from FOLDER's {@code allowed-members.txt}
 *       and the helper class.
 * </ul>
 */
final class FormatGenerator {
    private static final String HELPER = "precast/ModuleShaded";
    private static final String INSTANCE = Type.getDescriptor(Instance.class);
    private static final String TABLE = Type.getInternalName(TableInstance.class);
    /** The last arguments of the engine's methods that call a function of a given instance: type, function, instance. */
    private static final Pattern INDIRECT = Pattern.compile("[^I]II" + Pattern.quote(INSTANCE + ")"));

    private static final int STATIC = Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC;

    private FormatGenerator() {}

    public static void main(String[] args) throws Exception {
        Path out = Path.of(args[1]);
        switch (args[0]) {
            case "helper" -> {
                Files.createDirectories(out.getParent());
                Files.write(out, helper());
            }
            case "classes" ->
                Files.write(
                        out.resolve("engine-classes.txt"),
                        engineClasses(Files.readAllLines(out.resolve("allowed-members.txt"))));
            default -> throw new IllegalArgumentException("command: expected helper or classes, found " + args[0]);
        }
    }

    private static byte[] helper() throws IOException {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        ClassVisitor renamed =
                new ClassRemapper(
                        writer, new SimpleRemapper(Opcodes.ASM9, Type.getInternalName(Shaded.class), HELPER)) {
                    @Override
                    public void visitEnd() {
                        addOwnFunction(cv);
                        for (Method method : Shaded.class.getDeclaredMethods()) {
                            if (INDIRECT.matcher(Type.getMethodDescriptor(method))
                                            .find()
                                    && method.getName().startsWith("callIndirect")) {
                                addCallOther(cv, method);
                            }
                        }
                        super.visitEnd();
                    }
                };
        reader(Shaded.class).accept(renamed, ClassReader.SKIP_DEBUG);
        return writer.toByteArray();
    }

    /**
     * {@code int ownFunction(int element, int table, Instance own)}: the function of a table's element if it belongs to
     * the own instance; -1 if it belongs to another one. Fails as the engine does if there is no such element.
     */
    private static void addOwnFunction(ClassVisitor helper) {
        MethodVisitor m = helper.visitMethod(STATIC, "ownFunction", "(II" + INSTANCE + ")I", null, null);
        m.visitCode();
        addLookup(m, 0, 3);
        Label own = new Label();
        m.visitVarInsn(Opcodes.ALOAD, 5);
        m.visitJumpInsn(Opcodes.IFNULL, own);
        m.visitVarInsn(Opcodes.ALOAD, 5);
        m.visitVarInsn(Opcodes.ALOAD, 2);
        m.visitJumpInsn(Opcodes.IF_ACMPEQ, own);
        m.visitInsn(Opcodes.ICONST_M1);
        m.visitInsn(Opcodes.IRETURN);
        m.visitLabel(own);
        m.visitFrame(
                Opcodes.F_APPEND,
                3,
                new Object[] {TABLE, Opcodes.INTEGER, Type.getInternalName(Instance.class)},
                0,
                null);
        m.visitVarInsn(Opcodes.ILOAD, 4);
        m.visitInsn(Opcodes.IRETURN);
        m.visitMaxs(0, 0);
        m.visitEnd();
    }

    /**
     * {@code callOther(arguments, type, element, table, own)}: looks the element up again, then calls the engine's method
     * for functions of other instances, which checks the type.
     */
    private static void addCallOther(ClassVisitor helper, Method engine) {
        String called = Type.getMethodDescriptor(engine);
        String name = engine.getName().replace("callIndirect", "callOther");
        Type[] arguments = Type.getArgumentTypes(called);
        int boxed = arguments.length - 3;
        int own = boxed + 3;
        MethodVisitor m =
                helper.visitMethod(STATIC, name, called.replace("II" + INSTANCE, "III" + INSTANCE), null, null);
        m.visitCode();
        addLookup(m, boxed + 1, own + 1);
        for (int i = 0; i < boxed; i++) {
            m.visitVarInsn(Opcodes.ALOAD, i);
        }
        m.visitVarInsn(Opcodes.ILOAD, boxed);
        m.visitVarInsn(Opcodes.ILOAD, own + 2);
        m.visitVarInsn(Opcodes.ALOAD, own + 3);
        m.visitMethodInsn(Opcodes.INVOKESTATIC, HELPER, engine.getName(), called, false);
        m.visitInsn(Opcodes.ARETURN);
        m.visitMaxs(0, 0);
        m.visitEnd();
    }

    /** Writes table, function and instance of an element to three locals from {@code local} on. */
    private static void addLookup(MethodVisitor m, int element, int local) {
        m.visitVarInsn(Opcodes.ALOAD, element + 2);
        m.visitVarInsn(Opcodes.ILOAD, element + 1);
        m.visitMethodInsn(
                Opcodes.INVOKEVIRTUAL, Type.getInternalName(Instance.class), "table", "(I)L" + TABLE + ";", false);
        m.visitVarInsn(Opcodes.ASTORE, local);
        m.visitVarInsn(Opcodes.ALOAD, local);
        m.visitVarInsn(Opcodes.ILOAD, element);
        m.visitMethodInsn(Opcodes.INVOKEVIRTUAL, TABLE, "requiredRef", "(I)I", false);
        m.visitVarInsn(Opcodes.ISTORE, local + 1);
        m.visitVarInsn(Opcodes.ALOAD, local);
        m.visitVarInsn(Opcodes.ILOAD, element);
        m.visitMethodInsn(Opcodes.INVOKEVIRTUAL, TABLE, "instance", "(I)" + INSTANCE, false);
        m.visitVarInsn(Opcodes.ASTORE, local + 2);
    }

    private static Set<String> engineClasses(List<String> members) throws Exception {
        String engine = Type.getInternalName(Instance.class);
        String prefix = engine.substring(0, engine.indexOf("/runtime/") + 1);
        Set<String> classes = new TreeSet<>();
        for (String allowed : members) {
            int end = allowed.indexOf('.');
            classes.add(end < 0 ? allowed : allowed.substring(0, end));
        }
        ClassReader shaded = reader(Shaded.class);
        shaded.accept(
                new ClassVisitor(Opcodes.ASM9) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String desc, String sig, String[] thrown) {
                        for (Type type : Type.getArgumentTypes(desc)) {
                            add(type);
                        }
                        add(Type.getReturnType(desc));
                        return new MethodVisitor(Opcodes.ASM9) {
                            @Override
                            public void visitMethodInsn(int op, String owner, String name, String desc, boolean itf) {
                                add(Type.getObjectType(owner));
                                add(Type.getReturnType(desc));
                            }

                            @Override
                            public void visitFieldInsn(int op, String owner, String name, String desc) {
                                add(Type.getObjectType(owner));
                            }

                            @Override
                            public void visitTypeInsn(int op, String type) {
                                add(Type.getObjectType(type));
                            }
                        };
                    }

                    private void add(Type type) {
                        if (type.getSort() == Type.OBJECT) {
                            classes.add(type.getInternalName());
                        }
                    }
                },
                0);
        classes.removeIf(c -> !c.startsWith(prefix) || c.equals(Type.getInternalName(Shaded.class)));
        return classes;
    }

    private static ClassReader reader(Class<?> type) throws IOException {
        String name = Type.getInternalName(type) + ".class";
        try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
            return new ClassReader(in);
        }
    }
}
