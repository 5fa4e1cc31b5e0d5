package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import dev.precast.host.ArtifactMissingException;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.PrecastBuilder;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.host.Prefetched;
import dev.precast.testing.Scale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wasmtime does not verify serialized code, so hosts give it only signed code. */
@Tag("wasmtime")
final class WasmtimeTamperIT {
    private static final int FLIPS_ON_THE_WAY = Scale.of(990, 9_900);
    private static final int FLIPS_ON_DISK = Scale.of(10, 100);
    private static final int CUTS_ON_DISK = 20;
    private static final int ATTACKS = Scale.of(100, 1_000);
    private static final int HOSTS = 3;
    /** For about half of the modules that the hosts load. */
    private static final long LIMIT = 120_000;

    private static final int NUMBER = 7;
    private static final byte[] WASM = TamperHost.module(NUMBER);
    private static final ModuleDigest MODULE = ModuleDigest.of(WASM);

    private static LocalService service;

    @TempDir
    private Path folder;

    private final WatchedLoader loader =
            new WatchedLoader(WasmtimeLoader.of(TriedEngine.library(TamperHost.VERSION), List.of(Profile.CRANELIFT)));
    private final Refusals refusals = new Refusals();
    private final List<Process> hosts = new ArrayList<>();
    private Random random = new Random(0);
    private TamperedSource source = new TamperedSource(service.source(), MODULE);

    @BeforeAll
    static void compile(@TempDir Path cache) throws Exception {
        service = LocalService.shared();
        WasmtimeLoader loader = WasmtimeLoader.of(TriedEngine.library(TamperHost.VERSION), List.of(Profile.CRANELIFT));
        try (Precast<WasmtimeCode> precast = Precast.builder(loader)
                .source(service.source())
                .trustRoot(service.trustRoot())
                .onMiss(MissPolicy.waitFor(Duration.ofMinutes(3), MissPolicy.fail()))
                .build()) {
            for (int number = 0; number < TamperHost.MODULES; number++) {
                precast.load(TamperHost.module(number));
            }
        }
    }

    /** Those of a test that failed. */
    @AfterEach
    void end_hosts() throws InterruptedException {
        for (Process host : hosts) {
            host.destroyForcibly().waitFor();
        }
    }

    @BeforeEach
    void tell_the_seed() {
        random = Scale.random(WasmtimeTamperIT.class);
        source = new TamperedSource(service.source(), MODULE);
    }

    /** What was refused since that was last asked. */
    private static final class Refusals implements PrecastListener {
        private final List<String> messages = new ArrayList<>();
        private final Map<Check, Integer> counts = new EnumMap<>(Check.class);

        @Override
        public synchronized void on(PrecastEvent event) {
            if (event instanceof PrecastEvent.Refused refused) {
                messages.add(refused.subject() + " " + refused.detail());
                counts.merge(refused.check(), 1, Integer::sum);
            }
        }

        synchronized List<String> take() {
            List<String> taken = List.copyOf(messages);
            messages.clear();
            return taken;
        }
    }

    private PrecastBuilder<WasmtimeCode> host() {
        return Precast.builder(loader)
                .source(source)
                .trustRoot(service.trustRoot())
                .onMiss(MissPolicy.fail())
                .withoutListeners()
                .listener(refusals);
    }

    private static WasmtimeCode load(Precast<WasmtimeCode> host) {
        return host.load(MODULE, () -> {
            throw new IOException("the module's bytes are not needed");
        });
    }

    private static int run(WasmtimeCode code) throws Exception {
        return code.run(WasiSettings.of(List.of("tampered")));
    }

    @Test
    void a_bit_flipped_on_the_way_is_refused_before_Wasmtime_sees_it() throws Exception {
        try (Precast<WasmtimeCode> inMemory = host().build();
                Precast<WasmtimeCode> onDisk =
                        host().diskCache(folder.resolve("cache"), 1 << 24).build()) {
            for (int i = 0; i < FLIPS_ON_THE_WAY; i++) {
                if (i % 4 < 2) {
                    source.flipEnvelope(random);
                } else {
                    source.flipPayload(random);
                }
                Precast<WasmtimeCode> host = i % 2 == 0 ? inMemory : onDisk;
                assertThatThrownBy(() -> load(host)).isInstanceOf(ArtifactMissingException.class);
                assertThat(refusals.take())
                        .as("flip %d", i)
                        .singleElement()
                        .asString()
                        .startsWith("module " + MODULE);
            }
            assertThat(loader.loads(MODULE)).isZero();
            assertThat(refusals.counts)
                    .containsKeys(Check.SIGNATURE, Check.PAYLOAD)
                    .doesNotContainKey(Check.LOADABLE);
            System.out.println("WasmtimeTamperIT: refused on the way " + refusals.counts);

            source.flipNothing();
            assertThat(run(load(inMemory))).isEqualTo(NUMBER);
            assertThat(run(load(onDisk))).isEqualTo(NUMBER);
        }
        assertThat(loader.loads(MODULE)).isEqualTo(2);
    }

