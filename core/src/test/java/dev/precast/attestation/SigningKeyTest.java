package dev.precast.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.Digest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SigningKeyTest {
    @Test
    void it_signs_as_rfc_8032_says() {
        assertThat(Samples.KEY.sign(new byte[0]))
                .isEqualTo(HexFormat.of()
                        .parseHex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"));
    }

    @Test
    void a_signature_with_s_beyond_the_group_order_is_refused() {
        // RFC 8032, 5.1.7: code without this check accepts S + L, a second valid signature.
        byte[] signature = HexFormat.of()
                .parseHex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                        + "4c8c7872aa064e049dbb3013fbf29380d25bf5f0595bbe24655141438e7a101b");

        assertThat(Samples.KEY.verifyingKey().verifies(new byte[0], signature)).isFalse();
    }

    @Test
    void a_key_is_named_by_the_digest_of_its_raw_bytes() {
        assertThat(Samples.KEY.verifyingKey().id())
                .isEqualTo(Digest.of(
                        HexFormat.of().parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")));
    }

    @Test
    void its_text_is_read_back_and_not_shown() {
        SigningKey key = SigningKey.generate();
        SigningKey again = SigningKey.parse(key.secretText() + "\n");

        assertThat(again.verifyingKey()).isEqualTo(key.verifyingKey());
        assertThat(again.sign(new byte[] {1})).isEqualTo(key.sign(new byte[] {1}));
        assertThat(key).hasToString("signing key " + key.verifyingKey().id());
    }

    @Test
    void halves_of_two_keys_are_refused() {
        String one = SigningKey.generate().secretText();
        String two = SigningKey.generate().secretText();
        String mixed = one.substring(0, one.indexOf(':')) + two.substring(two.indexOf(':'));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningKey.parse(mixed))
                .withMessage("signing key: the public half does not match the private half");
    }

    @Test
    void the_message_about_a_malformed_key_does_not_show_it() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningKey.parse("c2VjcmV0"))
                .withMessage("signing key: expected two base64 texts separated by a colon");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningKey.parse("c2VjcmV0:c2VjcmV0"))
                .withMessage("signing key: not an Ed25519 key pair");
    }
}
