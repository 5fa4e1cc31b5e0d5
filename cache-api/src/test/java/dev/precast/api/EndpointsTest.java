package dev.precast.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.api.json.WarmupRequests;
import dev.precast.api.message.Endpoints;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.VerifyingKey;
import dev.precast.cache.Compilations;
import dev.precast.cache.Fixture;
import dev.precast.cache.KeyStates;
import dev.precast.cache.Lookups;
import dev.precast.cache.PolicySource;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.message.Endpoint.Message;
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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The endpoints that answer NATS messages accept and answer the JSON of the wire protocol. */
class EndpointsTest {
    private final Fixture fixture = new Fixture();
    private final Compilations compilations = fixture.compilations(fixture.clock);
    private final Endpoints endpoints = new Endpoints(
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES),
            Validation.buildDefaultValidatorFactory().getValidator());
    private final Endpoint compile = endpoints.compile(compilations, fixture.clock);
    private final Endpoint lookup = endpoints.lookup(new Lookups(fixture.states, fixture.modules, fixture.usages));

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
    void a_present_artifact_comes_with_its_attestation() throws Exception {
        fixture.publish();

        JsonObject answer = answer(compile, request());
        assertThat(answer.string("state")).isEqualTo("present");
        assertThat(answer.string("href")).startsWith("/v1/artifacts/");
        assertThat(answer.object("attestation").string("payloadType")).isEqualTo("application/vnd.in-toto+json");
    }

    @Test
    void problems_have_the_codes_of_REST() {
        Error unknown = refusal(compile, request().canonical());
        assertThat(unknown.status()).isEqualTo("404");
        assertThat(unknown.code()).isEqualTo("module-unknown");
        assertThat(unknown.problem().string("type")).isEqualTo("urn:precast:problem:module-unknown");

        fixture.after(Duration.ofSeconds(3));
        fixture.fail();
        fixture.after(Duration.ofMillis(900));
        Error failed = refusal(compile, request().canonical());
        assertThat(failed.code()).isEqualTo("compilation-failed");
        assertThat(failed.retryAfter()).as("59.1 s").isEqualTo("60");
    }

    @Test
    void a_failing_store_is_a_temporary_problem() {
        fixture.documents.failing = true;

        Error refusal = refusal(compile, request().canonical());
        assertThat(refusal.code()).isEqualTo("store-unavailable");
        assertThat(refusal.retryAfter()).isEqualTo("5");
    }

    @Test
    void without_a_trust_policy_the_answer_is_a_problem_with_a_retry_time(@TempDir Path folder) {
        VerifyingKey root = fixture.key.verifyingKey();
        PolicySource none = new PolicySource(new TrustRoot(root), fixture.documents, folder.resolve("policy.version"));
        KeyStates states = new KeyStates(
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

        Error refusal =
                refusal(endpoints.lookup(new Lookups(states, fixture.modules, fixture.usages)), asked.canonical());
        assertThat(refusal.status()).isEqualTo("503");
        assertThat(refusal.code()).isEqualTo("no-policy");
        assertThat(refusal.retryAfter()).isEqualTo("5");
        assertThat(refusal.problem().string("detail")).contains("expected one that is signed by root " + root.id());
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
            Error refusal = refusal(compile, body);
            assertThat(refusal.code()).as(body).isEqualTo("bad-request");
            assertThat(refusal.problem().canonical()).doesNotContain("Exception", "dev.precast");
        }
    }

    @Test
    void a_lookup_returns_states_and_enqueues_nothing() throws Exception {
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
            Endpoint warmup = endpoints.warmup(new WarmupRequests(warmups, lists, fixture.usages));

            JsonObject begun = answer(warmup, JsonObject.EMPTY.with("lists", Json.ofStrings(List.of(list))));
            assertThat(warmups.find(begun.string("id"))).isPresent();
            assertThat(begun.integer("total", 0, 10)).isEqualTo(1);

            assertThat(refusal(warmup, "{}").code()).isEqualTo("bad-request");
            assertThat(refusal(warmup, "{\"lists\":[\"x\"]}").code()).isEqualTo("bad-request");
            Error unknown =
                    refusal(warmup, "{\"lists\":[\"" + fixture.artifact.module().digest() + "\"]}");
            assertThat(unknown.status()).isEqualTo("404");
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
        Message answer = endpoint.answer(new Message(request.canonical().getBytes(UTF_8), Map.of()));
        assertThat(answer.headers()).as(new String(answer.body(), UTF_8)).isEmpty();
        return Json.parse(answer.body()).asObject("answer");
    }

    private static Error refusal(Endpoint endpoint, String request) {
        Message answer = endpoint.answer(new Message(request.getBytes(UTF_8), Map.of()));
        JsonObject problem = Json.parse(answer.body()).asObject("problem");
        Error error = new Error(
                answer.headers().get("Nats-Service-Error-Code").getFirst(),
                answer.headers().get("Nats-Service-Error").getFirst(),
                answer.headers().getOrDefault("Retry-After", List.of("")).getFirst(),
                problem);
        assertThat(problem.string("code")).isEqualTo(error.code());
        assertThat(problem.get("status")).isEqualTo(Json.of(Integer.parseInt(error.status())));
        return error;
    }

    private record Error(String status, String code, String retryAfter, JsonObject problem) {}
}