    /** Before it is opened: what Wasmtime has mapped is changed by an edit, and no check can help. */
    @Test
    void a_file_changed_after_verification_is_refused_and_downloaded_again() throws Exception {
        Path cache = folder.resolve("cache");
        for (int i = 0; i < FLIPS_ON_DISK + CUTS_ON_DISK; i++) {
            if (i > 0) { // The file before may be mapped still.
                Files.delete(payloadFile(cache));
            }
            try (Precast<WasmtimeCode> host = host().diskCache(cache, 1 << 24).build()) {
                assertThat(host.prefetch(List.of(MODULE), Duration.ofMinutes(1), done -> {}))
                        .singleElement()
                        .isInstanceOf(Prefetched.Ready.class);
            }
            assertThat(refusals.take()).isEmpty();
            int opened = source.opened();
            int loads = loader.loads(MODULE);
            boolean payload = i % 2 == 0;
            edit(payload ? payloadFile(cache) : attestationFile(cache), i < FLIPS_ON_DISK);

            try (Precast<WasmtimeCode> host = host().diskCache(cache, 1 << 24).build()) {
                assertThat(run(load(host))).isEqualTo(NUMBER);
            }

            assertThat(refusals.take()).as("edit %d", i).hasSize(1);
            assertThat(source.opened()).as("edit %d", i).isEqualTo(payload ? opened + 1 : opened);
            assertThat(loader.loads(MODULE)).isEqualTo(loads + 1);
        }
        System.out.println("WasmtimeTamperIT: refused on disk " + refusals.counts);
    }

    private Path payloadFile(Path cache) {
        return cache.resolve("payloads").resolve(source.payload().hex());
    }

    private Path attestationFile(Path cache) {
        return cache.resolve("attestations").resolve(source.key().digest().hex());
    }

    private void edit(Path file, boolean flip) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.write(
                file,
                flip ? TamperedSource.flipped(bytes, random) : Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    }

    @Test
    void hosts_start_and_run_while_their_cache_is_evicted_replaced_and_cut() throws Exception {
        Path cache = folder.resolve("cache");
        Path end = folder.resolve("end");
        for (int host = 0; host < HOSTS; host++) {
            hosts.add(start(cache, end, host));
        }
        CacheAttacks attacks = new CacheAttacks(cache, folder.resolve("prepared"), random);
        for (int done = 0; done < ATTACKS && hosts.stream().allMatch(Process::isAlive); ) {
            done += attacks.once() ? 1 : 0;
            Thread.sleep(random.nextInt(20));
        }
        boolean allRun = hosts.stream().allMatch(Process::isAlive);
        Files.createFile(end);

        int refused = 0;
        for (int host = 0; host < HOSTS; host++) {
            assertThat(hosts.get(host).waitFor(1, TimeUnit.MINUTES)).isTrue();
            String said = Files.readString(folder.resolve("host-" + host));
            assertThat(hosts.get(host).exitValue()).as(said).isZero();
            System.out.println("WasmtimeTamperIT: host " + host + ": " + said.strip());
            assertThat(said)
                    .containsPattern("ran [1-9]")
                    .containsPattern("source [1-9]")
                    .contains("missed 0 ");
            Matcher payloads = Pattern.compile("refused.* payload (\\d+)").matcher(said);
            refused += payloads.find() ? Integer.parseInt(payloads.group(1)) : 0;
        }
        assertThat(allRun).isTrue();
        assertThat(refused).isPositive();
    }

    private Process start(Path cache, Path end, int host) throws IOException {
        return new ProcessBuilder(
                        LocalService.JAVA,
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TamperHost.class.getName(),
                        service.address().toString(),
                        service.trustRoot().toString(),
                        cache.toString(),
                        String.valueOf(LIMIT),
                        end.toString(),
                        String.valueOf(random.nextLong()),
                        TriedEngine.library(TamperHost.VERSION).toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("host-" + host).toFile())
                .start();
    }
}
