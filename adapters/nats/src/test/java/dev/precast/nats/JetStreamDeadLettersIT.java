package dev.precast.nats;

import dev.precast.cache.queue.DeadLetters;
import dev.precast.testkit.contract.DeadLettersContract;
import dev.precast.testkit.server.NatsServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class JetStreamDeadLettersIT extends DeadLettersContract {
    private static NatsServer server;
    private static NatsLink link;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = NatsServer.start(folder);
        link = Links.to(server);
    }

    @AfterAll
    static void stop() throws Exception {
        link.close();
        server.close();
    }

    @Override
    protected DeadLetters empty() throws Exception {
        if (link.connection().jetStreamManagement().getStreamNames().contains(Streams.DEAD)) {
            link.connection().jetStreamManagement().deleteStream(Streams.DEAD);
        }
        return new JetStreamDeadLetters(link, QueueConfig.DEFAULT);
    }
}
