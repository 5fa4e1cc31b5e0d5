package dev.precast.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.MemoryDocumentStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that share a store, each with files of its own. */
class FreshnessSourceTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final SigningKey root = SigningKey.generate();
    private final SigningKey online = SigningKey.generate();
    private final TrustRoot trusted = new TrustRoot(root.verifyingKey());
    private final DocumentStore store = new MemoryDocumentStore();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path folder;

    /** A node with its own memory of versions. */
    private final class Node {
        private final PolicySource policy;
        private final FreshnessSource freshness;

        Node(String name, @Nullable SigningKey key) {
            policy = new PolicySource(trusted, store, folder.resolve(name + "/policy.version"));
            freshness = new FreshnessSource(
                    policy,
                    store,
                    folder.resolve(name + "/appointment.version"),
                    key == null ? null : new OnlineKey(key, DAY),
                    () -> now);
        }

        Optional<String> refresh() {
            policy.refresh();
            return freshness.refresh();
        }

        FreshnessProof.Verified proven() throws RefusedException {
            FreshnessProof.Verified verified =
                    FreshnessProof.parse(freshness.proof().orElseThrow()).verify(trusted, 0);
            assertThat(freshness.find()).contains(verified);
            return verified;
        }
    }

    private byte[] policy(long version, SigningKey... signers) {
        List<TrustedKey> keys = List.of(signers).stream()
                .map(key -> new TrustedKey(key.verifyingKey(), "test", Set.of(), Set.of(), now, now.plus(DAY)))
                .toList();
        return new TrustPolicy(
                        version, now, now.plus(Duration.ofDays(90)), Duration.ZERO, keys, List.of(), Set.of(), Set.of())
                .sign(root)
                .toJson();
    }

    private byte[] appointment(long version, SigningKey key, SigningKey by) {
        return new Appointment(version, key.verifyingKey(), now, now.plus(Duration.ofDays(90)))
                .sign(by)
                .toJson();
    }

    /** A node whose policy 1 is proven. */
    private Node proven() throws RefusedException {
        Node node = new Node("first", online);
        node.freshness.replace(appointment(1, online, root));
        node.policy.replace(policy(1));
        assertThat(node.refresh()).isEmpty();
        return node;
    }

    @Test
    void a_policy_is_proven_as_soon_as_it_and_the_appointment_are_published() throws Exception {
        Node node = new Node("first", online);
        assertThat(node.refresh()).isEmpty();
        assertThat(node.freshness.proof()).isEmpty();

        node.policy.replace(policy(1));
        assertThat(node.refresh()).hasValueSatisfying(why -> assertThat(why).contains("no appointment is published"));
        assertThat(node.freshness.replace(appointment(1, online, root))).isEqualTo(1);

        node.proven().requireInForce(now);
        node.proven().requireCurrent(node.policy.envelope(), node.policy.get());
        assertThat(node.proven().statement().expiresAt()).isEqualTo(now.plus(DAY));
        assertThat(node.refresh()).isEmpty();
    }

    @Test
    void a_new_policy_is_proven_at_once_and_an_unchanged_one_every_hour() throws Exception {
        Node node = proven();
        CurrentPolicy first = node.proven().statement();

        now = now.plus(Duration.ofMinutes(59));
        node.refresh();
        assertThat(node.proven().statement()).isEqualTo(first);
        now = now.plus(Duration.ofMinutes(1));
        node.refresh();
        assertThat(node.proven().statement().issuedAt()).isEqualTo(now);

        node.policy.replace(policy(2));
        node.refresh();
        assertThat(node.proven().statement().version()).isEqualTo(2);
    }

    @Test
    void all_nodes_serve_one_proof_and_none_takes_back_a_newer_one() throws Exception {
        Node first = proven();
        Node second = new Node("second", online);
        Node without = new Node("third", null);
        second.refresh();
        without.refresh();
        assertThat(second.freshness.proof()).isEqualTo(without.freshness.proof());
        assertThat(second.proven().statement()).isEqualTo(first.proven().statement());

        first.policy.replace(policy(2));
        first.refresh();
        now = now.plus(Duration.ofMinutes(61));
        second.freshness.refresh(); // Has not read policy 2 yet.
        assertThat(second.proven().statement().version()).isEqualTo(2);
        without.refresh();
        assertThat(without.proven().statement().version()).isEqualTo(2);
    }

    @Test
    void a_proof_that_another_node_stored_is_found_although_none_was_there_before() throws Exception {
        Node without = new Node("second", null);
        without.refresh();
        assertThat(without.freshness.proof()).isEmpty();
        proven();

        assertThat(without.freshness.proof())
                .as("the store is read once a second")
                .isEmpty();
        now = now.plusSeconds(1);
        assertThat(without.freshness.proof()).isPresent();
    }

    @Test
    void another_online_key_replaces_the_first_one_and_its_proof() throws Exception {
        Node node = proven();
        SigningKey next = SigningKey.generate();

        node.freshness.replace(appointment(2, next, root));

        assertThat(node.freshness.proof()).isEmpty();
        assertThat(store.find(FreshnessSource.DOCUMENT)).isEmpty();
        assertThat(node.refresh()).hasValueSatisfying(why -> assertThat(why).contains("has appointed another key"));
        Node restarted = new Node("first", next);
        restarted.refresh();
        assertThat(restarted.proven().appointment().version()).isEqualTo(2);
        assertThatThrownBy(() -> node.freshness.replace(appointment(1, online, root)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("version 1 is older than version 2");
    }

    @Test
    void a_writer_of_the_store_cannot_bring_back_an_old_appointment_or_a_foreign_proof() throws Exception {
        Node node = proven();
        byte[] old = node.freshness.proof().orElseThrow();
        SigningKey next = SigningKey.generate();
        node.freshness.replace(appointment(2, next, root));

        store.put(FreshnessSource.DOCUMENT, old, DocumentStore.ANY);
        store.put(Appointments.DOCUMENT, appointment(1, online, root), DocumentStore.ANY);
        now = now.plus(Duration.ofMinutes(1));
        assertThat(node.refresh()).isPresent();
        assertThat(node.freshness.proof()).isEmpty();

        store.put(FreshnessSource.DOCUMENT, "{}".getBytes(UTF_8), DocumentStore.ANY);
        store.put(Appointments.DOCUMENT, appointment(2, next, root), DocumentStore.ANY);
        Node restarted = new Node("first", next);
        restarted.refresh();
        assertThat(restarted.proven().appointment().version()).isEqualTo(2);
    }

    @Test
    void what_the_root_did_not_sign_or_is_not_valid_now_is_not_published() throws Exception {
        Node node = proven();
        byte[] before = node.freshness.proof().orElseThrow();
        SigningKey signer = SigningKey.generate();
        node.policy.replace(policy(2, signer));
        byte[] late = appointment(3, online, root);

        for (byte[] refused : List.of(
                "{}".getBytes(UTF_8),
                "[".getBytes(UTF_8),
                appointment(2, online, SigningKey.generate()),
                appointment(2, signer, root),
                appointment(2, root, root),
                node.policy.envelope(),
                before)) {
            assertThatThrownBy(() -> node.freshness.replace(refused))
                    .as(new String(refused, UTF_8))
                    .isInstanceOf(RefusedException.class);
        }
        now = now.plus(Duration.ofDays(90));
        assertThatThrownBy(() -> node.freshness.replace(late)).isInstanceOf(RefusedException.class);
        assertThat(store.find(Appointments.DOCUMENT).orElseThrow().bytes()).isEqualTo(appointmentIn(before));
    }

    private static byte[] appointmentIn(byte[] proof) throws RefusedException {
        return FreshnessProof.parse(proof).appointment().toJson();
    }

    @Test
    void a_proof_that_was_signed_elsewhere_is_published_but_not_below_a_newer_one() throws Exception {
        Node node = new Node("first", null);
        node.policy.replace(policy(1));
        byte[] first = proof(node, DAY);
        node.freshness.replace(first);
        assertThat(node.freshness.proof()).hasValue(first);
        assertThat(node.freshness.appointments().find()).isPresent();

        node.policy.replace(policy(2));
        byte[] second = proof(node, DAY);
        node.freshness.replace(second);
        assertThatThrownBy(() -> node.freshness.replace(first)).hasMessageContaining("policy 2 is in force");
        assertThat(node.freshness.proof()).hasValue(second);
    }

    private byte[] proof(Node node, Duration life) throws RefusedException {
        CurrentPolicy statement = CurrentPolicy.about(node.policy.envelope(), trusted, now, life);
        return new FreshnessProof(Envelope.parse(appointment(1, online, root)), statement.sign(online)).toJson();
    }

    @Test
    void a_statement_from_the_future_is_replaced_and_an_expired_one_is_still_served() throws Exception {
        Node node = proven();
        Instant truth = now;
        now = now.plus(Duration.ofHours(5));
        node.refresh();
        now = truth.plus(Duration.ofMinutes(2));
        Node other = new Node("second", online);
        other.refresh();
        assertThat(other.proven().statement().issuedAt()).isEqualTo(now);

        now = now.plus(Duration.ofDays(2));
        Node without = new Node("third", null);
        without.refresh();
        assertThatThrownBy(() -> without.proven().requireInForce(now)).isInstanceOf(RefusedException.class);
    }

    @Test
    void an_expired_appointment_proves_nothing_new_and_the_node_says_so() throws Exception {
        Node node = proven();
        now = now.plus(Duration.ofDays(91));

        assertThat(node.refresh()).hasValueSatisfying(why -> assertThat(why).contains("expired"));
        node.freshness.replace(appointment(2, online, root));
        node.proven().requireInForce(now);
    }
}
