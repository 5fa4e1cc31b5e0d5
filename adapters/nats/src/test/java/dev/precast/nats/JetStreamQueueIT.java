package dev.precast.nats;

import dev.precast.cache.queue.CompileQueue;
import dev.precast.testkit.contract.CompileQueueContract;
import dev.precast.testkit.server.NatsServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Each test has its own server, because a stream that is created again under its old name may keep some state. */
@Execution(ExecutionMode.CONCURRENT)
class JetStreamQueueIT extends CompileQueueContract {
    @TempDir
    private Path folder;

    private NatsServer server;
    private NatsLink link;

    @Override
    protected CompileQueue emptyQueue() throws Exception {
        server = NatsServer.start(folder);
        link = Links.to(server);
        return new JetStreamQueue(link, new QueueConfig(1_000, QueueConfig.DEFAULT.ackWait(), 1));
    }

    @AfterEach
    void stop() throws Exception {
        link.close();
        server.close();
    }
}
