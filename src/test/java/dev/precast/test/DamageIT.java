package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.DocumentNames;
import dev.precast.host.ArtifactMissingException;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LaneJson;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.pack.CopyPack;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * One flipped bit in anything that a service stores, while the service runs and before it starts. Hosts never load it,
 * and the next request ends with a good artifact.
 */
@Tag("fleet")
final class DamageIT {
    private static final int ROUNDS = Scale.of(1, 8);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String LANES = "lanes";
    private static final int WAIT_SECONDS = 30;
    /** Workers register their lanes again with each check of their packs. */
    private static final String PACKS_CHECKED_OFTEN = "-Dprecast.packs.reload-every=1s";

    private static final Random RANDOM = Scale.random(DamageIT.class);
    private static final String ON_FOLDER = "folder";
    private static final String ON_S3 = "S3";
    /** In the fast tier, one of the two. */
    private static final List<String> STORES = Scale.sample(DamageIT.class, List.of(ON_FOLDER, ON_S3), 1);

    @TempDir
    private Path folder;

    private DamagedService service;
    private Lane lane;
    private JsonObject laneId;
    private byte[] lanes;

    /** What is damaged. The service caches small payloads in memory, and checks large ones while it sends them. */
    private enum Kind {
        SMALL_PAYLOAD,
        SMALL_ZSTD_FORM,
        BOTH_SMALL_FORMS,
        LARGE_PAYLOAD,
        LARGE_ZSTD_FORM,
        BOTH_LARGE_FORMS,
        ATTESTATION,
        OUTCOME,
        LANES,
        MODULE;

        byte[] module(int number) {
            return switch (this) {
                case LARGE_PAYLOAD, LARGE_ZSTD_FORM, BOTH_LARGE_FORMS -> CopyPack.large(100 * ordinal() + number);
                case OUTCOME -> CopyPack.module("reject" + number);
                default -> CopyPack.module(name().toLowerCase(Locale.ROOT) + number);
            };
        }
    }

