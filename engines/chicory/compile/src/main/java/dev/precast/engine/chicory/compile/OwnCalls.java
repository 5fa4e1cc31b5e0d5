package dev.precast.engine.chicory.compile;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Finds calls of methods that the compiler did not generate. A JVM notices only when such a call runs. */
final class OwnCalls {
    private static final int METHOD = 10;

    private final Map<String, byte[]> classes;

    private OwnCalls(Map<String, byte[]> classes) {
        this.classes = classes;
    }

    /**
     * A sentence about a call between these classes of a method that does not exist.
     *
     * @param classes class files by internal name; calls of other classes are not looked at
     */
    static Optional<String> missing(Map<String, byte[]> classes) {
        return new OwnCalls(classes).missing();
    }

    private Optional<String> missing() {
        Set<String> named = new HashSet<>();
        Set<String> defined = new HashSet<>();
        classes.forEach((name, bytes) -> {
            ClassReader reader = new ClassReader(bytes);
            addNamed(reader, named);
            reader.accept(new Methods(name, defined), ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
        });
        named.removeAll(defined);
        if (named.isEmpty()) {
            return Optional.empty();
        }
        // Code that cannot be reached leaves its names in the class file.
        Set<String> calls = new TreeSet<>();
        classes.forEach((name, bytes) -> new ClassReader(bytes).accept(new Calls(name, named, calls), 0));
        return calls.stream().findFirst();
    }

    /** Adds the methods of these classes that a class file names; reads only its constant pool. */
    private void addNamed(ClassReader reader, Set<String> named) {
        char[] buffer = new char[reader.getMaxStringLength()];
        for (int i = 1; i < reader.getItemCount(); i++) {
            int item = reader.getItem(i);
            if (item != 0 && reader.readByte(item - 1) == METHOD) {
                String owner = reader.readClass(item, buffer);
                if (classes.containsKey(owner)) {
                    int nameAndType = reader.getItem(reader.readUnsignedShort(item + 2));
                    named.add(method(
                            owner, reader.readUTF8(nameAndType, buffer), reader.readUTF8(nameAndType + 2, buffer)));
                }
            }
        }
    }

    private static String method(String owner, @Nullable String name, @Nullable String descriptor) {
        return owner + "." + name + descriptor;
    }

    private static final class Methods extends ClassVisitor {
        private final String owner;
        private final Set<String> defined;

        Methods(String owner, Set<String> defined) {
            super(Opcodes.ASM9);
            this.owner = owner;
            this.defined = defined;
        }

        @Override
        public @Nullable MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            defined.add(method(owner, name, descriptor));
            return null;
        }
    }

    private static final class Calls extends ClassVisitor {
        private final String caller;
        private final Set<String> missing;
        private final Set<String> calls;

        Calls(String caller, Set<String> missing, Set<String> calls) {
            super(Opcodes.ASM9);
            this.caller = caller;
            this.missing = missing;
            this.calls = calls;
        }

        @Override
        public MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitMethodInsn(int opcode, String owner, String called, String type, boolean isInterface) {
                    String target = method(owner, called, type);
                    if (missing.contains(target)) {
                        calls.add(caller + "." + name + " calls " + target + ", which does not exist");
                    }
                }
            };
        }
    }
}
