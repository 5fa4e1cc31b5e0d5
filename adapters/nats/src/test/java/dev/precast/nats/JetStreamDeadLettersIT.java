package dev.precast.nats;

import dev.precast.cache.queue.DeadLetters;
import dev.precast.testkit.contract.DeadLettersContract;
import org.junit.jupiter.api.extension.RegisterExtension;

class JetStreamDeadLettersIT extends DeadLettersContract {
    @RegisterExtension
    private static final LinkedServer NATS = new LinkedServer();

    @Override
    protected DeadLetters empty() throws Exception {
        if (NATS.link().connection().jetStreamManagement().getStreamNames().contains(Streams.DEAD)) {
            NATS.link().connection().jetStreamManagement().deleteStream(Streams.DEAD);
        }
        return new JetStreamDeadLetters(NATS.link(), QueueConfig.DEFAULT);
    }
}
