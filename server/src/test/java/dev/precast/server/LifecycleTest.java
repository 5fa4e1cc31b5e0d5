package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    @Test
    void a_part_that_cannot_be_closed_leaves_no_other_part_open() {
        List<String> closed = new ArrayList<>();
        List<AutoCloseable> parts = List.of(
                () -> {
                    throw new IOException("first");
                },
                () -> closed.add("second"),
                () -> {
                    throw new IllegalStateException("third");
                },
                () -> closed.add("fourth"));

        assertThatThrownBy(() -> Lifecycle.closeAll(parts))
                .hasMessage("first")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(closed).containsExactly("second", "fourth");
    }
}
