package dev.precast.cli;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.module.MalformedModuleException;
import dev.precast.module.ModuleFacts;
import dev.precast.module.ModuleScan;
import dev.precast.module.StaticCaps;
import dev.precast.module.WasmKind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "inspect",
        description = "Shows what a module or component contains, whether it exceeds a cap, and estimates of the CPU "
                + "time of a compilation.")
final class InspectCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    @Parameters(paramLabel = "FILE", description = "A module or a component.")
    private Path file = Path.of("");

    InspectCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException {
        if (Modules.kind(Modules.existing(file)) == WasmKind.COMPONENT) {
            return component();
        }
        ModuleFacts facts = scan();
        Optional<StaticCaps.Violation> over = StaticCaps.DEFAULT.check(facts);
        String digest = "sha256:" + Modules.digestOf(file).hex();
        common.print(json(digest, facts, over), lines(digest, facts, over));
        return Exit.OK;
    }

    private Exit component() throws IOException {
        try {
            ComponentReport report = ComponentReport.of(file);
            common.print(report.toJson(), report.lines());
            return Exit.OK;
        } catch (MalformedModuleException e) {
            throw new CommandFailed(Exit.REJECTED, "invalid-module", file + ": " + e.getMessage(), e);
        }
    }

    private ModuleFacts scan() throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return ModuleScan.of(in);
        } catch (MalformedModuleException e) {
            throw new CommandFailed(Exit.REJECTED, "invalid-module", file + ": " + e.getMessage(), e);
        }
    }

    private JsonObject json(String digest, ModuleFacts facts, Optional<StaticCaps.Violation> over) {
        ModuleFacts.Code code = facts.code();
        JsonObject document = JsonObject.EMPTY
                .with("file", file.toString())
                .with("digest", digest)
                .with("bytes", facts.bytes())
                .with(
                        "sections",
                        Json.of(facts.sections().stream()
                                .map(s -> JsonObject.EMPTY
                                        .with("id", s.id())
                                        .with("name", s.name())
                                        .with("offset", s.offset())
                                        .with("size", s.size()))
                                .toList()))
                .with("types", facts.types().count())
                .with(
                        "imports",
                        Json.of(facts.imports().stream()
                                .map(i -> JsonObject.EMPTY
                                        .with("module", i.module())
                                        .with("name", i.name())
                                        .with("kind", i.kind().label()))
                                .toList()))
                .with("importCount", facts.importCounts().total())
                .with(
                        "exports",
                        Json.of(facts.exports().stream()
                                .map(e -> JsonObject.EMPTY
                                        .with("name", e.name())
                                        .with("kind", e.kind().label())
                                        .with("index", e.index()))
                                .toList()))
                .with("exportCount", facts.exportCount())
                .with("memories", limits(facts.memories()))
                .with("tables", limits(facts.tables()))
                .with("globals", facts.globals())
                .with("dataBytes", facts.data().size())
                .with("functions", code.functions())
                .with("codeBytes", code.bytes())
                .with("maxLocals", code.maxLocals())
                .with("maxNesting", code.maxDepth())
                .with(
                        "largestBodies",
                        Json.of(code.largest().stream()
                                .map(b -> JsonObject.EMPTY
                                        .with("function", b.function())
                                        .with("bytes", b.bytes()))
                                .toList()))
                .with(
                        "estimatedCompileMs",
                        CompileCost.CHICORY
                                .estimate(code.bytes(), code.functions())
                                .toMillis())
                .with(
                        "estimatedCompileMsBy",
                        CompileCost.toJson(code.bytes(), code.functions(), List.of(CompileCost.values())));
        if (facts.start().isPresent()) {
            document = document.with("start", facts.start().getAsLong());
        }
        return over.isEmpty()
                ? document
                : document.with(
                        "overCap",
                        JsonObject.EMPTY
                                .with("cap", over.get().cap().label())
                                .with("value", over.get().value())
                                .with("limit", over.get().limit()));
    }

    /** The limits as JSON. Numbers above 2^53-1 are strings. */
    private static Json limits(List<ModuleFacts.Limits> all) {
        return Json.of(all.stream()
                .map(l -> {
                    JsonObject json = JsonObject.EMPTY.with("min", number(l.min()));
                    return l.max().isPresent() ? json.with("max", number(l.max().getAsLong())) : json;
                })
                .toList());
    }

    private static Json number(long unsigned) {
        return unsigned >= 0 && unsigned <= Json.MAX_INT ? Json.of(unsigned) : Json.of(Long.toUnsignedString(unsigned));
    }

    private String lines(String digest, ModuleFacts facts, Optional<StaticCaps.Violation> over) {
        ModuleFacts.Code code = facts.code();
        StringBuilder out = new StringBuilder(file + "  " + Units.bytes(facts.bytes()) + "\n  " + digest);
        out.append("\n  sections   ")
                .append(facts.sections().stream()
                        .map(s -> s.name() + " " + Units.bytes(s.size()))
                        .collect(Collectors.joining(", ")));
        out.append("\n  functions  ").append(Units.count(code.functions())).append(", ");
        out.append(Units.bytes(code.bytes())).append(" of code, at most ").append(Units.count(code.maxLocals()));
        out.append(" locals and ").append(code.maxDepth()).append(" levels of nesting");
        out.append("\n  imports    ").append(facts.importCounts().total());
        facts.imports().stream()
                .collect(Collectors.groupingBy(
                        ModuleFacts.Import::module, java.util.TreeMap::new, Collectors.counting()))
                .forEach((from, count) ->
                        out.append(", ").append(count).append(" of ").append(from));
        out.append("\n  exports    ").append(facts.exportCount());
        out.append("\n  memory     ").append(memories(facts));
        out.append("\n  data       ").append(Units.bytes(facts.data().size())).append(" in ");
        out.append(Units.count(facts.data().count())).append(" segments");
        out.append("\n  largest    ")
                .append(code.largest().stream()
                        .limit(5)
                        .map(b -> "function " + b.function() + " " + Units.bytes(b.bytes()))
                        .collect(Collectors.joining(", ")));
        out.append("\n  caps       ").append(over.map(v -> "OVER: " + v).orElse("none exceeded"));
        out.append("\n  compiling  ")
                .append(CompileCost.line(code.bytes(), code.functions(), List.of(CompileCost.values())));
        return out.toString();
    }

    private static String memories(ModuleFacts facts) {
        return facts.memories().isEmpty()
                ? "none of its own"
                : facts.memories().stream()
                        .map(m -> Long.toUnsignedString(m.min()) + " pages"
                                + (m.max().isPresent()
                                        ? ", at most "
                                                + Long.toUnsignedString(m.max().getAsLong())
                                        : ""))
                        .collect(Collectors.joining("; "));
    }
}
