package dev.precast.module;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@link ComponentFacts} of a component in one pass and in linear time; the limits below bound the memory
 * that this takes. Parses core modules, instances, imports and exports as the component model's {@code Binary.md}
 * defines them; skips types and canonical functions. Does not validate the component.
 */
public final class ComponentScan {
    /** Maximum nesting depth of components; the deepest known real component has a depth of 2. */
    static final int MAX_DEPTH = 32;
    /** Maximum size of each component's index spaces of modules and of components. Wasmtime has the same limits. */
    static final int MAX_ITEMS = 1000;
    /** Maximum number of core modules in all components together. */
    static final int MAX_MODULES = 10_000;

    private static final int CORE_MODULE = 0x11;
    private static final int COMPONENT = 4;

    private final WasmInput in;
    private final Consumer<ModuleFacts> each;
    private final List<ComponentFacts.Module> modules = new ArrayList<>();
    private long moduleCount;
    private long componentCount;

    private ComponentScan(WasmInput in, Consumer<ModuleFacts> each) {
        this.in = in;
        this.each = each;
    }

    /**
     * Reads a component to its end; does not close the stream.
     *
     * @param each receives the facts of each core module; offsets count from the component's start
     * @throws MalformedModuleException if it is not a component, or exceeds a limit
     * @throws IOException if reading fails
     */
    public static ComponentFacts of(InputStream wasm, Consumer<ModuleFacts> each)
            throws IOException, MalformedModuleException {
        WasmInput in = new WasmInput(wasm);
        ComponentScan scan = new ComponentScan(in, each);
        Scope outermost = scan.component(null);
        return new ComponentFacts(
                in.position(),
                scan.modules,
                scan.moduleCount,
                scan.componentCount,
                outermost.imports,
                outermost.importCount,
                outermost.exports,
                outermost.exportCount,
                outermost.footprint);
    }

    /**
     * Index spaces of one component. Items that are unknown, because they are imported or belong to another instance,
     * are null.
     */
    private static final class Scope {
        private final @Nullable Scope outer;
        private final int depth;
        private final List<ComponentFacts.@Nullable Footprint> modules = new ArrayList<>();
        private final List<ComponentFacts.@Nullable Footprint> components = new ArrayList<>();
        private final List<ComponentFacts.Extern> imports = new ArrayList<>();
        private final List<ComponentFacts.Extern> exports = new ArrayList<>();
        private long importCount;
        private long exportCount;
        private ComponentFacts.Footprint footprint = ComponentFacts.Footprint.NONE;

        Scope(@Nullable Scope outer) {
            this.outer = outer;
            this.depth = outer == null ? 0 : outer.depth + 1;
        }
    }

    private Scope component(@Nullable Scope outer) throws IOException, MalformedModuleException {
        Scope scope = new Scope(outer);
        if (scope.depth > MAX_DEPTH) {
            throw in.malformed("components are nested deeper than " + MAX_DEPTH);
        }
        WasmKind kind = in.preamble();
        if (kind != WasmKind.COMPONENT) {
            throw in.malformed("expected a component's preamble, found "
                    + (kind == WasmKind.MODULE ? "a core module's" : "another"));
        }
        while (!in.atEnd()) {
            section(scope);
        }
        return scope;
    }

    private void section(Scope scope) throws IOException, MalformedModuleException {
        int id = in.u8();
        long outer = in.enter("section " + id, in.u32());
        switch (id) {
            case 0, 3, 7, 8, 9 -> in.skip(in.left());
            case 1 -> module(scope);
            case 2 -> coreInstances(scope);
            case 4 -> nested(scope);
            case 5 -> instances(scope);
            case 6 -> aliases(scope);
            case 10 -> imports(scope);
            case 11 -> exports(scope);
            default -> throw in.malformed("unknown section " + id + " in a component");
        }
        in.leave("section " + id, outer);
    }

    private void module(Scope scope) throws IOException, MalformedModuleException {
        if (++moduleCount > MAX_MODULES) {
            throw in.malformed("more than " + MAX_MODULES + " core modules");
        }
        long offset = in.position();
        ModuleFacts facts = ModuleScan.of(in);
        each.accept(facts);
        ComponentFacts.Footprint once = ComponentFacts.Footprint.of(facts);
        add(scope.modules, once, "core modules");
        if (modules.size() < ModuleFacts.MAX_LISTED) {
            modules.add(new ComponentFacts.Module(
                    offset, facts.bytes(), facts.code(), facts.data().size(), once));
        }
    }

    private void nested(Scope scope) throws IOException, MalformedModuleException {
        componentCount++;
        add(scope.components, component(scope).footprint, "components");
    }

    private void coreInstances(Scope scope) throws IOException, MalformedModuleException {
        long count = in.count("core instances");
        for (long i = 0; i < count; i++) {
            if (form("core instance", 1) == 0) {
                instantiate(scope, scope.modules, in.u32());
                long arguments = in.count("arguments");
                for (long j = 0; j < arguments; j++) {
                    in.name();
                    in.u8();
                    in.u32();
                }
            } else {
                long exports = in.count("exports");
                for (long j = 0; j < exports; j++) {
                    in.name();
                    in.u8();
                    in.u32();
                }
            }
        }
    }

