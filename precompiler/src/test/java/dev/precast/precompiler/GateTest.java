package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.precompiler.Way.Knock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GateTest {
    private SeccompFilter filter;
    private Gate gate;
    private Process process;

    @BeforeEach
    void needs_a_kernel_with_gates() {
        SeccompFilter.Support support = SeccompFilter.detect();
        assumeTrue(support instanceof SeccompFilter.Support.Available, support::toString);
        filter = ((SeccompFilter.Support.Available) support).filter();
    }

    @AfterEach
    void stop() {
        process.destroyForcibly();
    }

    @Test
    void a_child_waits_until_it_may_go_on() throws Exception {
        start("kill -0 2147483647; echo on");
        assertThat(process.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();

        gate.pass(process, Knock.SHELL, pid -> assertThat(pid).isEqualTo(process.pid()));
        gate.close();

        assertThat(said()).isEqualTo("on\n");
    }

    @Test
    void a_closed_gate_stays_closed() throws Exception {
        start("kill -0 2147483647; kill -0 2147483647; /usr/bin/unshare --user true; echo $?");
        gate.pass(process, Knock.SHELL, pid -> {});
        gate.close();

        assertThat(said()).isEqualTo("1\n");
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .containsSubsequence("No such process", "Function not implemented", "Function not implemented");
    }

    @Test
    void a_child_that_ends_before_its_gate_fails_with_what_it_said() throws Exception {
        start("echo no namespace left >&2; exit 1");
        assertThatThrownBy(() -> gate.pass(process, Knock.SHELL, pid -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("no namespace left");
        gate.close();
    }

    @Test
    void another_call_than_the_expected_one_fails() throws Exception {
        start("kill -0 2147483647");
        assertThatThrownBy(() -> gate.pass(process, Knock.UNSHARE, pid -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected unshare");
        gate.close();
    }

    @Test
    void a_call_that_the_guard_refuses_does_not_go_on() throws Exception {
        start("kill -0 2147483647 && echo on");
        assertThatThrownBy(() -> gate.pass(process, Knock.SHELL, pid -> {
                    throw new IOException("not this one");
                }))
                .hasMessage("not this one");
        gate.close();
        assertThat(said()).isEmpty();
    }

    private void start(String script) throws Exception {
        int[] listener = {0};
        FutureTask<Process> start = new FutureTask<>(() -> {
            listener[0] = filter.installOnThisThread(Way.NAMESPACES);
            return new ProcessBuilder(List.of("/bin/sh", "-c", script)).start();
        });
        Thread.ofPlatform().start(start);
        process = start.get();
        gate = filter.gate(listener[0]);
    }

    private String said() throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
