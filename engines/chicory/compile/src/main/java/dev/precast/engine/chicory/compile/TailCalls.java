package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tail calls of a module as a graph. A tail call through a table or a reference may reach each function that the module
 * refers to and whose type may match.
 *
 * <p>The engine's interpreter gets three tail calls wrong: that of a function with locals beyond its parameters to itself,
 * unless {@link SplitFunctions} helps, that of an imported function through a reference, and that of another instance's
 * function through a table. Moreover, it
 * interprets what an interpreted function tail-calls, whether that has generated code or not. So the tail calls of a function
 * are safe if neither this function nor any that it reaches by tail calls has one of these.
 */
final class TailCalls {
    private sealed interface Node {}

    private record Function(int index) implements Node {}

    /** All functions that the module refers to and whose types have this form: references of any type count as equal. */
    private record Shape(List<ValType> parameters, List<ValType> results) implements Node {
        static Shape of(FunctionType type) {
            return new Shape(simple(type.params()), simple(type.returns()));
        }

        private static List<ValType> simple(List<ValType> types) {
            return types.stream()
                    .map(type -> type.isReference() ? ValType.FuncRef : type)
                    .toList();
        }
    }

    private final Map<Node, Set<Node>> targets = new HashMap<>();
    private final Map<Node, Set<Node>> callers = new HashMap<>();
    private final Set<Node> throughReferences = new HashSet<>();
    private final Set<Node> wrong = new HashSet<>();
    private final int imported;

    /** @param imported the number of imported functions, whose indices come first */
    TailCalls(int imported) {
        this.imported = imported;
    }

    void call(int function, int target) {
        edge(new Function(function), new Function(target));
    }

    void callThroughReference(int function, FunctionType type) {
        throughReferences.add(new Function(function));
        edge(new Function(function), Shape.of(type));
    }

    void callThroughTable(int function, FunctionType type) {
        edge(new Function(function), Shape.of(type));
    }

    /** A function that tail-calls through a table that another instance can fill. */
    void wrong(int function) {
        wrong.add(new Function(function));
    }

    /** A function to which the module refers, as in an element or an export. */
    void referTo(int function, FunctionType type) {
        edge(Shape.of(type), new Function(function));
    }

    private void edge(Node from, Node to) {
        targets.computeIfAbsent(from, node -> new HashSet<>()).add(to);
        callers.computeIfAbsent(to, node -> new HashSet<>()).add(from);
    }

    /** Functions that tail-call themselves or may do so. */
    BitSet calledByThemselves() {
        return functions(targets.keySet().stream()
                .filter(node -> node instanceof Function function && mayCallItself(function))
                .toList());
    }

    /** @param failing functions that may tail-call themselves and at which the interpreter fails then */
    BitSet unsafe(BitSet failing) {
        Set<Node> unsafe = new HashSet<>(wrong);
        failing.stream().forEach(function -> unsafe.add(new Function(function)));
        targets.forEach((shape, functions) -> {
            if (shape instanceof Shape && functions.stream().anyMatch(each -> isImport(each, imported))) {
                callers.getOrDefault(shape, Set.of()).stream()
                        .filter(throughReferences::contains)
                        .forEach(unsafe::add);
            }
        });
        Deque<Node> left = new ArrayDeque<>(unsafe);
        while (!left.isEmpty()) {
            for (Node caller : callers.getOrDefault(left.pop(), Set.of())) {
                if (unsafe.add(caller)) {
                    left.push(caller);
                }
            }
        }
        return functions(unsafe);
    }

    private boolean mayCallItself(Function function) {
        return targets.getOrDefault(function, Set.of()).stream()
                .anyMatch(target -> target.equals(function)
                        || (target instanceof Shape
                                && targets.getOrDefault(target, Set.of()).contains(function)));
    }

    private static boolean isImport(Node node, int imported) {
        return node instanceof Function function && function.index() < imported;
    }

    /** Functions in a cycle of tail calls, or on a way from one cycle to another. */
    BitSet recursive() {
        Set<Node> nodes = new HashSet<>(targets.keySet());
        nodes.addAll(callers.keySet());
        removeEnds(nodes, targets, callers);
        removeEnds(nodes, callers, targets);
        return functions(nodes);
    }

    /** Removes nodes without an outgoing edge until each has one. */
    private static void removeEnds(Set<Node> nodes, Map<Node, Set<Node>> out, Map<Node, Set<Node>> in) {
        Map<Node, Integer> edges = new HashMap<>();
        Deque<Node> ends = new ArrayDeque<>();
        for (Node node : nodes) {
            int count = (int) out.getOrDefault(node, Set.of()).stream()
                    .filter(nodes::contains)
                    .count();
            edges.put(node, count);
            if (count == 0) {
                ends.push(node);
            }
        }
        while (!ends.isEmpty()) {
            Node end = ends.pop();
            nodes.remove(end);
            for (Node before : in.getOrDefault(end, Set.of())) {
                if (edges.merge(before, -1, Integer::sum) == 0 && nodes.contains(before)) {
                    ends.push(before);
                }
            }
        }
    }

    private static BitSet functions(Collection<Node> nodes) {
        BitSet functions = new BitSet();
        for (Node node : nodes) {
            if (node instanceof Function function) {
                functions.set(function.index());
            }
        }
        return functions;
    }
}
