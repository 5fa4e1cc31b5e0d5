package dev.precast.attestation;

import static dev.precast.attestation.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementTest {
    private static final String STATEMENT = text(Statement.toJson(Samples.attestation()));

    @Test
    void an_attestation_is_read_back() throws RefusedException {
        assertThat(Statement.fromJson(bytes(STATEMENT))).isEqualTo(Samples.attestation());
    }

    @Test
    void an_attestation_without_compressed_form_and_index_is_read_back() throws RefusedException {
        Attestation a = Samples.attestation();
        Attestation plain = new Attestation(
                a.module(),
                a.moduleBytes(),
                a.lane(),
                "cwasm/1",
                a.payload(),
                Optional.empty(),
                Optional.empty(),
                a.pack(),
                a.runtime(),
                a.builder(),
                a.startedOn(),
                a.finishedOn());

        assertThat(Statement.fromJson(Statement.toJson(plain))).isEqualTo(plain);
    }

    @Test
    void times_are_cut_to_the_second() throws RefusedException {
        Attestation a = Samples.attestation();
        Attestation precise = new Attestation(
                a.module(),
                a.moduleBytes(),
                a.lane(),
                a.format(),
                a.payload(),
                a.compressed(),
                a.index(),
                a.pack(),
                a.runtime(),
                a.builder(),
                Instant.parse("2026-01-01T00:00:00.999Z"),
                Instant.parse("2026-01-01T00:00:01.001Z"));

        assertThat(precise.startedOn()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(Statement.fromJson(Statement.toJson(precise))).isEqualTo(precise);
    }

    @Test
    void texts_are_not_blank_and_not_long() {
        Attestation a = Samples.attestation();
        for (String text : List.of("", " ", "x".repeat(257))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Attestation(
                            a.module(),
                            a.moduleBytes(),
                            a.lane(),
                            a.format(),
                            a.payload(),
                            a.compressed(),
                            a.index(),
                            a.pack(),
                            text,
                            a.builder(),
                            a.startedOn(),
                            a.finishedOn()))
                    .withMessageStartingWith("attestation runtime: expected 1 to 256 characters");
        }
    }

    @Test
    void every_member_is_needed_and_no_other_is_known() {
        int changed = 0;
        for (Json without : variants(Json.parse(STATEMENT), Change.REMOVE)) {
            refused(without.canonical());
            changed++;
        }
        for (Json with : variants(Json.parse(STATEMENT), Change.ADD)) {
            refused(with.canonical());
        }
        assertThat(changed).isGreaterThan(40);
    }

    @Test
    void another_spelling_of_the_same_is_refused() {
        refused(STATEMENT.replace("{\"_type\"", "{ \"_type\""));
        refused(STATEMENT.replace("\"openjdk 25\"", "\"openjdk\\u002025\""));
        refused(STATEMENT.replace("03:03:55Z", "03:03:55.0Z"));
        refused(STATEMENT + "\n");
    }

    @ParameterizedTest
    @CsvSource({
        "https://in-toto.io/Statement/v1, https://in-toto.io/Statement/v0.1",
        "https://slsa.dev/provenance/v1, https://slsa.dev/provenance/v0.2",
        "urn:precast:compile:v1, urn:precast:compile:v2",
        "jvm-bundle/1, ''",
        "chicory@1.7.5+1, chicory@1.7.5",
        "engine-pack, engine",
        "'\"size\":6', '\"size\":-6'",
        "'\"size\":6', '\"size\":6.5'",
        "2026-01-02T03:04:04Z, yesterday",
    })
    void a_malformed_member_is_refused(String from, String to) {
        assertThat(STATEMENT).contains(from);
        refused(STATEMENT.replace(from, to));
    }

    @Test
    void the_key_digest_is_that_of_the_parameters() {
        String key = Samples.key().digest().hex();
        assertThat(STATEMENT).contains(key);
        assertRefused(
                        Check.STATEMENT,
                        () -> Statement.fromJson(bytes(
                                STATEMENT.replace(key, Digest.of(new byte[0]).hex()))))
                .hasMessageContaining(
                        "subject artifact-key: expected " + Samples.key().digest());
    }

    private enum Change {
        ADD,
        REMOVE
    }

    /**
     * The value without one member, or with an additional member in one object. The config is left out, since its
     * members are free.
     */
    private static List<Json> variants(Json value, Change change) {
        List<Json> all = new ArrayList<>();
        if (value instanceof JsonObject object) {
            if (change == Change.ADD) {
                all.add(object.with("zz", 1));
            }
            for (Map.Entry<String, Json> member : object.members().entrySet()) {
                if (change == Change.REMOVE) {
                    Map<String, Json> fewer = new TreeMap<>(object.members());
                    fewer.remove(member.getKey());
                    all.add(new JsonObject(fewer));
                }
                if (!member.getKey().equals("config")) {
                    for (Json inner : variants(member.getValue(), change)) {
                        all.add(object.with(member.getKey(), inner));
                    }
                }
            }
        } else if (value instanceof Json.Array array) {
            for (int i = 0; i < array.items().size(); i++) {
                for (Json inner : variants(array.items().get(i), change)) {
                    List<Json> items = new ArrayList<>(array.items());
                    items.set(i, inner);
                    all.add(Json.of(items));
                }
            }
        }
        return all;
    }

    private static void refused(String statement) {
        assertRefused(Check.STATEMENT, () -> Statement.fromJson(bytes(statement)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
