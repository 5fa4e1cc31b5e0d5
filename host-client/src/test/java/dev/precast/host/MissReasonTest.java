package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.precast.attestation.Check;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Code can tell why a module is missing, by the exception and by the event. */
class MissReasonTest {
    private final Deployment deployment = new Deployment();
    private final List<PrecastEvent> events = new CopyOnWriteArrayList<>();
    private WireServer server;

    @BeforeEach
    void start() throws IOException {
        server = new WireServer();
        server.policy = deployment.policy(1).toJson();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private PrecastBuilder<BundleLoader.Loaded> host() {
        return Precast.builder(new BundleLoader())
                .service(server.uri())
                .trustRoot(deployment.rootText())
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
    void what_was_not_compiled() {
        MissReason reason = reason(host());

        assertThat(reason).isInstanceOf(MissReason.NotCompiled.class);
        assertThat(events).contains(new PrecastEvent.Miss(Deployment.module(1), reason));
    }

    @Test
    void what_the_service_rejects() {
        assertThat(reason(host().onMiss(MissPolicy.waitFor(Duration.ofSeconds(1), MissPolicy.fail()))))
                .isInstanceOfSatisfying(
                        MissReason.Rejected.class,
                        rejected -> assertThat(rejected.code()).isEqualTo("invalid-module"));
    }

    @Test
    void a_service_that_is_gone() {
        server.close();

        assertThat(reason(host()))
                .isInstanceOfSatisfying(
                        MissReason.NoSourceAnswers.class,
                        silent -> assertThat(silent.trouble().orElseThrow())
                                .contains(server.uri().toString()));
    }

    @Test
    void a_policy_that_another_root_signed_is_named_as_what_was_refused() throws Exception {
        server.add(deployment.artifact(1, 1000));

        assertThat(reason(host().trustRoot(new Deployment().rootText())))
                .isInstanceOfSatisfying(MissReason.Refused.class, refused -> {
                    assertThat(refused.check()).isEqualTo(Check.POLICY);
                    assertThat(refused.detail()).contains(server.uri() + " was refused", "expected root");
                });
    }

    @Test
    void listeners_add_up_and_one_that_throws_keeps_no_event_from_the_others() throws Exception {
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
