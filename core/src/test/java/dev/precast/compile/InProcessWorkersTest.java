package dev.precast.compile;

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
