package dev.precast.engine.chicory.compile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Removes a method that the compiler generated again with the same name, types and instructions. It does so for results of
 * different reference types, which the JVM does not tell apart, and a JVM refuses such a class.
 */
final class EqualMethods {
    private EqualMethods() {}

    static byte[] removeFrom(byte[] bytes) {
        ClassReader reader = new ClassReader(bytes);
        ClassNode node = new ClassNode();
        reader.accept(node, 0);
        Map<String, MethodNode> first = new HashMap<>();
        List<MethodNode> again = new ArrayList<>();
        for (MethodNode method : node.methods) {
            MethodNode earlier = first.putIfAbsent(method.name + method.desc, method);
            if (earlier != null && opcodes(earlier).equals(opcodes(method))) {
                again.add(method);
            }
        }
        if (again.isEmpty()) {
            return bytes;
        }
        node.methods.removeAll(again);
        ClassWriter writer = new ClassWriter(reader, 0);
        node.accept(writer);
        return writer.toByteArray();
    }

    private static List<Integer> opcodes(MethodNode method) {
        List<Integer> opcodes = new ArrayList<>();
        for (AbstractInsnNode each : method.instructions) {
            opcodes.add(each.getOpcode());
        }
        return opcodes;
    }
}
