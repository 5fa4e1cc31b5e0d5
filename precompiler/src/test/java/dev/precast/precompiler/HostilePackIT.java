package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.testing.Scale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compilers that their modules have taken over attack a real worker, as root and as another user, with everything that
 * this system offers to confine them, and with less. The table of docs/explanation/containment.md has the outcomes.
 */
@Tag("engines")
final class HostilePackIT {
    private static final String REACHES = "reaches ";

    /** The table's last column is of this kernel. */
    private static final String KERNEL_OF_PAGE = "6.18";

    @TempDir(cleanup = CleanupMode.ALWAYS)
    Path folder;

    private int worker;

    @BeforeEach
    void needs_the_whole_confinement() {
        Confinement here = Supervision.ofThisProcess().confinement();
        // Systems without a part are tried by taking it away.
        assumeTrue(here.missing(Confinement.Mode.REQUIRED).isEmpty(), () -> Confinement.text(here.parts()));
    }

    private static List<Integer> users() {
        return HostileRun.canChangeUser()
                ? List.of(HostileRun.NOBODY, HostileRun.THIS_USER)
                : List.of(HostileRun.THIS_USER);
    }

    static Stream<Arguments> systems() {
        List<Arguments> all = users().stream()
                .flatMap(user -> Stream.of(Surroundings.values())
                        // The user root needs no hole to reach everything.
                        .filter(system -> system != Surroundings.LANDLOCK_ONLY
                                || user == HostileRun.NOBODY
                                || users().size() == 1)
                        .map(system -> Arguments.of(system, user)))
                .toList();
        return Scale.sample(HostilePackIT.class, all, 1).stream();
    }

    @ParameterizedTest
    @MethodSource("systems")
    void attacks_reach_nothing_outside_their_job_but_what_the_page_says_of_Landlock_alone(
            Surroundings surroundings, int user) throws Exception {
        Map<String, String> outcomes = outcomes(surroundings, user, Scale.sample(HostilePackIT.class, Attack.all(), 3));

        if (surroundings != Surroundings.LANDLOCK_ONLY) {
            assertThat(outcomes)
                    .allSatisfy((attack, outcome) ->
                            assertThat(outcome).as(attack).isIn("refused", "own job only", "own job fails"));
            assertThat(worker).as("workers that were started").isEqualTo(1);
        }
        Map<String, String> page = page(surroundings, outcomes);
        if (surroundings != Surroundings.LANDLOCK_ONLY) {
            outcomes.forEach((attack, outcome) -> assertThat(outcome.equals("refused"))
                    .as("%s: %s", attack, outcome)
                    .isEqualTo("refused".equals(page.get(attack))));
        } else if (System.getProperty("os.version").startsWith(KERNEL_OF_PAGE)) {
            outcomes.forEach((attack, outcome) ->
                    assertThat(reached(outcome)).as(attack).isSubsetOf(mayReach(String.valueOf(page.get(attack)))));
        }
    }

    /** What an outcome reaches. With Landlock alone it depends on the time how much of it an attack reaches. */
    private static Set<String> reached(String outcome) {
        return outcome.startsWith(REACHES)
                ? Set.of(outcome.substring(REACHES.length()).split(", "))
                : Set.of();
    }

    /** What an outcome of the page may reach: files remain if the worker ends before it has deleted them. */
    private static Set<String> mayReach(String outcome) {
        Set<String> reached = new HashSet<>(reached(outcome));
        if (reached.contains("the worker")) {
            reached.add("files that outlive the job");
        }
        return reached;
    }

    @Test
    void without_seccomp_a_worker_offers_nothing() throws Exception {
        try (HostileRun run = run(Surroundings.LANDLOCK_ONLY, HostileRun.THIS_USER, Confinement.Mode.BEST_EFFORT)) {
            assertThat(run.lanes()).isZero();
            assertThat(run.log()).contains("children: not confined: system-calls: no (seccomp: ");
        }
    }

    @Test
    void without_namespaces_a_worker_offers_nothing_if_they_are_required() throws Exception {
        try (HostileRun run = run(Surroundings.NO_NAMESPACES, HostileRun.THIS_USER, Confinement.Mode.REQUIRED)) {
            assertThat(run.lanes()).isZero();
            assertThat(run.log())
                    .contains(
                            "children: not confined: namespaces: no (unshare: unshare failed: Operation not permitted)")
                    .doesNotContain("not confined: files", "system-calls: no");
        }
    }

