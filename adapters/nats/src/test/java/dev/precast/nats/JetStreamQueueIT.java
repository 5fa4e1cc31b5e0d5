package dev.precast.nats;

import dev.precast.compile.CompileQueue;
import dev.precast.compile.CompileQueueContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class JetStreamQueueIT extends CompileQueueContract {
    private static NatsServer server;
    private static NatsLink link;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = NatsServer.start(folder);
        link = server.link();
    }

    @AfterAll
    static void stop() throws Exception {
        link.close();
        server.close();
    }

    @Override
    protected CompileQueue emptyQueue() throws Exception {
        var management = link.connection().jetStreamManagement();
        for (String stream : management.getStreamNames()) {
            management.deleteStream(stream);
        }
        return new JetStreamQueue(link, new QueueConfig(1_000, QueueConfig.DEFAULT.patience(), 1));
    }
}
