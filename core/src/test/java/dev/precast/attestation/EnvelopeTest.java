package dev.precast.attestation;

import static dev.precast.attestation.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.json.JsonException;
import dev.precast.testing.Scale;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    private static final byte[] PAYLOAD = "hello world".getBytes(StandardCharsets.UTF_8);

    @Test
    void the_signature_is_over_the_pre_authentication_encoding_of_dsse() throws RefusedException {
        // The example of the DSSE protocol, v1.0.2.
        byte[] encoding = "DSSEv1 29 http://example.com/HelloWorld 11 hello world".getBytes(StandardCharsets.UTF_8);
        Envelope envelope = Envelope.sign("http://example.com/HelloWorld", PAYLOAD, Samples.KEY);
        byte[] signature = Base64.getDecoder().decode(envelope.signature());

        assertThat(Samples.KEY.verifyingKey().verifies(encoding, signature)).isTrue();
        assertThat(envelope.open(Samples.KEY.verifyingKey())).isEqualTo(PAYLOAD);
    }

    @Test
    void lengths_are_of_bytes_and_not_of_characters() {
        Envelope envelope = Envelope.sign("t/ä", "ü".getBytes(StandardCharsets.UTF_8), Samples.KEY);

        assertThat(Samples.KEY
                        .verifyingKey()
                        .verifies(
                                "DSSEv1 4 t/ä 2 ü".getBytes(StandardCharsets.UTF_8),
                                Base64.getDecoder().decode(envelope.signature())))
                .isTrue();
    }

    @Test
    void the_json_form_is_read_back() {
        Envelope envelope = Envelope.sign("a/b", PAYLOAD, Samples.KEY);

        assertThat(Envelope.parse(envelope.toJson())).isEqualTo(envelope);
    }

    @Test
    void another_key_does_not_open_it() {
        Envelope envelope = Envelope.sign("a/b", PAYLOAD, Samples.KEY);

        assertRefused(Check.SIGNATURE, () -> envelope.open(SigningKey.generate().verifyingKey()));
    }

    @Test
    void another_payload_type_breaks_the_signature() {
        Envelope e = Envelope.sign("a/b", PAYLOAD, Samples.KEY);
        Envelope other = new Envelope("a/c", e.payload(), e.keyId(), e.signature());

        assertRefused(Check.SIGNATURE, () -> other.open(Samples.KEY.verifyingKey()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AA==", "AAAA"})
    void a_signature_of_another_length_is_no_signature(String signature) {
        Envelope e = Envelope.sign("a/b", PAYLOAD, Samples.KEY);
        Envelope other = new Envelope("a/b", e.payload(), e.keyId(), signature);

        assertRefused(Check.SIGNATURE, () -> other.open(Samples.KEY.verifyingKey()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"aGVsbG8gd29ybGQ", "aGVsbG8gd29ybGR=", "aGVsbG8gd29ybGQ=\n", "aGVsbG8-", "*"})
    void a_payload_has_one_spelling(String payload) {
        Envelope e = Envelope.sign("a/b", PAYLOAD, Samples.KEY);
        Envelope other = new Envelope("a/b", payload, e.keyId(), e.signature());

        assertRefused(Check.ENVELOPE, () -> other.open(Samples.KEY.verifyingKey()));
    }

    @Test
    void an_envelope_has_exactly_its_members_and_one_signature() {
        String json = new String(Envelope.sign("a/b", PAYLOAD, Samples.KEY).toJson(), StandardCharsets.UTF_8);

        refused("unknown member \"more\"", json.replace("{\"payload\"", "{\"more\":1,\"payload\""));
        refused("duplicate member", json.replace("{\"payload\"", "{\"payloadType\":\"a/b\",\"payload\""));
        refused("unknown member \"cert\"", json.replace("{\"keyid\"", "{\"cert\":1,\"keyid\""));
        refused("expected one, found 0", json.replaceAll("\\[.*]", "[]"));
        refused("expected one, found 2", json.replaceAll("\\[(.*)]", "[$1,$1]"));
        refused("digest: expected sha256:", json.replace("sha256:", "sha512:"));
        refused(
                "payloadType: missing",
                json.replace("payloadType", "payloadTypo").replace("\"payloadTypo\":\"a/b\",", ""));
    }

    @Test
    void an_envelope_that_is_too_large_is_not_read() {
        assertThatThrownBy(() -> Envelope.parse(new byte[Envelope.MAX_BYTES + 1]))
                .isInstanceOf(JsonException.class)
                .hasMessage("envelope: too large (expected at most 262144 bytes, found 262145)");
    }

    @Test
    void each_flipped_bit_of_an_envelope_is_refused() {
        byte[] envelope = Samples.attestation().sign(Samples.KEY).toJson();
        AttestationVerifier verifier =
                new AttestationVerifier(() -> Samples.policy(Samples.trusted(Samples.KEY)), () -> Samples.NOW);
        // Every third bit, which covers each position in a byte; all bits would take half a minute.
        for (int bit = 0; bit < envelope.length * 8; bit += 3) {
            byte[] flipped = envelope.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> verifier.verify(flipped, Samples.key(), false))
                    .describedAs("bit %d", bit)
                    .isInstanceOf(RefusedException.class);
        }
    }

    @Test
    void random_bytes_are_refused_with_no_other_exception() {
        AttestationVerifier verifier =
                new AttestationVerifier(() -> Samples.policy(Samples.trusted(Samples.KEY)), () -> Samples.NOW);
        byte[] envelope = Samples.attestation().sign(Samples.KEY).toJson();
        Random random = Scale.random(EnvelopeTest.class);
        for (int round = 0; round < Scale.of(300, 2_000); round++) {
            byte[] damaged = envelope.clone();
            for (int hits = 1 + random.nextInt(20); hits > 0; hits--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            if (!Arrays.equals(damaged, envelope)) {
                assertThatThrownBy(() -> verifier.verify(damaged, Samples.key(), false))
                        .isInstanceOf(RefusedException.class);
            }
        }
    }

    private static void refused(String message, String json) {
        assertThatThrownBy(() -> Envelope.parse(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining(message);
    }
}
