package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.cache.queue.DeadLetters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of {@link DeadLetters}. The test of each adapter extends it. */
public abstract class DeadLettersContract {
    private DeadLetters letters;

    /** An empty instance; called once per test. */
    protected abstract DeadLetters empty() throws Exception;

    @BeforeEach
    void open() throws Exception {
        letters = empty();
    }

    @Test
    void at_first_there_are_no_letters() {
        assertThat(letters.list(10)).isEmpty();
        assertThat(letters.remove(letter(1, "x").key())).isFalse();
    }

    @Test
    void letters_are_listed_from_the_oldest() {
        for (int i = 1; i <= 5; i++) {
            letters.add(letter(i, "time: more than 300 s"));
        }

        assertThat(letters.list(3)).containsExactly(letter(1), letter(2), letter(3));
        assertThat(letters.list(10)).hasSize(5);
    }

    @Test
    void the_newest_letter_of_a_key_is_kept() {
        letters.add(letter(1, "time"));
        letters.add(letter(2, "time"));
        letters.add(letter(1, "memory"));

        assertThat(letters.list(10)).containsExactly(letter(2, "time"), letter(1, "memory"));
    }

    @Test
    void a_removed_letter_is_absent_and_the_others_stay() {
        letters.add(letter(1));
        letters.add(letter(2));

        assertThat(letters.remove(letter(1).key())).isTrue();
        assertThat(letters.remove(letter(1).key())).isFalse();
        assertThat(letters.list(10)).containsExactly(letter(2));
    }

    @Test
    void a_letter_is_of_an_attempt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DeadLetter(SampleKeys.key(), "x", 0, SampleKeys.NOW))
                .withMessage("dead letter: expected at least 1 attempt, found 0");
    }

    private static DeadLetter letter(int number) {
        return letter(number, "time: more than 300 s");
    }

    private static DeadLetter letter(int number, String reason) {
        ModuleDigest module = new ModuleDigest(SampleKeys.digest("module " + number));
        return new DeadLetter(SampleKeys.LANE.id().key(module), reason, 5, SampleKeys.NOW);
    }
}
