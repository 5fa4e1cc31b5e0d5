package dev.precast.engine.chicory.load;

import dev.precast.attestation.RefusedException;
import java.nio.BufferUnderflowException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Accepts a class file only if it has the form of the compiler's classes, refers only to its own bundle, the helper
 * class and allowed members of the engine, and has only instructions and handlers that the compiler writes.
 *
 * <p>Such a class acts only on the instance that it was made for: its memories, tables, globals, functions and imports.
 * The JVM's verifier checks types. A class that passes can still loop, allocate or compute wrong results, like a wasm
 * module. Immutable and thread safe.
 */
public final class ClassVerifier {
    private static final int PUBLIC_STATIC = 0x9;
    private static final int PUBLIC = 0x1;
    private static final int PRIVATE_FINAL = 0x12;
    private static final int FINAL_SUPER = 0x30;

    private final Set<String> members;
    private final Set<String> types;
    private final String machine;
    private final Set<String> ownFields;
    private final CodeRules code;
    private final String runtime;

    private ClassVerifier(Set<String> members, CodeRules code) {
        this.members = members;
        this.code = code;
        this.types = new HashSet<>();
        for (String member : members) {
            int owner = member.indexOf('.');
            types.add(owner < 0 ? member : member.substring(0, owner));
            if (owner >= 0) {
                types.addAll(Descriptors.types(member.substring(member.indexOf(':') + 1)));
            }
        }
        this.machine = engineType("/Machine");
        this.runtime = machine.substring(0, machine.length() - "Machine".length());
        this.ownFields = Set.of(
                "instance:L" + runtime + "Instance;",
                "compilerInterpreterMachine:L" + runtime + "internal/CompilerInterpreterMachine;");
    }

    /** A verifier with the format's allow-list. */
    public static ClassVerifier ofFormat() {
        return new ClassVerifier(
                Set.copyOf(ChicoryFormat.lines("allowed-members.txt")),
                new CodeRules(ChicoryFormat.lines("allowed-code.txt")));
    }

    /**
     * A verifier that accepts additional members. A member that gives out an object of the engine stays forbidden, as
     * it could be another module's.
     *
     * @param more members as {@code owner.name:descriptor}
     */
    public ClassVerifier with(Set<String> more) {
        if (more.isEmpty()) {
            return this;
        }
        Set<String> all = new HashSet<>(members);
        for (String member : more) {
            if (!member.substring(member.lastIndexOf(')') + 1).contains("L" + runtime)) {
                all.add(member);
            }
        }
        return new ClassVerifier(Set.copyOf(all), code);
    }

    /** Whether generated classes may refer to this class, which is outside their bundle. */
    boolean admitsType(String internalName) {
        return types.contains(internalName);
    }

    /**
     * Checks a class file.
     *
     * @param name the internal name under which the bundle holds it
     * @throws RefusedException if the class violates a rule; the message says which
     */
    public void verify(String name, byte[] bytes) throws RefusedException {
        ClassFile file = new ClassFile(name, bytes);
        if (!OwnNames.isClass(name)) {
            throw file.refuse("not a name of a generated class");
        }
        try {
            verifyPool(file);
            verifyHeader(file, name);
            verifyMembers(file, name, true);
            verifyMembers(file, name, false);
            verifyAttributes(file, Set.of("SourceFile"), "");
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException
                | ArithmeticException e) {
            throw file.refuse("truncated, or an index is out of bounds");
        }
        if (file.hasRemaining()) {
            throw file.refuse("extra bytes at the end");
        }
    }

    private void verifyPool(ClassFile file) throws RefusedException {
        for (int i = 1; i < file.poolSize(); i++) {
            switch (file.tag(i)) {
                case ClassFile.CLASS -> verifyType(file, file.className(i));
                case ClassFile.FIELD, ClassFile.METHOD -> {
                    String owner = file.className(file.ref(i, 0));
                    int nameAndType = file.ref(i, 1, ClassFile.NAME_AND_TYPE);
                    verifyReference(
                            file,
                            file.tag(i) == ClassFile.METHOD,
                            owner,
                            file.utf8(file.ref(nameAndType, 0)),
                            file.utf8(file.ref(nameAndType, 1)));
                }
                case ClassFile.NAME_AND_TYPE -> verifyDescriptor(file, file.utf8(file.ref(i, 1)));
                default -> {
                    // Constants with numbers and texts do not refer to members or classes.
                }
            }
        }
    }

    private void verifyReference(ClassFile file, boolean method, String owner, String name, String descriptor)
            throws RefusedException {
        if (method == (descriptor.indexOf('(') != 0)) {
            throw file.refuse("reference to " + owner + "." + name + ": expected the descriptor of a "
                    + (method ? "method" : "field") + ", found " + descriptor);
        }
        if (OwnNames.isClass(owner)) {
            if (method ? !OwnNames.isMethod(name) : !ownFields.contains(name + ":" + descriptor)) {
                throw file.refuse("refers to " + owner + "." + name + ":" + descriptor + ", which is not a known "
                        + "member of generated classes");
            }
        } else if (!members.contains(owner + "." + name + ":" + descriptor)) {
            throw file.refuse("refers to " + owner + "." + name + ":" + descriptor + ", which is not allowed");
        }
    }