    private HostileRun run(Surroundings surroundings, int user, Confinement.Mode mode) throws Exception {
        HostileRun.give(folder, HostileRun.THIS_USER);
        Path own = Files.createDirectory(folder.resolve(String.valueOf(worker++)));
        return new HostileRun(own, surroundings, user, mode);
    }

    /** Makes attacks one after the other; starts another worker if one ends. */
    private Map<String, String> outcomes(Surroundings surroundings, int user, List<Attack> attacks) throws Exception {
        Map<String, String> outcomes = new TreeMap<>();
        List<Attack> left = new ArrayList<>(attacks);
        while (!left.isEmpty()) {
            Confinement.Mode mode = surroundings == Surroundings.LANDLOCK_ONLY
                    ? Confinement.Mode.UNCONFINED
                    : Confinement.Mode.BEST_EFFORT;
            try (HostileRun run = run(surroundings, user, mode);
                    Targets targets = targets(run, user)) {
                while (!left.isEmpty()) {
                    Attack attack = left.removeFirst();
                    String outcome = outcome(run, targets, attack, left.size());
                    System.out.println(surroundings + " user " + user + ": " + attack + ": " + outcome);
                    outcomes.put(attack.name(), outcome);
                    if (outcome.startsWith(REACHES)) {
                        break;
                    }
                }
                if (run.isAlive() && left.isEmpty()) {
                    assertThat(run.trouble()).as(run.log()).isEqualTo("0");
                }
            }
        }
        return outcomes;
    }

    private Targets targets(HostileRun run, int user) throws IOException {
        Path own = Files.createDirectory(folder.resolve("targets" + worker));
        List<String> sleep = new ArrayList<>(HostileRun.as(user));
        sleep.addAll(List.of("/bin/sleep", "1000"));
        Targets targets = new Targets(own, run.jobs(), run.pid(), new ProcessBuilder(sleep).start());
        HostileRun.give(own, user);
        HostileRun.give(run.jobs().resolve("neighbour"), user);
        return targets;
    }

    private static String outcome(HostileRun run, Targets targets, Attack attack, int number) throws Exception {
        Map<String, Object> before = targets.state();
        HostileRun.Answer answer = run.compile(targets.variables() + attack.script());
        List<String> reached = new ArrayList<>(HostileRun.differences(before, targets.state()));
        if (targets.heard()) {
            reached.add("sockets");
        }
        if (answer.text().contains(Targets.SECRET)) {
            reached.add("secrets");
        }
        if (answer.text().contains("without limits") || answer.text().contains("inherited")) {
            reached.add("limits");
        }
        run.remains().forEach(what -> reached.add(what + " that outlive the job"));
        HostileRun.Answer good = run.compile(Attack.honest(number).script());
        if (!good.state().equals("compiled")) {
            reached.add("later jobs");
        }
        if (!reached.isEmpty()) {
            return REACHES + String.join(", ", reached);
        }
        return switch (answer.state()) {
            case "compiled" -> compiled(attack, answer.text());
            case "rejected" -> "own job only";
            default -> "own job fails";
        };
    }

    private static String compiled(Attack attack, String payload) {
        if (!attack.script().startsWith("calls ")) {
            assertThat(payload).as(attack.name()).isNotBlank();
            return "own job only";
        }
        List<String> results =
                payload.lines().filter(line -> line.matches("\\w+=-?\\d+")).toList();
        if (results.isEmpty()) {
            assertThat(attack.name()).as(payload).isEqualTo("executing a descriptor"); // It has replaced the caller.
            return "own job only";
        }
        // The last call is the attack. A change of a file's mode seems to work, and changes nothing.
        return results.getLast().contains("=-") || results.getLast().equals("fchmod=0") ? "refused" : "own job only";
    }

    /** The outcomes that the page tells for these attacks. */
    private static Map<String, String> page(Surroundings surroundings, Map<String, String> attacks) throws IOException {
        Path page = Path.of("..", "docs", "explanation", "containment.md");
        Map<String, String> told = new TreeMap<>();
        for (String line : Files.readAllLines(page)) {
            String[] cells = line.split(" *\\| *");
            if (cells.length == 5 && attacks.containsKey(cells[1])) {
                told.put(cells[1], cells[2 + surroundings.ordinal()]);
            }
        }
        return told;
    }
}
