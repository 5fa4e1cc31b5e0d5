package dev.precast.compile;

class InProcessDeadLettersTest extends DeadLettersContract {
    @Override
    protected DeadLetters empty() {
        return new InProcessDeadLetters();
    }
}
