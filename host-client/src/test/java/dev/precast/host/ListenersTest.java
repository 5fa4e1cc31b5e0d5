package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import dev.precast.attestation.PolicyAge;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ListenersTest {
    private static final String EVIL = "x\u001b]0;title\u0007\u009b2J\u202e\r\ny";
    private static final String SHOWN = "x\\u001b]0;title\\u0007\\u009b2J\\u202e\\u000d\\u000ay";
    private static final ModuleDigest MODULE = ModuleDigest.of(new byte[1]);

    private final Logger logger = Logger.getLogger("dev.precast.host");
    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void stop() {
        logger.removeHandler(handler);
    }

    @Test
    void texts_of_a_service_are_one_line_without_control_characters_in_the_log() {
        PrecastListener log = PrecastListener.logging();

        log.on(new PrecastEvent.Refused(EVIL, Check.SIGNATURE, EVIL));
        log.on(new PrecastEvent.Degraded(EVIL));

        assertThat(logged).containsExactly("refused " + SHOWN + ": " + SHOWN, SHOWN);
    }

    @Test
    void the_log_says_when_the_policy_expires() {
        PrecastListener log = PrecastListener.logging();
        Instant end = Instant.parse("2026-04-01T00:00:00Z");

        log.on(new PrecastEvent.PolicyExpires(3, end, PolicyAge.DAYS_7));
        log.on(new PrecastEvent.PolicyExpires(3, end, PolicyAge.GRACE));

        assertThat(logged)
                .containsExactly(
                        "trust policy 3 expires at 2026-04-01T00:00:00Z; publish the next version",
                        "trust policy 3 expired at 2026-04-01T00:00:00Z; publish the next version");
    }

    @Test
    void the_message_of_a_miss_is_one_line_without_control_characters() {
        MissReason reason = new MissReason.NotLoaded(EVIL);

        assertThat(new ArtifactMissingException(MODULE, reason)).hasMessageContaining("(" + SHOWN + ")");
    }
}
