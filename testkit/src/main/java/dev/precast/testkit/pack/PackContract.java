package dev.precast.testkit.pack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.damage.Recheck.Verdict;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.pack.PackList;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that an engine pack does what a worker expects. The worker's own code runs a copy of the pack, in confined
 * child processes under limits, so that a pack which passes works in the service. Needs a system that can confine
 * children (Linux with Landlock).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class PackContract {
    private static final Limits AMPLE = new Limits(512, 2048, 120, 120, 64);
    private static final Limits LITTLE_TIME = new Limits(512, 2048, 1, 1, 64);
    private static final Limits LITTLE_MEMORY = new Limits(16, 32, 120, 120, 64);

    private Path folder;
    private Path packs;
    private PackWorker worker;
    private List<LaneOffer> offers;

    /** The pack's folder, with its {@code engine.json}. */
    protected abstract Path pack() throws IOException;

    /** A module that the pack compiles in every lane; by default a function that returns 42. */
    protected byte[] module() {
        return function("412a");
    }

    /**
     * Modules that the pack must reject; by default a wrong type, a call of a missing function and a file that ends
     * early.
     */
    protected List<byte[]> invalidModules() {
        byte[] whole = function("412a");
        byte[] cut = new byte[whole.length - 3];
        System.arraycopy(whole, 0, cut, 0, cut.length);
        return List.of(function("4201"), function("1009"), cut);
    }

    /** A module whose only function, {@code f}, returns an i32. */
    private static byte[] function(String body) {
        return HexFormat.of()
                .parseHex("0061736d01000000" + "0105016000017f" + "03020100" + "070501016600" + "00" + "0a06010400"
                        + body + "0b");
    }

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException, InterruptedException {
        folder = temporary;
        packs = folder.resolve("packs");
        Path original = pack();
        try (Stream<Path> files = Files.walk(original)) {
            for (Path file : files.toList()) {
                Path copy =
                        packs.resolve("pack").resolve(original.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        PackList.write(packs);
        worker = new PackWorker(packs, folder.resolve("work"), AMPLE);
        offers = worker.offers();
        assertThat(offers)
                .as("lanes of %s; if there are none, the log says why", original)
                .isNotEmpty();
    }

    @AfterAll
    void stop() throws InterruptedException {
        if (worker != null) {
            worker.close();
        }
    }

    @Test
    void its_lanes_are_those_of_its_description() throws IOException {
        JsonObject description =
                Json.parse(Files.readAllBytes(pack().resolve("engine.json"))).asObject("engine.json");
        JsonObject engine = description.object("engine");

        assertThat(offers).allSatisfy(offer -> {
            assertThat(offer.lane().engine().name()).isEqualTo(engine.string("name"));
            assertThat(offer.lane().engine().version()).isEqualTo(engine.string("version"));
            assertThat(offer.format()).isEqualTo(description.string("format"));
            assertThat(description.object("profiles").members()).containsKey(offer.profile());
        });
        assertThat(offers).extracting(offer -> offer.lane().id()).doesNotHaveDuplicates();
    }

    @Test
    void it_compiles_in_every_lane() throws Exception {
        for (LaneOffer offer : offers) {
            assertThat(worker.compile(offer.lane().id(), module()))
                    .as("lane %s", offer.lane())
                    .isInstanceOf(KeyState.Present.class);
        }
    }

    @Test
    void it_makes_the_same_bytes_of_the_same_module() throws Exception {
        LaneOffer offer = offers.getFirst();
        try (PackWorker other = new PackWorker(packs, folder.resolve("other"), AMPLE)) {
            assertThat(other.offers()).containsExactlyInAnyOrderElementsOf(offers);
            assertThat(payload(other, offer)).isEqualTo(payload(worker, offer));
        }
    }

    private Digest payload(PackWorker by, LaneOffer offer) throws Exception {
        return PackWorker.payload((KeyState.Present) by.compile(offer.lane().id(), module()));
    }

    @Test
    void it_rejects_invalid_modules_and_says_why() throws Exception {
        for (byte[] invalid : invalidModules()) {
            assertThat(worker.compile(offers.getFirst().lane().id(), invalid))
                    .as("module %s", HexFormat.of().formatHex(invalid))
                    .isInstanceOfSatisfying(
                            KeyState.Rejected.class,
                            rejected -> assertThat(rejected.message()).isNotBlank());
        }
    }

    @Test
    void what_it_compiles_passes_its_check() throws Exception {
        boolean checks = Json.parse(Files.readAllBytes(pack().resolve("engine.json")))
                .asObject("engine.json")
                .find("check")
                .isPresent();
        LaneId lane = offers.getFirst().lane().id();
        worker.compile(lane, module());

        assertThat(worker.recheck(lane, module())).isEqualTo(checks ? Verdict.LOADS : Verdict.UNDECIDED);
    }

    @Test
    void a_limit_ends_it_with_the_limit_as_the_cause() throws Exception {
        assertEndsBy("time", LITTLE_TIME);
        assertEndsBy("memory", LITTLE_MEMORY);
    }

    /**
     * Expects that {@code cause} ends the compilation, unless the pack is so small and quick that it stays below the
     * limits.
     */
    private void assertEndsBy(String cause, Limits limits) throws Exception {
        try (PackWorker limited = new PackWorker(packs, folder.resolve(cause), limits)) {
            KeyState state = limited.compile(offers.getFirst().lane().id(), module());
            if (!(state instanceof KeyState.Present)) {
                assertThat(state)
                        .isInstanceOfSatisfying(
                                KeyState.Failed.class,
                                failed -> assertThat(failed.cause())
                                        .as(failed.message())
                                        .isEqualTo(cause));
            }
        }
    }

    @Test
    void it_changes_no_file_of_the_pack_and_leaves_neither_files_nor_processes() throws Exception {
        Map<String, Digest> before = digests(packs);
        Path work = folder.resolve("clean");
        try (PackWorker other = new PackWorker(packs, work, AMPLE)) {
            other.compile(offers.getFirst().lane().id(), module());
            other.compile(offers.getFirst().lane().id(), invalidModules().getFirst());
        }

        assertThat(digests(packs)).isEqualTo(before);
        assertThat(work.resolve("jobs")).isEmptyDirectory();
        assertThat(processesIn(work)).isEmpty();
    }

    private static List<Path> processesIn(Path work) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            for (Path process : processes) {
                try {
                    if (Files.readSymbolicLink(process.resolve("cwd")).startsWith(work)) {
                        found.add(process);
                    }
                } catch (IOException e) {
                    // The process ended, or belongs to another user.
                }
            }
        }
        return found;
    }

    private static Map<String, Digest> digests(Path folder) throws IOException {
        Map<String, Digest> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile).forEach(file -> {
                try {
                    digests.put(file.toString(), Digest.of(Files.readAllBytes(file)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return digests;
    }
}
