package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.testing.Scale;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The official test suite gives the results of the engine's interpreter in each {@link Way}, except for the commands that
 * the resource {@code suite-differences.txt} lists with reasons. {@code -Dsuite.only=TEXT} runs only the files whose name
 * contains the text, and prints their differences.
 */
@Tag("engines")
@EnabledIfSystemProperty(
        named = Scale.TIER,
        matches = "full",
        disabledReason = "takes minutes and needs testkit/suite/fetch")
final class SpecSuiteIT {
    private static final String ONLY = System.getProperty("suite.only", "");

    private final SuiteDifferences differences = new SuiteDifferences();
    private final Map<Way, SuiteArtifacts> artifacts = new EnumMap<>(Way.class);
    private final Map<Way, Integer> passed = new EnumMap<>(Way.class);
    private int commands;
    private int passedInterpreted;

    @Test
    void the_suite_gives_the_results_of_the_interpreter_in_each_way() throws Exception {
        long begun = System.nanoTime();
        List<SuiteFile> files = SuiteFile.all().stream()
                .filter(file -> file.name().contains(ONLY))
                .toList();
        for (SuiteFile file : files) {
            run(file);
        }
        Set<String> found = differences.lines();
        System.out.println(
                "SpecSuiteIT: " + files.size() + " files, " + commands + " commands, passed by the interpreter "
                        + passedInterpreted + ", in the ways " + passed + ", different " + found.size() + ", "
                        + Duration.ofNanos(System.nanoTime() - begun).toSeconds() + " s");

        if (ONLY.isEmpty()) {
            assertThat(found).containsExactlyInAnyOrderElementsOf(SuiteDifferences.committed());
        } else {
            found.forEach(System.out::println);
            assertThat(SuiteDifferences.committed()).containsAll(found);
        }
        // Fewer would mean that the suite was not run.
        assertThat(passedInterpreted).isGreaterThan(commands * 3 / 4);
    }

    private void run(SuiteFile file) throws Exception {
        List<SuiteCommand> all = file.commands();
        List<SuiteRun.Outcome> interpreted = SuiteRun.of(all, null);
        commands += all.size();
        passedInterpreted += count(interpreted);
        for (Way way : Way.values()) {
            List<SuiteRun.Outcome> outcomes = SuiteRun.of(all, artifacts.computeIfAbsent(way, SuiteArtifacts::new));
            passed.merge(way, count(outcomes), Integer::sum);
            for (int i = 0; i < all.size(); i++) {
                String expected = interpreted.get(i).said();
                String said = outcomes.get(i).said();
                if (!said.equals(expected) || isSigned(all.get(i), said)) {
                    differences.add(file.name(), all.get(i), way, expected, said);
                }
            }
        }
    }

    /** Whether there is an artifact of an invalid module. */
    private static boolean isSigned(SuiteCommand command, String said) {
        return command instanceof SuiteCommand.Refused refused
                && refused.reason() == SuiteCommand.Reason.INVALID
                && !said.equals(Failures.REFUSED);
    }

    private static int count(List<SuiteRun.Outcome> outcomes) {
        return (int) outcomes.stream().filter(SuiteRun.Outcome::passed).count();
    }
}
