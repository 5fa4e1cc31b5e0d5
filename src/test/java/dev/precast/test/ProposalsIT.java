package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.json.JsonObject;
import dev.precast.test.ProposalsPage.Cell;
import dev.precast.testing.Scale;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.JvmEngine;
import dev.precast.testkit.corpus.Proposals;
import dev.precast.testkit.fleet.RestCalls;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The module of each proposal runs in each lane of the bundled packs, or the service rejects it with a reason. The page
 * {@code docs/reference/proposals.md} says which; {@code docs/generate} with the argument {@code proposals} writes it.
 */
@Tag("wasmtime")
final class ProposalsIT {
    private static final int WAIT = 120;
    /** What Wasmtime says if the host has not switched on shared memories, which is no option of the compiler. */
    private static final String SHARED_MEMORY = "start: traps: shared memory support is disabled for this engine";

    private static final String FAILS = "fails: ";
    private static final boolean FULL = Scale.of(0, 1) == 1;

    @TempDir
    private static Path folder;

    @Test
    void each_module_runs_or_is_rejected_with_a_reason() throws Exception {
        RestCalls rest = LocalService.shared().rest();
        Map<String, JsonObject> lanes = new TreeMap<>(rest.lanes(""));
        ProposalsPage page = new ProposalsPage();
        List<String> failed = new ArrayList<>();
        List<Cell> all = new ArrayList<>();
        for (String proposal : Proposals.names()) {
            lanes.keySet().forEach(lane -> all.add(new Cell(lane, proposal)));
        }
        Map<Cell, String> committed = FULL ? Map.of() : ProposalsPage.committed();
        for (Cell cell : Scale.sample(ProposalsIT.class, all, 4)) {
            String outcome = outcome(rest, lanes.get(cell.lane()), cell);
            page.put(cell, outcome);
            if (outcome.startsWith(FAILS)) {
                failed.add(cell + ": " + outcome);
            }
            if (!FULL) {
                assertThat(outcome).as(cell.toString()).isEqualTo(committed.get(cell));
            }
        }
        assertThat(failed).isEmpty();
        if (FULL) {
            new ReferencePage(ProposalsPage.NAME, "the outcomes of ProposalsIT")
                    .check("Proposals to WebAssembly", page.body());
        }
    }

    @Test
    @EnabledIfSystemProperty(named = Scale.TIER, matches = "full", disabledReason = "needs testkit/suite/fetch")
    void the_bytes_of_each_module_are_those_of_its_text() throws Exception {
        String set = System.getenv("PRECAST_SUITE");
        Path suite =
                set != null ? Path.of(set) : Path.of(System.getProperty("user.home"), ".cache", "precast", "suite");
        for (String name : Proposals.names()) {
            Path text = Files.writeString(folder.resolve(name + ".wat"), Proposals.text(name));
            Process tool =
                    new ProcessBuilder(suite.resolve("bin/wasm-tools").toString(), "parse", text.toString()).start();
            assertThat(tool.getInputStream().readAllBytes())
                    .as(name)
                    .isEqualTo(Proposals.module(name).wasm());
        }
    }

    private static String outcome(RestCalls rest, JsonObject lane, Cell cell) throws Exception {
        CorpusModule module = Proposals.module(cell.proposal());
        Digest digest = rest.upload(module.wasm());
        HttpResponse<byte[]> answer = rest.compile(digest, lane, WAIT);
        if (answer.statusCode() == 422) {
            JsonObject problem = RestCalls.json(answer);
            assertThat(problem.string("detail")).as(cell.toString()).isNotBlank();
            return ReferencePage.cell("`" + problem.string("rejection") + "`: "
                    + problem.string("detail").replaceAll("\\s+", " "));
        }
        if (answer.statusCode() != 200) {
            return FAILS + answer.statusCode() + " " + new String(answer.body(), UTF_8);
        }
        if (Proposals.COMPONENTS.contains(cell.proposal())) {
            return ProposalsPage.COMPILES;
        }
        List<String> lines =
                lines(lane.string("engine"), cell.lane().substring(cell.lane().indexOf(' ') + 1), module);
        if (lines.getFirst().startsWith(SHARED_MEMORY)) {
            return ProposalsPage.LOADS;
        }
        return lines.contains("call f[] = 42") ? ProposalsPage.RUNS : FAILS + lines;
    }

    /** What the module does in a host. */
    private static List<String> lines(String engine, String profile, CorpusModule module) throws Exception {
        LocalService service = LocalService.shared();
        String name = engine.substring(0, engine.indexOf('@'));
        if (!name.equals("wasmtime")) {
            return JvmEngine.named(name).throughPrecast(module, service.address(), service.data(), Duration.ZERO);
        }
        String version = engine.substring(engine.indexOf('@') + 1, engine.indexOf('+'));
        try (Precast<WasmtimeCode> precast = Precast.builder(
                        WasmtimeLoader.of(TriedEngine.library(version), List.of(Profile.named(profile))))
                .source(service.source())
                .trustRoot(service.trustRoot())
                .onMiss(MissPolicy.fail())
                .build()) {
            return WasmtimeTranscript.of(module.exercise(), new LoadedCode(precast.load(module.wasm())), folder);
        }
    }
}