    @AfterEach
    void stop() {
        if (service != null) {
            service.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> one_flipped_bit_in_a_folder_heals() throws Exception {
        assumeTrue(STORES.contains(ON_FOLDER), "this run tests the store on S3");
        service = new DamagedService.OnFolder(folder.resolve("data"), CopyPack.in(folder), PACKS_CHECKED_OFTEN);
        return tests();
    }

    @TestFactory
    Stream<DynamicTest> one_flipped_bit_on_s3_heals() throws Exception {
        assumeTrue(STORES.contains(ON_S3), "this run tests the store in a folder");
        service = new DamagedService.OnS3(folder.resolve("fleet"), CopyPack.in(folder), PACKS_CHECKED_OFTEN);
        return tests();
    }

    private Stream<DynamicTest> tests() throws Exception {
        JsonObject offer =
                service.rest().get("/v1/engines").array("lanes").getFirst().asObject("lane");
        lane = LaneJson.lane(offer);
        laneId = LaneJson.write(lane.id());
        lanes = Files.readAllBytes(service.document(LANES));
        List<Damaged> running = prepared(0);
        List<Damaged> restarted = prepared(ROUNDS);
        Stream<DynamicTest> first = running.stream()
                .map(damaged -> dynamicTest("running: " + damaged, () -> {
                    damaged.flip();
                    damaged.check();
                }));
        DynamicTest restart = dynamicTest("the service starts with all the damage", () -> {
            for (Damaged damaged : restarted) {
                damaged.flip();
            }
            service.restart();
        });
        Stream<DynamicTest> second =
                restarted.stream().map(damaged -> dynamicTest("restarted: " + damaged, damaged::check));
        return Stream.of(first, Stream.of(restart), second).flatMap(tests -> tests);
    }

    private List<Damaged> prepared(int from) throws Exception {
        List<Damaged> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (int number = from; number < from + ROUNDS; number++) {
                Damaged damaged = new Damaged(kind, kind.module(number));
                damaged.prepare();
                all.add(damaged);
            }
        }
        return all;
    }

    /** One cell: a module, and what is stored for it. */
    private final class Damaged {
        private final Kind kind;
        private final byte[] module;
        private final Digest digest;
        private final String attestation;

        Damaged(Kind kind, byte[] module) {
            this.kind = kind;
            this.module = module;
            this.digest = Digest.of(module);
            ArtifactKey key = lane.id().key(new ModuleDigest(digest));
            this.attestation = DocumentNames.attestation(key);
        }

        void prepare() throws Exception {
            service.rest().upload(module);
            if (kind != Kind.LANES && kind != Kind.MODULE) {
                int expected = kind == Kind.OUTCOME ? 422 : 200;
                assertThat(compile().statusCode()).isEqualTo(expected);
            }
        }

        void flip() throws Exception {
            for (Path file : files()) {
                DamagedService.flip(file, RANDOM);
            }
        }

        private List<Path> files() throws Exception {
            return switch (kind) {
                case SMALL_PAYLOAD, LARGE_PAYLOAD -> List.of(payload(attested().payload()));
                case SMALL_ZSTD_FORM, LARGE_ZSTD_FORM -> List.of(payload(zstd()));
                case BOTH_SMALL_FORMS, BOTH_LARGE_FORMS ->
                    List.of(payload(attested().payload()), payload(zstd()));
                case ATTESTATION -> List.of(service.document(attestation));
                case OUTCOME -> List.of(service.document(attestation.replace("attestations/", "outcomes/")));
                case LANES -> List.of(service.document(LANES));
                case MODULE -> List.of(service.content("modules", digest));
            };
        }

        void check() throws Exception {
            switch (kind) {
                case SMALL_PAYLOAD, LARGE_PAYLOAD -> {
                    await().atMost(SOON)
                            .until(() -> Digest.of(plain())
                                    .equals(attested().payload().digest()));
                    hostLoads();
                }
                case OUTCOME -> {
                    assertThatThrownBy(this::load)
                            .isInstanceOf(ArtifactMissingException.class)
                            .hasMessageContaining("rejected, invalid-module");
                    assertThat(compile().statusCode()).isEqualTo(422);
                    assertThat(service.rest().lookup(digest, laneId).string("state"))
                            .isEqualTo("rejected");
                }
                case LANES -> {
                    service.announceLanes(); // Otherwise it would look within a minute.
                    await().atMost(SOON)
                            .until(() -> !service.rest().lanes(CopyPack.ENGINE).isEmpty());
                    hostLoads();
                    await().atMost(SOON).until(() -> Arrays.equals(Files.readAllBytes(service.document(LANES)), lanes));
                }
                case MODULE -> {
                    HttpResponse<byte[]> answer = compile();
                    assertThat(answer.statusCode()).isEqualTo(404);
                    assertThat(RestCalls.json(answer).string("code")).isEqualTo("module-unknown");
                    hostLoads();
                    assertThat(DamagedService.isWhole(service.content("modules", digest), digest))
                            .isTrue();
                }
                default -> hostLoads();
            }
        }

        /** A host gets the right module, and afterwards all stored forms are whole. */
        private void hostLoads() {
            assertThat(load()).isEqualTo(module);
            await().atMost(SOON).until(() -> {
                SizedDigest raw = attested().payload();
                return DamagedService.isWhole(payload(raw), raw.digest())
                        && DamagedService.isWhole(payload(zstd()), zstd().digest());
            });
        }

        private byte[] load() {
            return new CopyHost(lane).load(module, service.client(), service.trustRoot());
        }

        private HttpResponse<byte[]> compile() throws IOException, InterruptedException {
            return service.rest().compile(digest, laneId, WAIT_SECONDS);
        }

        /** The uncompressed form, as a client downloads it. */
        private byte[] plain() throws Exception {
            String href = service.rest().lookup(digest, laneId).string("href");
            return service.rest()
                    .send("GET", href, null, "Accept-Encoding", "identity")
                    .body();
        }

        private Attestation attested() throws Exception {
            String href = service.rest().lookup(digest, laneId).string("href");
            return Attestation.unverified(
                    service.rest().send("GET", href + "/attestation", null).body());
        }

        private SizedDigest zstd() throws Exception {
            return attested().compressed().orElseThrow();
        }

        private Path payload(SizedDigest form) {
            return service.content("payloads", form.digest());
        }

        @Override
        public String toString() {
            return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " of module "
                    + digest.hex().substring(0, 8);
        }
    }
}
