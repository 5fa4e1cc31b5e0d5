package dev.precast.testkit.contract;

import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import java.time.InstantSource;
import java.util.List;

class InProcessWorkersTest extends WorkersContract {
    @Override
    protected Workers fresh(InstantSource clock) {
        return new InProcessWorkers(clock);
    }

    @Override
    protected List<WorkerNotice> alive(Workers asked, int expected) {
        return asked.alive();
    }
}
