package dev.precast.nats;

import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.testkit.contract.WorkersContract;
import dev.precast.testkit.server.NatsServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class NatsWorkersIT extends WorkersContract {
    private static NatsServer server;
    private static NatsLink link;
    private NatsWorkers workers;

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

    @AfterEach
    void close() {
        workers.close();
    }

    @Override
    protected Workers fresh(InstantSource clock) {
        workers = new NatsWorkers(link, clock);
        workers.alive();
        return workers;
    }

    /** Messages take time, so this waits until all have arrived, and a moment longer for unexpected ones. */
    @Override
    protected List<WorkerNotice> alive(Workers asked, int expected) throws Exception {
        link.connection().flush(Duration.ofSeconds(5));
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> asked.alive().size() == expected);
        } catch (ConditionTimeoutException e) {
            return asked.alive();
        }
        Thread.sleep(100);
        return asked.alive();
    }
}
