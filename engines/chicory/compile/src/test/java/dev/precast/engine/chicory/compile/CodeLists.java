package dev.precast.engine.chicory.compile;

import dev.precast.engine.chicory.load.ChicoryFormat;
import java.util.Map;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.util.Printer;

/** What generated classes use, in the form of the verifier's two lists. */
final class CodeLists extends ClassVisitor {
    private static final String OWN = ChicoryFormat.MAIN_CLASS;

    final TreeSet<String> members = new TreeSet<>();
    final TreeSet<String> types = new TreeSet<>();
    final TreeSet<String> code = new TreeSet<>();
    private String kind = "";

    CodeLists() {
        super(Opcodes.ASM9);
    }

    /** Adds what these classes use; names are internal names. */
    void addAll(Map<String, byte[]> classes) {
        classes.forEach((name, bytes) -> {
            String rest = name.substring(OWN.length()).replaceFirst("[0-9].*", "");
            kind = rest.isEmpty() ? "Module" : rest;
            new ClassReader(bytes).accept(this, ClassReader.EXPAND_FRAMES);
        });
    }

    /** The lines of {@code allowed-members.txt}: members, and types that no member names. */
    TreeSet<String> memberLines() {
        TreeSet<String> lines = new TreeSet<>(types);
        for (String member : members) {
            lines.remove(member.substring(0, member.indexOf('.')));
            for (Type type : types(member.substring(member.indexOf(':') + 1))) {
                lines.remove(type.getInternalName());
            }
        }
        lines.addAll(members);
        return lines;
    }

    @Override
    public void visit(int version, int access, String name, String signature, String superName, String[] interfaces) {
        add(Type.getObjectType(superName));
        for (String each : interfaces) {
            add(Type.getObjectType(each));
        }
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] thrown) {
        String method = name.startsWith("value_") ? "value_" : name.replaceFirst("[0-9]+$", "");
        String place = kind + '.' + method;
        code.add("method " + place);
        addTypes(descriptor);
        return new MethodVisitor(Opcodes.ASM9) {
            @Override
            public void visitInsn(int opcode) {
                instruction(opcode >= Opcodes.ICONST_M1 && opcode <= Opcodes.DCONST_1 ? Opcodes.LDC : opcode);
            }

            @Override
            public void visitIntInsn(int opcode, int operand) {
                instruction(opcode == Opcodes.NEWARRAY ? opcode : Opcodes.LDC);
                if (opcode == Opcodes.NEWARRAY) {
                    operand(opcode, String.valueOf(operand));
                }
            }

            @Override
            public void visitVarInsn(int opcode, int local) {
                instruction(opcode);
            }

            @Override
            public void visitIincInsn(int local, int increment) {
                instruction(Opcodes.IINC);
            }

            @Override
            public void visitTypeInsn(int opcode, String type) {
                instruction(opcode);
                operand(opcode, type);
                add(Type.getObjectType(type));
            }

            @Override
            public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
                instruction(opcode);
                operand(opcode, owner + '.' + name + ':' + descriptor);
                addTypes(descriptor);
            }

            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
                instruction(opcode);
                String member = owner + '.' + name + ':' + descriptor;
                if (opcode == Opcodes.INVOKESPECIAL) {
                    operand(opcode, member);
                }
                if (!owner.startsWith(OWN) || owner.equals(ChicoryFormat.HELPER_CLASS)) {
                    members.add(member);
                } else {
                    addTypes(descriptor);
                }
            }

            @Override
            public void visitInvokeDynamicInsn(String name, String descriptor, Handle method, Object... arguments) {
                throw new AssertionError("invokedynamic in " + place);
            }

            @Override
            public void visitJumpInsn(int opcode, Label label) {
                instruction(opcode);
            }

            @Override
            public void visitLdcInsn(Object value) {
                if (!(value instanceof Number)) {
                    throw new AssertionError("constant " + value + " in " + place);
                }
                instruction(Opcodes.LDC);
            }

            @Override
            public void visitTableSwitchInsn(int min, int max, Label other, Label... labels) {
                instruction(Opcodes.TABLESWITCH);
            }

            @Override
            public void visitLookupSwitchInsn(Label other, int[] keys, Label[] labels) {
                instruction(Opcodes.LOOKUPSWITCH);
            }

            @Override
            public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
                code.add("handler " + place + ' ' + type);
                if (type != null) {
                    add(Type.getObjectType(type));
                }
            }

            @Override
            public void visitFrame(int frame, int locals, Object[] local, int depth, Object[] stack) {
                for (int i = 0; i < locals; i++) {
                    frame(local[i]);
                }
                for (int i = 0; i < depth; i++) {
                    frame(stack[i]);
                }
            }

            private void frame(Object type) {
                if (type instanceof String name) {
                    add(Type.getObjectType(name));
                }
            }

            private void operand(int opcode, String text) {
                code.add("operand " + place + ' ' + opcode + ' ' + text);
            }
        };
    }

    private void instruction(int opcode) {
        code.add("instruction " + opcode + ' ' + Printer.OPCODES[opcode].toLowerCase(java.util.Locale.ROOT));
    }

    private void addTypes(String descriptor) {
        types(descriptor).forEach(this::add);
    }

    private static java.util.List<Type> types(String descriptor) {
        java.util.List<Type> all = new java.util.ArrayList<>();
        if (descriptor.startsWith("(")) {
            all.addAll(java.util.List.of(Type.getArgumentTypes(descriptor)));
            all.add(Type.getReturnType(descriptor));
        } else {
            all.add(Type.getType(descriptor));
        }
        return all.stream()
                .map(t -> t.getSort() == Type.ARRAY ? t.getElementType() : t)
                .filter(t -> t.getSort() == Type.OBJECT)
                .toList();
    }

    private void add(Type type) {
        String name = type.getInternalName();
        boolean numbers = name.matches("\\[+[IJFD]");
        if (!numbers
                && !(name.startsWith(OWN) && !name.equals(ChicoryFormat.HELPER_CLASS))
                && type.getSort() >= Type.ARRAY) {
            types.add(name);
        }
    }
}
