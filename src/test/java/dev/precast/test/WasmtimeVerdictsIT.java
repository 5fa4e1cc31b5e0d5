package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.json.Json;
import dev.precast.test.WasmtimeVerdicts.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine of every configuration, and our check, try to load the artifacts of every configuration. The verdicts are
 * written to {@code target/wasmtime-verdicts.md}; {@code docs/explanation/wasmtime-verdicts.md} is a copy.
 */
@Tag("wasmtime")
final class WasmtimeVerdictsIT {
    @TempDir
    private static Path folder;

    private static WasmtimeVerdicts verdicts;

    @BeforeAll
    static void ask() throws Exception {
        verdicts = WasmtimeVerdicts.ask(List.of("48.0.0", "50.0.1"), folder);
        Path page = Files.createDirectories(LocalService.HOME.resolve("src/test/target"))
                .resolve("wasmtime-verdicts.md");
        Files.writeString(page, new VerdictsPage(verdicts).text());
        System.out.println("WasmtimeVerdictsIT: " + verdicts.engines().size() + " engines, "
                + verdicts.all().size() + " verdicts, " + page);
    }

    @Test
    void profiles_and_most_changed_options_make_engines_of_both_versions() {
        assertThat(verdicts.engines().stream().filter(TriedEngine::isProfile)).hasSize(2 * Profile.values().length);
        assertThat(verdicts.engines()).hasSizeGreaterThan(80);
    }

    @Test
    void engine_and_load_side_accept_the_engines_own_artifacts() {
        assertThat(verdicts.all().stream().filter(v -> v.host().equals(v.artifact())))
                .hasSize(verdicts.engines().size() * TriedEngine.MODULES.size())
                .allSatisfy(verdict -> {
                    assertThat(verdict.raw()).isEmpty();
                    assertThat(verdict.ours()).isEmpty();
                    assertThat(verdict.tried()).isTrue();
                });
    }

    @Test
    void artifacts_that_Wasmtime_refuses_are_never_accepted() {
        assertThat(verdicts.all()).allSatisfy(verdict -> {
            if (!verdict.raw().isEmpty()) {
                assertThat(verdict.ours()).as("under the artifact's own lane").isNotEmpty();
                assertThat(verdict.underHostsLane()).as("under the host's lane").isNotEmpty();
                assertThat(verdict.underHostsHash())
                        .as("under the host's lane and engine hash")
                        .isNotEmpty();
            }
        });
        assertThat(verdicts.all().stream().filter(verdict -> !verdict.raw().isEmpty()))
                .hasSizeGreaterThan(verdicts.all().size() / 2);
    }

    @Test
    void another_lane_is_refused_before_the_payload_is_read_and_all_differences_are_named() {
        assertThat(verdicts.all().stream().filter(v -> !v.host().equals(v.artifact())))
                .allSatisfy(verdict -> {
                    assertThat(verdict.ours()).startsWith("loadable: ");
                    assertThat(verdict.tried()).isFalse();
                    assertThat(verdict.looked()).isFalse();
                    assertThat(differences(verdict))
                            .isNotEmpty()
                            .allSatisfy(difference -> assertThat(verdict.ours()).contains(difference));
                });
    }

    @Test
    void an_artifact_of_another_version_with_the_hosts_lane_is_refused_by_its_own_header() {
        assertThat(verdicts.all().stream()
                        .filter(v -> !v.host().version().equals(v.artifact().version())))
                .isNotEmpty()
                .allSatisfy(verdict -> {
                    assertThat(verdict.underHostsLane()).contains("version: artifact " + major(verdict.artifact()));
                    assertThat(verdict.underHostsHash()).contains("version: artifact " + major(verdict.artifact()));
                });
    }

    @Test
    void configurations_that_Wasmtime_accepts_are_listed_and_our_policy_decides() {
        List<Verdict> accepted = verdicts.all().stream()
                .filter(v -> !v.host().equals(v.artifact()) && v.raw().isEmpty())
                .toList();

        assertThat(accepted).isNotEmpty().allSatisfy(v -> assertThat(v.ours()).isNotEmpty());
    }

    /** What of the artifact's lane is not the host's, in the words that its refusal must have. */
    private static List<String> differences(Verdict verdict) {
        TriedEngine host = verdict.host();
        TriedEngine artifact = verdict.artifact();
        List<String> differences = new ArrayList<>();
        Set<String> names = new TreeSet<>(host.options().members().keySet());
        names.addAll(artifact.options().members().keySet());
        for (String name : names) {
            Optional<Json> mine = host.options().find(name);
            Optional<Json> theirs = artifact.options().find(name);
            if (!mine.equals(theirs)) {
                differences.add(name + ": artifact " + text(theirs) + ", host " + text(mine));
            }
        }
        if (!host.target().equals(artifact.target())) {
            differences.add("target: artifact " + artifact.target() + ", host " + host.target());
        }
        if (!host.version().equals(artifact.version())) {
            differences.add("version: artifact " + artifact.version() + ", host " + major(host));
        }
        return differences;
    }

    private static String text(Optional<Json> value) {
        return value.map(Json::canonical).orElse("(no such option)");
    }

    private static String major(TriedEngine engine) {
        return engine.version().substring(0, engine.version().indexOf('.'));
    }
}
