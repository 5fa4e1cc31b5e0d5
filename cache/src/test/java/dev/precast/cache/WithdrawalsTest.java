package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.event.InProcessEvents;
import dev.precast.protocol.KeyState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Two replicas with the same stores. */
class WithdrawalsTest {
    private final Fixture fixture = new Fixture();
    private final KeyStates first = fixture.replica(fixture.artifacts);
    private final KeyStates second = fixture.replica(fixture.artifacts);

    private void bothKnowTheArtifact() throws Exception {
        fixture.publish();
        assertThat(first.of(fixture.artifact)).isInstanceOf(KeyState.Present.class);
        assertThat(second.of(fixture.artifact)).isInstanceOf(KeyState.Present.class);
    }

    @Test
    void a_withdrawn_artifact_leaves_the_caches_of_all_replicas_and_a_new_one_is_seen() throws Exception {
        InProcessEvents events = new InProcessEvents();
        try (Waiters one = new Waiters(events, first);
                Waiters other = new Waiters(events, second)) {
            bothKnowTheArtifact();
            fixture.retire();

            new Withdrawals(first, events).tell(fixture.artifact);

            assertThat(first.of(fixture.artifact)).isEqualTo(new KeyState.Absent(false));
            assertThat(second.of(fixture.artifact)).isEqualTo(new KeyState.Absent(false));

            fixture.publish();
            events.publish(new CompileEvent(fixture.artifact, CompileEvent.Kind.COMPILED));
            assertThat(first.of(fixture.artifact)).isInstanceOf(KeyState.Present.class);
            assertThat(second.of(fixture.artifact)).isInstanceOf(KeyState.Present.class);
            assertThat(one).isNotSameAs(other);
        }
    }

    @Test
    void a_replica_that_is_not_told_drops_the_artifact_after_ten_minutes() throws Exception {
        bothKnowTheArtifact();
        fixture.retire();

        new Withdrawals(first, new InProcessEvents()).tell(fixture.artifact);

        assertThat(first.of(fixture.artifact)).isEqualTo(new KeyState.Absent(false));
        fixture.after(Duration.ofMinutes(10).minusSeconds(1));
        assertThat(second.of(fixture.artifact)).isInstanceOf(KeyState.Present.class);
        fixture.after(Duration.ofSeconds(1));
        assertThat(second.of(fixture.artifact)).isEqualTo(new KeyState.Absent(false));
    }
}