    private void instances(Scope scope) throws IOException, MalformedModuleException {
        long count = in.count("instances");
        for (long i = 0; i < count; i++) {
            if (form("instance", 1) == 0) {
                instantiate(scope, scope.components, in.u32());
                long arguments = in.count("arguments");
                for (long j = 0; j < arguments; j++) {
                    in.name();
                    sort();
                    in.u32();
                }
            } else {
                long exports = in.count("exports");
                for (long j = 0; j < exports; j++) {
                    externName();
                    sort();
                    in.u32();
                }
            }
        }
    }

    private void instantiate(Scope scope, List<ComponentFacts.@Nullable Footprint> space, long index)
            throws MalformedModuleException {
        ComponentFacts.Footprint made = known(space, index);
        if (made != null) {
            scope.footprint = scope.footprint.plus(made);
        }
    }

    private void aliases(Scope scope) throws IOException, MalformedModuleException {
        long count = in.count("aliases");
        for (long i = 0; i < count; i++) {
            int sort = sort();
            boolean outer = form("alias", 2) == 2;
            long first = in.u32();
            if (!outer) {
                in.name();
                define(scope, sort, null);
                continue;
            }
            long index = in.u32();
            Scope from = scope;
            for (long up = first; up > 0; up--) {
                if (from.outer == null) {
                    throw in.malformed("alias of the component " + first
                            + " levels further out, but this component is at depth " + scope.depth);
                }
                from = from.outer;
            }
            define(
                    scope,
                    sort,
                    switch (sort) {
                        case CORE_MODULE -> known(from.modules, index);
                        case COMPONENT -> known(from.components, index);
                        default -> null;
                    });
        }
    }

    private void imports(Scope scope) throws IOException, MalformedModuleException {
        long count = in.count("imports");
        for (long i = 0; i < count; i++) {
            String name = externName();
            int sort = type();
            define(scope, sort, null);
            list(scope.imports, name, sort);
        }
        scope.importCount += count;
    }

    private void exports(Scope scope) throws IOException, MalformedModuleException {
        long count = in.count("exports");
        for (long i = 0; i < count; i++) {
            String name = externName();
            int sort = sort();
            long index = in.u32();
            if (form("type of an export", 1) == 1) {
                type();
            }
            // An export adds an item to its index space.
            define(
                    scope,
                    sort,
                    switch (sort) {
                        case CORE_MODULE -> known(scope.modules, index);
                        case COMPONENT -> known(scope.components, index);
                        default -> null;
                    });
            list(scope.exports, name, sort);
        }
        scope.exportCount += count;
    }

    private void define(Scope scope, int sort, ComponentFacts.@Nullable Footprint what)
            throws MalformedModuleException {
        if (sort == CORE_MODULE) {
            add(scope.modules, what, "core modules");
        } else if (sort == COMPONENT) {
            add(scope.components, what, "components");
        }
    }

    private void add(
            List<ComponentFacts.@Nullable Footprint> space, ComponentFacts.@Nullable Footprint what, String name)
            throws MalformedModuleException {
        if (space.size() == MAX_ITEMS) {
            throw in.malformed("more than " + MAX_ITEMS + " " + name + " in one component");
        }
        space.add(what);
    }

    private ComponentFacts.@Nullable Footprint known(List<ComponentFacts.@Nullable Footprint> space, long index)
            throws MalformedModuleException {
        if (index >= space.size()) {
            throw in.malformed(
                    "index " + index + " is out of range: " + space.size() + " such items are defined so far");
        }
        return space.get((int) index);
    }

    private static void list(List<ComponentFacts.Extern> list, String name, int sort) {
        if (list.size() < ModuleFacts.MAX_LISTED) {
            list.add(new ComponentFacts.Extern(name, label(sort)));
        }
    }

    private static String label(int sort) {
        return switch (sort) {
            case 1 -> "func";
            case 2 -> "value";
            case 3 -> "type";
            case COMPONENT -> "component";
            case 5 -> "instance";
            case CORE_MODULE -> "core module";
            default -> "core item";
        };
    }

    /** Reads a sort. Core modules get a number that no other sort has; all other core sorts become 0. */
    private int sort() throws IOException, MalformedModuleException {
        int sort = form("sort", 5);
        if (sort != 0) {
            return sort;
        }
        int core = in.u8();
        return core == CORE_MODULE ? CORE_MODULE : 0;
    }

    /** Reads the type of an import or export: its sort, then an index or a bound. */
    private int type() throws IOException, MalformedModuleException {
        int sort = sort();
        if (sort == 2 || sort == 3) {
            int bound = form("bound", 1);
            if (sort == 2 && bound == 1) {
                in.signed(33); // A value's type is a primitive type or an index.
            } else if (bound == 0) {
                in.u32();
            }
        } else {
            in.u32();
        }
        return sort;
    }

    /** Reads an external name. Forms 0 and 1 contain a name; form 2 contains a name and a list of options. */
    private String externName() throws IOException, MalformedModuleException {
        int form = form("name", 2);
        String name = in.name();
        long options = form == 2 ? in.count("options of a name") : 0;
        for (long i = 0; i < options; i++) {
            in.u8();
            in.name();
        }
        return name;
    }

    private int form(String what, int most) throws IOException, MalformedModuleException {
        int form = in.u8();
        if (form > most) {
            throw in.malformed(what + " of unknown form " + form);
        }
        return form;
    }
}
