package dev.precast.testkit.contract;

import dev.precast.cache.queue.DeadLetters;
import dev.precast.cache.queue.InProcessDeadLetters;

class InProcessDeadLettersTest extends DeadLettersContract {
    @Override
    protected DeadLetters empty() {
        return new InProcessDeadLetters();
    }
}
