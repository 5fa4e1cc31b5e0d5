package dev.precast.api.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreFullException;
import dev.precast.protocol.ProblemCode;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void a_full_store_is_told_apart_from_one_that_does_not_answer() {
        StoreException full =
                StoreFullException.of("payload of lane secret", new IOException("No space left on device"));
        assertThat(Failures.problem(full).code()).isEqualTo(ProblemCode.STORE_FULL);
        assertThat(Failures.problem(full).detail()).contains("full").doesNotContain("secret");
    }

    @Test
    void a_store_that_refuses_is_no_mistake_of_the_client() {
        StoreException refused = new StoreException("bucket secret: 403", false, null);
        assertThat(Failures.problem(refused).code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE);
        assertThat(Failures.problem(refused).detail()).doesNotContain("secret");
    }
}
