package dev.precast.cli;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.module.ComponentFacts;
import dev.precast.module.ComponentScan;
import dev.precast.module.MalformedModuleException;
import dev.precast.module.ModuleFacts;
import dev.precast.module.StaticCaps;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The report of {@code inspect} on a component. */
final class ComponentReport {
    private static final List<CompileCost> COMPILERS = List.of(CompileCost.CRANELIFT, CompileCost.WINCH);
    private static final int LARGEST = 5;

    private final Path file;
    private final String digest;
    private final ComponentFacts facts;
    private final StaticCaps.@Nullable Violation over;

    private ComponentReport(Path file, String digest, ComponentFacts facts, StaticCaps.@Nullable Violation over) {
        this.file = file;
        this.digest = digest;
        this.facts = facts;
        this.over = over;
    }

    /** @throws MalformedModuleException if the file cannot be read as a component */
    static ComponentReport of(Path file) throws IOException, MalformedModuleException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            FirstOver over = new FirstOver();
            ComponentFacts facts = ComponentScan.of(in, over::look);
            return new ComponentReport(file, "sha256:" + Modules.digestOf(file).hex(), facts, over.found);
        }
    }

    /** Finds the first cap that a core module exceeds. */
    private static final class FirstOver {
        private StaticCaps.@Nullable Violation found;

        void look(ModuleFacts module) {
            if (found == null) {
                found = StaticCaps.DEFAULT.check(module).orElse(null);
            }
        }
    }

    JsonObject toJson() {
        ComponentFacts.Footprint instance = facts.instance();
        JsonObject document = JsonObject.EMPTY
                .with("file", file.toString())
                .with("digest", digest)
                .with("kind", "component")
                .with("bytes", facts.bytes())
                .with(
                        "modules",
                        Json.of(facts.modules().stream()
                                .map(ComponentReport::module)
                                .toList()))
                .with("moduleCount", facts.moduleCount())
                .with("componentCount", facts.componentCount())
                .with("imports", externs(facts.imports()))
                .with("importCount", facts.importCount())
                .with("exports", externs(facts.exports()))
                .with("exportCount", facts.exportCount())
                .with("functions", facts.functions())
                .with("codeBytes", facts.codeBytes())
                .with(
                        "instance",
                        JsonObject.EMPTY
                                .with("coreInstances", number(instance.coreInstances()))
                                .with("memories", number(instance.memories()))
                                .with("memoryBytes", number(instance.memoryBytes()))
                                .with("tableElements", number(instance.tableElements())))
                .with("estimatedCompileMsBy", CompileCost.toJson(facts.codeBytes(), facts.functions(), COMPILERS));
        return over == null
                ? document
                : document.with(
                        "overCap",
                        JsonObject.EMPTY
                                .with("cap", over.cap().label())
                                .with("value", over.value())
                                .with("limit", over.limit()));
    }

    private static JsonObject module(ComponentFacts.Module module) {
        return JsonObject.EMPTY
                .with("offset", module.offset())
                .with("bytes", module.bytes())
                .with("functions", module.code().functions())
                .with("codeBytes", module.code().bytes())
                .with("dataBytes", module.dataBytes())
                .with("memoryBytes", number(module.once().memoryBytes()))
                .with("tableElements", number(module.once().tableElements()));
    }

    private static Json externs(List<ComponentFacts.Extern> externs) {
        return Json.of(externs.stream()
                .map(extern -> JsonObject.EMPTY.with("name", extern.name()).with("kind", extern.kind()))
                .toList());
    }

    /** A declared number, which may be saturated. Numbers above 2^53-1 are strings. */
    private static Json number(long declared) {
        return declared <= Json.MAX_INT ? Json.of(declared) : Json.of(Long.toString(declared));
    }

    String lines() {
        ComponentFacts.Footprint instance = facts.instance();
        StringBuilder out = new StringBuilder(file + "  component  " + Units.bytes(facts.bytes()) + "\n  " + digest);
        out.append("\n  modules    ").append(Units.count(facts.moduleCount())).append(" core modules, ");
        out.append(Units.count(facts.componentCount())).append(" nested components");
        out.append("\n  functions  ").append(Units.count(facts.functions())).append(", ");
        out.append(Units.bytes(facts.codeBytes())).append(" of code");
        out.append("\n  largest    ")
                .append(facts.modules().stream()
                        .sorted((a, b) -> Long.compare(b.bytes(), a.bytes()))
                        .limit(LARGEST)
                        .map(m -> Units.bytes(m.bytes()) + " at " + m.offset())
                        .collect(Collectors.joining(", ")));
        append(out, "imports", facts.imports(), facts.importCount());
        append(out, "exports", facts.exports(), facts.exportCount());
        out.append("\n  instance   ")
                .append(Units.count(instance.coreInstances()))
                .append(" core instances, ");
        out.append(Units.bytes(instance.memoryBytes())).append(" of initial memory in ");
        out.append(Units.count(instance.memories())).append(" memories, tables of ");
        out.append(Units.count(instance.tableElements())).append(" elements");
        out.append("\n  caps       ").append(over == null ? "none exceeded" : "OVER: " + over);
        out.append("\n  compiling  ").append(CompileCost.line(facts.codeBytes(), facts.functions(), COMPILERS));
        return out.toString();
    }

    private static void append(StringBuilder out, String what, List<ComponentFacts.Extern> externs, long count) {
        out.append("\n  ").append(what).append("    ").append(Units.count(count));
        externs.forEach(extern -> out.append("\n    ")
                .append(extern.name())
                .append(" (")
                .append(extern.kind())
                .append(')'));
    }
}