    private void verifyHeader(ClassFile file, String name) throws RefusedException {
        boolean main = name.equals(ChicoryFormat.MAIN_CLASS);
        int flags = file.u2();
        int expected = main ? FINAL_SUPER | PUBLIC : FINAL_SUPER;
        if (flags != expected) {
            throw file.refuse(
                    "expected flags 0x" + Integer.toHexString(expected) + ", found 0x" + Integer.toHexString(flags));
        }
        String own = file.className(file.u2());
        if (!own.equals(name)) {
            throw file.refuse("names itself " + own);
        }
        String superclass = file.className(file.u2());
        if (!superclass.equals("java/lang/Object")) {
            throw file.refuse("extends " + superclass + ", allowed is only java/lang/Object");
        }
        int interfaces = file.u2();
        if (interfaces != (main ? 1 : 0)) {
            throw file.refuse("implements " + interfaces + " interfaces, expected " + (main ? 1 : 0));
        }
        if (main) {
            String implemented = file.className(file.u2());
            if (!implemented.equals(machine)) {
                throw file.refuse("implements " + implemented + ", expected " + machine);
            }
        }
    }

    private void verifyMembers(ClassFile file, String name, boolean fields) throws RefusedException {
        int count = file.u2();
        for (int i = 0; i < count; i++) {
            int flags = file.u2();
            String member = file.utf8(file.u2());
            String descriptor = file.utf8(file.u2());
            boolean known = fields
                    ? flags == PRIVATE_FINAL
                            && name.equals(ChicoryFormat.MAIN_CLASS)
                            && ownFields.contains(member + ":" + descriptor)
                    : (flags == PUBLIC || flags == PUBLIC_STATIC) && OwnNames.isMethod(member);
            if (!known) {
                throw file.refuse("declares " + member + ":" + descriptor + " with flags 0x"
                        + Integer.toHexString(flags) + ", which is not allowed");
            }
            verifyDescriptor(file, descriptor);
            if (fields) {
                verifyAttributes(file, Set.of(), "");
            } else {
                verifyMethod(file, OwnNames.kindOfClass(name) + '.' + OwnNames.kindOfMethod(member), descriptor);
            }
        }
    }

    private void verifyMethod(ClassFile file, String place, String descriptor) throws RefusedException {
        if (!code.admitsMethod(place)) {
            throw file.refuse("declares a method " + place + ", which is not allowed");
        }
        if (descriptor.endsWith(")L" + runtime + "Instance;")) {
            throw file.refuse("declares a method " + place + " that returns an instance, which is not allowed");
        }
        verifyAttributes(file, Set.of("Code"), place);
    }

    /** @param place for the attributes of a method, its kind; otherwise unused */
    private void verifyAttributes(ClassFile file, Set<String> allowed, String place) throws RefusedException {
        int count = file.u2();
        if (count > allowed.size()) {
            throw file.refuse("has " + count + " attributes, allowed are " + allowed);
        }
        for (int i = 0; i < count; i++) {
            String attribute = file.utf8(file.u2());
            if (!allowed.contains(attribute)) {
                throw file.refuse("has the attribute " + attribute + ", allowed are " + allowed);
            }
            int length = file.u4();
            int end = Math.addExact(file.position(), length);
            if (attribute.equals("Code")) {
                new CodeVerifier(code, file, place).verify();
                verifyAttributes(file, Set.of("StackMapTable"), "");
            } else {
                file.skip(length);
            }
            if (length < 0 || file.position() != end) {
                throw file.refuse("the attribute " + attribute + " has a wrong length");
            }
        }
    }

    private void verifyDescriptor(ClassFile file, String descriptor) throws RefusedException {
        List<String> named = Descriptors.types(descriptor);
        for (String type : named) {
            verifyType(file, type);
        }
    }

    private void verifyType(ClassFile file, String type) throws RefusedException {
        if (!types.contains(type) && !OwnNames.isClass(type) && !isArrayOfNumbers(type)) {
            throw file.refuse("names the class " + type + ", which is not allowed");
        }
    }

    private static boolean isArrayOfNumbers(String type) {
        int element = type.length() - 1;
        return element > 0
                && type.lastIndexOf('[') == element - 1
                && "IJFD".indexOf(type.charAt(element)) >= 0
                && "[".repeat(element).equals(type.substring(0, element));
    }

    private String engineType(String suffix) {
        for (String member : members) {
            if (member.endsWith(suffix)) {
                return member;
            }
        }
        throw new IllegalStateException("allow-list: no member ends with " + suffix);
    }
}
