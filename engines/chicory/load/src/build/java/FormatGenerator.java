import com.dylibso.chicory.compiler.internal.Shaded;
import com.dylibso.chicory.compiler.internal.ShadedRefs;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.OpCodeIdentifier;
import com.dylibso.chicory.runtime.OpcodeImpl;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.runtime.internal.CompilerInterpreterMachine;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
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
 *   <li>{@code lists FOLDER [MORE]}: lists the members that generated code may refer to (also each line of the file
 *       MORE), and the classes that the engine hash covers.
 * </ul>
 */
final class FormatGenerator {
    private static final String HELPER = "precast/ModuleShaded";

    private FormatGenerator() {}

    public static void main(String[] args) throws Exception {
        Path out = Path.of(args[1]);
        switch (args[0]) {
            case "helper" -> {
                Files.createDirectories(out.getParent());
                Files.write(out, helper());
            }
            case "lists" -> {
                Set<String> allowed = allowed();
                if (args.length > 2) {
                    allowed.addAll(Files.readAllLines(Path.of(args[2])));
                }
                Files.write(out.resolve("allowed-members.txt"), allowed);
                Files.write(out.resolve("engine-classes.txt"), engineClasses(allowed));
            }
            default -> throw new IllegalArgumentException("command: expected helper or lists, found " + args[0]);
        }
    }

    private static byte[] helper() throws IOException {
        ClassWriter writer = new ClassWriter(0);
        ClassVisitor renamed =
                new ClassRemapper(writer, new SimpleRemapper(Opcodes.ASM9, Type.getInternalName(Shaded.class), HELPER));
        reader(Shaded.class).accept(renamed, ClassReader.SKIP_DEBUG);
        return writer.toByteArray();
    }

    private static Set<String> allowed() throws Exception {
        Set<String> allowed = new TreeSet<>();
        for (Class<?> table :
                new Class<?>[] {ShadedRefs.class, Class.forName(ShadedRefs.class.getPackageName() + ".CompilerUtil")}) {
            for (Field field : table.getDeclaredFields()) {
                if (field.getType() == Method.class) {
                    field.setAccessible(true);
                    allowed.add(member((Method) field.get(null)));
                }
            }
        }
        for (Method method : OpcodeImpl.class.getDeclaredMethods()) {
            if (Modifier.isStatic(method.getModifiers()) && method.isAnnotationPresent(OpCodeIdentifier.class)) {
                allowed.add(member(method));
            }
        }
        // The compiler's tables above do not contain these members, nor types of descriptors and exception tables.
        allowed.add("java/lang/Object.<init>:()V");
        allowed.add(Type.getInternalName(CompilerInterpreterMachine.class) + ".<init>:"
                + Type.getConstructorDescriptor(
                        CompilerInterpreterMachine.class.getConstructor(Instance.class, int[].class)));
        allowed.add(member(CompilerInterpreterMachine.class.getMethod("call", int.class, long[].class)));
        allowed.add(member(WasmException.class.getMethod("args")));
        allowed.add(member(Instance.class.getMethod("registerException", WasmException.class)));
        for (Class<?> type : new Class<?>[] {
            Machine.class, Memory.class, FunctionType.class, StackOverflowError.class, Throwable.class
        }) {
            allowed.add(Type.getInternalName(type));
        }
        return allowed;
    }

    private static String member(Method method) {
        String owner = Type.getInternalName(method.getDeclaringClass());
        if (method.getDeclaringClass() == Shaded.class) {
            owner = HELPER;
        } else if (method.getName().equals("call") && owner.endsWith("InterpreterMachine")) {
            owner = Type.getInternalName(CompilerInterpreterMachine.class);
        }
        return owner + "." + method.getName() + ":" + Type.getMethodDescriptor(method);
    }

    private static Set<String> engineClasses(Set<String> members) throws Exception {
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
