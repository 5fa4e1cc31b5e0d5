package dev.precast.cache.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ByteRate;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.Fixture;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentCheck;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.ZstdForm;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HealerTest {
    private final Fixture fixture = new Fixture();
    private final Unreliable store = new Unreliable();
    private final List<ArtifactKey> lost = new ArrayList<>();
    private final Map<DamageListener.Result, Integer> heard = new EnumMap<>(DamageListener.Result.class);
    private final Healer healer = new Healer(
            fixture.artifacts, fixture.retired(), store, ByteRate.UNLIMITED, fixture.clock, lost::add, new Counting());

    /** The state of a stored form. */
    private enum State {
        GOOD,
        FLIPPED,
        CUT,
        MISSING,
        UNREADABLE
    }

    private record Published(ArtifactKey key, SizedDigest raw, SizedDigest zstd) {}

    private Published publish(String module, byte[] payload) throws IOException {
        return publish(module, payload, zstd(payload));
    }

    private Published publish(String module, byte[] payload, byte[] zstd) throws IOException {
        fixture.payloads.put(new ByteArrayInputStream(payload), null, Long.MAX_VALUE);
        fixture.payloads.put(new ByteArrayInputStream(zstd), null, Long.MAX_VALUE);
        Attestation attestation = new Attestation(
                ModuleDigest.of(module.getBytes(StandardCharsets.UTF_8)),
                8,
                fixture.lane,
                "copy/1",
                new SizedDigest(Digest.of(payload), payload.length),
                Optional.of(new SizedDigest(Digest.of(zstd), zstd.length)),
                Optional.empty(),
                Fixture.PACK,
                "test",
                "test",
                fixture.clock.instant(),
                fixture.clock.instant());
        assertThat(fixture.artifacts.publish(attestation, attestation.sign(fixture.key)))
                .isEmpty();
        return new Published(
                attestation.key(),
                attestation.payload(),
                attestation.compressed().orElseThrow());
    }

    private static byte[] payload(int size) {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++) {
            payload[i] = (byte) (i * i / 7);
        }
        return payload;
    }

    private static byte[] zstd(byte[] payload) throws IOException {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        try (OutputStream out = ZstdForm.encoder(form)) {
            out.write(payload);
        }
        return form.toByteArray();
    }

    private void set(SizedDigest form, State state) throws IOException {
        byte[] bytes = fixture.payloads.find(form.digest()).orElseThrow().open().readAllBytes();
        switch (state) {
            case GOOD -> {}
            case FLIPPED -> {
                byte[] flipped = bytes.clone();
                flipped[flipped.length / 2] ^= 1;
                fixture.payloads.damage(form.digest(), flipped);
            }
            case CUT -> fixture.payloads.damage(form.digest(), Arrays.copyOf(bytes, bytes.length - 1));
            case MISSING -> fixture.payloads.delete(form.digest());
            case UNREADABLE -> store.unreadable.add(form.digest());
        }
    }

    static Stream<Arguments> states() {
        return Stream.of(State.values())
                .flatMap(raw -> Stream.of(State.values()).map(zstd -> Arguments.of(raw, zstd)));
    }

    private static Healed expected(State raw, State zstd) {
        if (raw == State.UNREADABLE || zstd == State.UNREADABLE) {
            return Healed.UNKNOWN;
        }
        if (raw == State.GOOD && zstd == State.GOOD) {
            return Healed.WHOLE;
        }
        if (raw == State.GOOD || zstd == State.GOOD) {
            return Healed.REBUILT;
        }
        return raw == State.MISSING && zstd == State.MISSING ? Healed.ABSENT : Healed.DROPPED;
    }

    @ParameterizedTest
    @MethodSource("states")
    void a_payload_is_whole_or_gone_after_a_check(State raw, State zstd) throws Exception {
        Published artifact = publish("module", payload(100_000));
        set(artifact.raw(), raw);
        set(artifact.zstd(), zstd);

        Healed healed = healer.heal(artifact.key());

        assertThat(healed).isEqualTo(expected(raw, zstd));
        boolean gone = healed == Healed.DROPPED || healed == Healed.ABSENT;
        assertThat(lost).hasSize(gone ? 1 : 0);
        if (healed == Healed.UNKNOWN) {
            assertThat(store.changes).isZero();
        } else {
            assertThat(check(artifact.raw())).isEqualTo(whole(artifact.raw(), gone));
            assertThat(check(artifact.zstd())).isEqualTo(whole(artifact.zstd(), gone));
            assertThat(fixture.artifacts.find(artifact.key()).isPresent()).isEqualTo(!gone);
        }
    }

    private ContentCheck.Result check(SizedDigest form) {
        return ContentCheck.of(fixture.payloads, form.digest(), ByteRate.UNLIMITED);
    }

    private static ContentCheck.Result whole(SizedDigest form, boolean gone) {
        return gone ? new ContentCheck.Result.Missing() : new ContentCheck.Result.Whole(form.size());
    }

    @Test
    void a_zstd_form_of_another_version_is_deleted_when_it_is_damaged() throws Exception {
        byte[] payload = payload(1000);
        Published artifact = publish("module", payload, com.github.luben.zstd.Zstd.compress(payload, 19));
        set(artifact.zstd(), State.FLIPPED);

        assertThat(healer.heal(artifact.key())).isEqualTo(Healed.REBUILT);

        assertThat(check(artifact.zstd())).isEqualTo(new ContentCheck.Result.Missing());
        assertThat(check(artifact.raw())).isInstanceOf(ContentCheck.Result.Whole.class);
        assertThat(healer.heal(artifact.key())).isEqualTo(Healed.WHOLE);
    }

    /** A worker that was taken over may sign such an artifact; its decompression must end at the signed size. */
    @Test
    void a_zstd_form_that_is_not_the_payload_is_dropped_with_it() throws Exception {
        byte[] payload = payload(1000);
        for (byte[] other : List.of(zstd(new byte[1 << 20]), payload(500))) {
            Published artifact = publish("module " + other.length, payload, other);
            set(artifact.raw(), State.FLIPPED);

            assertThat(healer.heal(artifact.key())).isEqualTo(Healed.DROPPED);

            assertThat(check(artifact.raw())).isEqualTo(new ContentCheck.Result.Missing());
        }
    }

    @Test
    void keys_that_share_a_payload_are_healed_together() throws Exception {
        Published one = publish("one", payload(1000));
        Published two = publish("two", payload(1000));
        set(one.raw(), State.FLIPPED);

        assertThat(healer.heal(one.key())).isEqualTo(Healed.REBUILT);
        assertThat(healer.heal(two.key())).isEqualTo(Healed.WHOLE);
    }

    @Test
    void the_payload_of_an_artifact_that_was_just_retired_is_healed_too() throws Exception {
        Published artifact = publish("module", payload(1000));
        fixture.retire();
        set(artifact.raw(), State.FLIPPED);

        assertThat(healer.heal(artifact.key())).isEqualTo(Healed.REBUILT);
    }

    @Test
    void an_unknown_key_has_nothing_to_heal() {
        assertThat(healer.heal(fixture.artifact)).isEqualTo(Healed.ABSENT);
        fixture.documents.failing = true;
        assertThat(healer.heal(fixture.artifact)).isEqualTo(Healed.UNKNOWN);
    }

    @Test
    void a_process_that_sees_damage_everywhere_stops_deleting_for_an_hour() throws Exception {
        List<Published> artifacts = new ArrayList<>();
        for (int i = 0; i <= Brake.ALWAYS; i++) {
            artifacts.add(publish("module " + i, payload(1000 + i)));
            set(artifacts.getLast().raw(), State.FLIPPED);
            set(artifacts.getLast().zstd(), State.FLIPPED);
        }
        Published last = artifacts.removeLast();
        artifacts.forEach(artifact -> assertThat(healer.heal(artifact.key())).isEqualTo(Healed.DROPPED));

        assertThat(healer.heal(last.key())).isEqualTo(Healed.UNKNOWN);
        assertThat(heard).containsEntry(DamageListener.Result.HELD, 1);
        assertThat(check(last.raw())).isInstanceOf(ContentCheck.Result.Damaged.class);

        fixture.after(Duration.ofHours(1));
        assertThat(healer.heal(last.key())).isEqualTo(Healed.DROPPED);
    }

    /** The payloads; some cannot be read. */
    private final class Unreliable implements ContentStore {
        private final Set<Digest> unreadable = new HashSet<>();
        private int changes;

        @Override
        public Put put(InputStream in, Digest expected, long maxBytes, IfStored ifStored) throws IOException {
            changes++;
            return fixture.payloads.put(in, expected, maxBytes, ifStored);
        }

        @Override
        public Optional<Blob> find(Digest digest) {
            return fixture.payloads.find(digest).map(blob -> unreadable.contains(digest) ? new Failing(blob) : blob);
        }

        @Override
        public boolean delete(Digest digest) {
            changes++;
            return fixture.payloads.delete(digest);
        }
    }

    private record Failing(Blob blob) implements Blob {
        @Override
        public long size() {
            return blob.size();
        }

        @Override
        public InputStream open() throws IOException {
            throw new IOException("told to fail");
        }
    }

    private final class Counting implements DamageListener {
        @Override
        public void checked(long bytes) {}

        @Override
        public void found(Result result) {
            heard.merge(result, 1, Integer::sum);
        }
    }
}
