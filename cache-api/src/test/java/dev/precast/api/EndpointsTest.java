package dev.precast.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.api.json.WarmupRequests;
import dev.precast.api.message.CompileEndpoint;
import dev.precast.api.message.JsonBodies;
import dev.precast.api.message.LookupEndpoint;
import dev.precast.api.message.WarmupEndpoint;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.VerifyingKey;
import dev.precast.cache.Compilations;
import dev.precast.cache.Fixture;
import dev.precast.cache.KeyStates;
import dev.precast.cache.Lookups;
import dev.precast.cache.PolicySource;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.warmup.ModuleLists;
import dev.precast.cache.warmup.Warmups;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LaneJson;
import jakarta.validation.Validation;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The endpoints for messages: the JSON of the wire protocol, without HTTP. */
class EndpointsTest {
    private final Fixture fixture = new Fixture();
    private final Compilations compilations = fixture.compilations(fixture.clock);
    private final JsonBodies bodies = new JsonBodies(
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES),
            Validation.buildDefaultValidatorFactory().getValidator());
    private final Endpoint compile = new CompileEndpoint(bodies, compilations, fixture.clock);
    private final Endpoint lookup =
            new LookupEndpoint(bodies, new Lookups(fixture.states, fixture.modules, fixture.usages));

    @AfterEach
    void close() {
        compilations.close();
    }

    @Test
    void a_request_is_queued_and_the_answer_says_so() throws Exception {
        fixture.moduleStore.put(new ByteArrayInputStream(Fixture.WASM), null, 100);

        assertThat(answer(compile, request()))
                .isEqualTo(JsonObject.EMPTY
                        .with("key", fixture.artifact.digest().toString())
                        .with("state", "compiling"));
        assertThat(fixture.queue.holds(fixture.artifact)).isTrue();
    }

    @Test
    void what_is_there_comes_with_its_attestation() throws Exception {
        fixture.publish();

        JsonObject answer = answer(compile, request());
        assertThat(answer.string("state")).isEqualTo("present");
        assertThat(answer.string("href")).startsWith("/v1/artifacts/");
        assertThat(answer.object("attestation").string("payloadType")).isEqualTo("application/vnd.in-toto+json");
    }

    @Test
    void problems_have_the_codes_of_REST() {
        Endpoint.Refusal unknown = refusal(compile, request().canonical());
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.code()).isEqualTo("module-unknown");
        assertThat(Json.parse(unknown.body()).asObject("problem").string("type"))
                .isEqualTo("urn:precast:problem:module-unknown");

        fixture.after(Duration.ofSeconds(3));
        fixture.fail();
        Endpoint.Refusal failed = refusal(compile, request().canonical());
        assertThat(failed.code()).isEqualTo("compilation-failed");
        assertThat(failed.retryAfter()).contains(Duration.ofSeconds(60));
    }

    @Test
    void a_store_that_fails_is_a_problem_that_passes() {
        fixture.documents.failing = true;

        Endpoint.Refusal refusal = refusal(compile, request().canonical());
        assertThat(refusal.code()).isEqualTo("store-unavailable");
        assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(5));
    }

    @Test
    void without_a_trust_policy_the_answer_says_so_and_that_one_may_come(@TempDir Path folder) {
        VerifyingKey root = fixture.key.verifyingKey();
        PolicySource none = new PolicySource(new TrustRoot(root), fixture.documents, folder.resolve("policy.version"));
        KeyStates standings = new KeyStates(
                fixture.artifacts,
                fixture.outcomes,
                fixture.engines,
                fixture.queue,
                none,
                fixture.clock,
                fixture.ticker);
        JsonObject asked = JsonObject.EMPTY
                .with(
                        "modules",
                        Json.ofStrings(List.of(fixture.artifact.module().toString())))
                .with("lanes", Json.of(List.of(LaneJson.write(fixture.artifact.lane()))));

        Endpoint.Refusal refusal = refusal(
                new LookupEndpoint(bodies, new Lookups(standings, fixture.modules, fixture.usages)), asked.canonical());
        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.code()).isEqualTo("no-policy");
        assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(5));
        assertThat(Json.parse(refusal.body()).asObject("problem").string("detail"))
                .contains("none was read yet that root " + root.id());
    }

    @Test
    void bodies_are_read_strictly() {
        for (String body : new String[] {
            "",
            "null",
            "[]",
            "{",
            "{}",
            request().with("more", 1).canonical(),
            request().with("priority", "cold").canonical(),
            request().with("module", "sha256:1").canonical()
        }) {
            Endpoint.Refusal refusal = refusal(compile, body);
            assertThat(refusal.code()).as(body).isEqualTo("bad-request");
            assertThat(new String(refusal.body(), UTF_8)).doesNotContain("Exception", "dev.precast");
        }
    }

    @Test
    void a_lookup_says_what_is_known_and_enqueues_nothing() throws Exception {
        fixture.moduleStore.put(new ByteArrayInputStream(Fixture.WASM), null, 100);
        JsonObject asked = JsonObject.EMPTY
                .with(
                        "modules",
                        Json.ofStrings(List.of(fixture.artifact.module().toString())))
                .with("lanes", Json.of(List.of(LaneJson.write(fixture.artifact.lane()))));

        assertThat(answer(lookup, asked).array("results"))
                .containsExactly(JsonObject.EMPTY
                        .with("module", fixture.artifact.module().toString())
                        .with("state", "absent")
                        .with("lane", 0)
                        .with("stored", Json.of(true)));
        assertThat(fixture.queue.depth()).isZero();
    }

    @Test
    void a_warm_up_begins_by_the_name_of_a_list_and_the_answer_says_how_far_it_is() throws Exception {
        ModuleLists lists = new ModuleLists(fixture.documents, fixture.clock);
        String list = lists.put(List.of(fixture.artifact.module())).toString();
        try (Warmups warmups = fixture.warmups(compilations, lists, Duration.ofDays(1))) {
            Endpoint warmup = new WarmupEndpoint(bodies, new WarmupRequests(warmups, lists, fixture.usages));

            JsonObject begun = answer(warmup, JsonObject.EMPTY.with("lists", Json.ofStrings(List.of(list))));
            assertThat(warmups.find(begun.string("id"))).isPresent();
            assertThat(begun.integer("total", 0, 10)).isEqualTo(1);

            assertThat(refusal(warmup, "{}").code()).isEqualTo("bad-request");
            assertThat(refusal(warmup, "{\"lists\":[\"x\"]}").code()).isEqualTo("bad-request");
            Endpoint.Refusal unknown =
                    refusal(warmup, "{\"lists\":[\"" + fixture.artifact.module().digest() + "\"]}");
            assertThat(unknown.status()).isEqualTo(404);
            assertThat(unknown.code()).isEqualTo("list-unknown");
        }
    }

    private JsonObject request() {
        return JsonObject.EMPTY
                .with("module", fixture.artifact.module().toString())
                .with("engine", fixture.lane.engine().toString())
                .with("engineHash", fixture.lane.engineHash().toString())
                .with("config", fixture.lane.config().hash().toString())
                .with("target", fixture.lane.target().toString());
    }

    private static JsonObject answer(Endpoint endpoint, JsonObject request) {
        Endpoint.Reply reply = endpoint.answer(request.canonical().getBytes(UTF_8), List.of());
        assertThat(reply).as(new String(reply.body(), UTF_8)).isInstanceOf(Endpoint.Answer.class);
        return Json.parse(reply.body()).asObject("answer");
    }

    private static Endpoint.Refusal refusal(Endpoint endpoint, String request) {
        return (Endpoint.Refusal) endpoint.answer(request.getBytes(UTF_8), List.of());
    }
}
