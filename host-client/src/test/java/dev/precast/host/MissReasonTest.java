package dev.precast.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.precast.attestation.Check;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.ProblemCode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code can tell why a module is missing, by the exception and by the event. */
class MissReasonTest extends ServedHost {
    private final List<PrecastEvent> events = new CopyOnWriteArrayList<>();

    private PrecastBuilder<BundleLoader.Loaded> host() {
        return Precast.builder(new BundleLoader())
                .service(server.uri())
                .trustRoot(deployment.rootText())
                .clock(() -> clock.instant())
                .withoutListeners()
                .listener(events::add)
                .onMiss(MissPolicy.fail());
    }

    private MissReason reason(PrecastBuilder<BundleLoader.Loaded> host) {
        try (var precast = host.build()) {
            return catchThrowableOfType(
                            ArtifactMissingException.class,
                            () -> precast.load(Deployment.module(1), () -> Deployment.wasm(1)))
                    .reason();
        }
    }

    @Test
    void an_uncompiled_module() {
        MissReason reason = reason(host());

        assertThat(reason).isEqualTo(new MissReason.NoArtifact(new KeyState.Absent(false)));
        assertThat(events).contains(new PrecastEvent.Miss(Deployment.module(1), reason));
    }

    @Test
    void a_rejected_module() {
        assertThat(reason(host().onMiss(MissPolicy.waitFor(Duration.ofSeconds(1), MissPolicy.fail()))))
                .isInstanceOfSatisfying(
                        MissReason.NoArtifact.class,
                        missing -> assertThat(missing.state())
                                .isInstanceOfSatisfying(
                                        KeyState.Rejected.class,
                                        rejected -> assertThat(rejected.code()).isEqualTo("invalid-module")));
    }

    @ParameterizedTest
    @CsvSource({"503, QUEUE_FULL", "503, STORE_UNAVAILABLE", "429, TOO_MANY_REQUESTS", "409, ENGINE_NOT_SERVED"})
    void a_refused_request_has_the_problem_code(int status, ProblemCode code) {
        problem(status, code);

        assertThat(reason(host().onMiss(MissPolicy.waitFor(Duration.ofSeconds(1), MissPolicy.fail()))))
                .isEqualTo(new MissReason.NotAccepted(Optional.of(code), "said so"));
    }

    @Test
    void a_compilation_that_failed_is_a_state_of_the_key() {
        problem(503, ProblemCode.COMPILATION_FAILED);

        assertThat(reason(host().onMiss(MissPolicy.waitFor(Duration.ofSeconds(1), MissPolicy.fail()))))
                .isInstanceOfSatisfying(
                        MissReason.NoArtifact.class,
                        missing -> assertThat(missing.state()).isInstanceOf(KeyState.Failed.class));
    }

    private void problem(int status, ProblemCode code) {
        byte[] problem = ("{\"code\":\"" + code.label() + "\",\"detail\":\"said so\"}").getBytes(UTF_8);
        server.before = exchange -> {
            if (!exchange.getRequestURI().getPath().equals("/v1/compilations")) {
                return false;
            }
            WireServer.answer(exchange, status, problem);
            return true;
        };
    }

    @Test
    void an_unreachable_service() {
        server.close();

        assertThat(reason(host()))
                .isInstanceOfSatisfying(
                        MissReason.NoSourceAnswers.class,
                        silent -> assertThat(silent.trouble().orElseThrow())
                                .contains(server.uri().toString()));
    }

    @Test
    void a_policy_of_another_root_is_the_named_reason() throws Exception {
        server.add(deployment.artifact(1, 1000));

        assertThat(reason(host().trustRoot(new Deployment().rootText())))
                .isInstanceOfSatisfying(MissReason.Refused.class, refused -> {
                    assertThat(refused.check()).isEqualTo(Check.POLICY);
                    assertThat(refused.detail())
                            .contains("policy of service " + server.uri() + " refused", "signed by another root");
                });
    }

    @Test
    void all_listeners_get_events_even_if_one_throws() throws Exception {
        server.add(deployment.artifact(1, 1000));
        PrecastCounters counters = new PrecastCounters();
        PrecastListener broken = event -> {
            throw new IllegalStateException("metrics are down");
        };

        try (var precast = host().listener(broken).listener(counters).build()) {
            precast.load(Deployment.module(1), () -> Deployment.wasm(1));
        }

        assertThat(counters.hits(PrecastEvent.Tier.SOURCE)).isEqualTo(1);
        assertThat(events).contains(new PrecastEvent.Hit(Deployment.module(1), PrecastEvent.Tier.SOURCE));
    }
}
