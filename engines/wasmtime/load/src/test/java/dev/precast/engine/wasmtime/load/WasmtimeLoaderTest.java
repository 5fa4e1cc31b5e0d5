package dev.precast.engine.wasmtime.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.wasmtime.capi.IncompatibleException;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.host.ArtifactMissingException;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.PrecastBuilder;
import dev.precast.host.PrecastEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WasmtimeLoaderTest {
    /** A command that calls {@code proc_exit(7)}. */
    private static final byte[] EXITS_WITH_7 = HexFormat.of()
            .parseHex("0061736d01000000" + "01080260017f00600000"
                    + "02240116776173695f736e617073686f745f70726576696577310970726f635f657869740000" + "03020101"
                    + "0503010001" + "0713" + "02066d656d6f72790200" + "065f73746172740001" + "0a08010600410710000b");

    /** A command that imports the function {@code env.absent}. */
    private static final byte[] WANTS_AN_IMPORT = HexFormat.of()
            .parseHex("0061736d01000000" + "010401600000" + "020e0103656e7606616273656e740000" + "03020100"
                    + "070a01065f73746172740001" + "0a040102000b");

    /** A command with a 64-bit memory of 2^36 pages. */
    private static final byte[] WANTS_4_PETABYTES = HexFormat.of()
            .parseHex("0061736d01000000" + "010401600000" + "03020100" + "05080104808080808002"
                    + "070a01065f73746172740000" + "0a040102000b");

    private static final WasiSettings SETTINGS = WasiSettings.of(List.of("test"));

    @TempDir
    private Path folder;

    private Offers offers;
    private final List<String> refused = new ArrayList<>();
    private final List<String> incompatible = new ArrayList<>();

    @BeforeEach
    void a_source() {
        offers = new Offers(folder);
    }

    private PrecastBuilder<WasmtimeCode> host(String version) {
        return Precast.builder(WasmtimeLoader.of(Offers.library(version)))
                .source(offers)
                .trustRoot(offers.root())
                .onMiss(MissPolicy.fail())
                .listener(this::heard);
    }

    private void heard(PrecastEvent event) {
        switch (event) {
            case PrecastEvent.Refused r -> refused.add(r.check().label() + ": " + r.detail());
            case PrecastEvent.Incompatible i -> incompatible.add(i.module() + ": " + i.why());
            default -> {}
        }
    }

    private static WasmtimeCode load(PrecastBuilder<WasmtimeCode> host) {
        return load(host, EXITS_WITH_7);
    }

    private static WasmtimeCode load(PrecastBuilder<WasmtimeCode> host, byte[] wasm) {
        try (Precast<WasmtimeCode> precast = host.build()) {
            return precast.load(ModuleDigest.of(wasm), () -> {
                throw new IOException("the module's bytes are not needed");
            });
        }
    }

    @Test
    void every_profile_is_mapped_from_the_disk_cache_and_runs() throws Exception {
        for (Profile profile : Profile.values()) {
            offers = new Offers(folder);
            offers.offer("48.0.0", profile, "48.0.0", EXITS_WITH_7);
            WasmtimeCode code = load(host("48.0.0").diskCache(folder.resolve(profile.key()), 1 << 24));

            assertThat(code.run(SETTINGS)).as(profile.key()).isEqualTo(7);
            if (profile != Profile.PULLEY) {
                assertThat(Files.readString(Path.of("/proc/self/maps"))).contains(profile.key() + "/payloads/");
            }
        }
        assertThat(refused).isEmpty();
    }

    @Test
    void without_a_disk_cache_it_runs_from_sealed_memory() throws Exception {
        offers.offer("50.0.1", Profile.CRANELIFT, "50.0.1", EXITS_WITH_7);

        assertThat(load(host("50.0.1")).run(SETTINGS)).isEqualTo(7);
        assertThat(Files.readString(Path.of("/proc/self/maps"))).contains("/memfd:precast");
    }

    @Test
    void a_lane_whose_artifacts_are_another_versions_is_not_accepted_and_the_reason_is_named() throws Exception {
        offers.offer("48.0.0", Profile.PORTABLE, "50.0.1", EXITS_WITH_7);

        assertThatThrownBy(() -> load(host("48.0.0").diskCache(folder.resolve("cache"), 1 << 24)))
                .isInstanceOf(ArtifactMissingException.class)
                .hasMessageContaining("cannot load artifacts of any lane");
        assertThat(refused)
                .singleElement()
                .asString()
                .startsWith("loadable: ")
                .endsWith("version: artifact 50, host 48");
    }

    @Test
    void only_configs_of_the_wanted_profiles_are_tried_the_most_preferred_first() throws Exception {
        Lane winch = offers.offer("48.0.0", Profile.WINCH, "48.0.0");
        Lane portable = offers.offer("48.0.0", Profile.PORTABLE, "48.0.0");
        offers.offer("48.0.0", Profile.CRANELIFT, "48.0.0");
        WasmtimeLoader loader = WasmtimeLoader.of(Offers.library("48.0.0"), List.of(Profile.PORTABLE, Profile.WINCH));

        assertThat(loader.worthTrying(offers.lanes())).containsExactly(portable, winch);
    }

    @Test
    void a_host_starts_from_its_disk_without_a_source() throws Exception {
        offers.offer("48.0.0", Profile.CRANELIFT, "48.0.0", EXITS_WITH_7);
        Path cache = folder.resolve("cache");
        load(host("48.0.0").diskCache(cache, 1 << 24));
        int before = offers.opened();
        PrecastBuilder<WasmtimeCode> offline = Precast.builder(WasmtimeLoader.of(Offers.library("48.0.0")))
                .trustRoot(offers.root())
                .diskCache(cache, 1 << 24)
                .onMiss(MissPolicy.fail());

        assertThat(load(offline).run(SETTINGS)).isEqualTo(7);
        assertThat(offers.opened()).isEqualTo(before);
    }

    @Test
    void a_file_that_is_replaced_or_damaged_is_downloaded_again_and_never_opened() throws Exception {
        offers.offer("48.0.0", Profile.CRANELIFT, "48.0.0", EXITS_WITH_7);
        Path cache = folder.resolve("cache");
        load(host("48.0.0").diskCache(cache, 1 << 24));
        int before = offers.opened();
        damage(cache.resolve("payloads"));

        assertThat(load(host("48.0.0").diskCache(cache, 1 << 24)).run(SETTINGS)).isEqualTo(7);
        assertThat(offers.opened()).isEqualTo(before + 2);
        assertThat(refused).hasSize(2).allMatch(said -> said.startsWith("payload: "));
    }

    @Test
    void damaged_attestations_of_a_probe_and_of_a_module_are_asked_for_again() throws Exception {
        offers.offer("48.0.0", Profile.CRANELIFT, "48.0.0", EXITS_WITH_7);
        Path cache = folder.resolve("cache");
        load(host("48.0.0").diskCache(cache, 1 << 24));
        damage(cache.resolve("attestations"));

        assertThat(load(host("48.0.0").diskCache(cache, 1 << 24)).run(SETTINGS)).isEqualTo(7);
        assertThat(refused).hasSize(2);
    }

    /** Replaces each file of a folder by a new file, in which one bit differs. */
    private static void damage(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 1;
                Files.delete(file);
                Files.write(file, bytes);
            }
        }
    }

    @Test
    void a_module_that_cannot_be_instantiated_is_incompatible_and_not_downloaded_again() throws Exception {
        offers.offer("50.0.1", Profile.CRANELIFT, "50.0.1", WANTS_AN_IMPORT, WANTS_4_PETABYTES);
        Path cache = folder.resolve("cache");
        for (byte[] wasm : List.of(WANTS_AN_IMPORT, WANTS_4_PETABYTES)) {
            WasmtimeCode code = load(host("50.0.1").diskCache(cache, 1 << 24), wasm);
            assertThatThrownBy(() -> code.run(SETTINGS)).isInstanceOf(IncompatibleException.class);
        }
        assertThat(incompatible).hasSize(2);
        assertThat(incompatible.get(0))
                .startsWith(ModuleDigest.of(WANTS_AN_IMPORT) + ": ")
                .contains("env::absent");
        assertThat(incompatible.get(1))
                .startsWith(ModuleDigest.of(WANTS_4_PETABYTES) + ": ")
                .contains("memory");

        int before = offers.opened();
        WasmtimeCode again = load(host("50.0.1").diskCache(cache, 1 << 24), WANTS_AN_IMPORT);
        assertThatThrownBy(() -> again.run(SETTINGS)).hasMessageContaining("env::absent");
        assertThat(incompatible).hasSize(3);
        assertThat(refused).isEmpty();
        assertThat(offers.opened()).isEqualTo(before);
    }

    @Test
    void a_module_that_is_not_a_command_fails_with_wasmtimes_message() throws Exception {
        WasmtimeLoader loader = WasmtimeLoader.of(Offers.library("48.0.0"));

        assertThatThrownBy(() -> loader.interpret(Offers.EMPTY).run(SETTINGS)).hasMessageContaining("_start");
        assertThat(loader.interpret(EXITS_WITH_7).run(SETTINGS)).isEqualTo(7);
        assertThatThrownBy(() -> loader.interpret(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 9}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("refused by Wasmtime");
    }
}
