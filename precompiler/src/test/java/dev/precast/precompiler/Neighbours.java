package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.outcome.Limits;
import dev.precast.module.StaticCaps;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The program of a JVM that measures good jobs beside four hostile children, and beside four honest children that are as
 * busy: they start as many programs, processes and threads and write as often, within their limits.
 */
final class Neighbours {
    private static final Limits LIMITS = new Limits(64, 256, 4, 10, 8);
    private static final int JOBS = 60;

    private static final String GOOD = "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; echo good > $OUT";

    private static final List<String> HOSTILE = List.of(
            "WORKER=%d; while :; do prlimit --pid $WORKER --cpu=1:1; done 2> /dev/null"
                    .formatted(ProcessHandle.current().pid()),
            """
            C='[ $1 -gt 0 ] && setsid sh -c "$0" "$0" $(($1-1)) & exit'
            sh -c "$C" "$C" 100000; sleep 3
            """,
            "exec 5<>u; rm u; while :; do head -c 1000000 /dev/zero >&5; done",
            "program 'Caller$Threads' > /dev/null 2>&1");

    /** Scripts that run about as long as the hostile ones. */
    private static final List<String> HONEST = List.of(
            "i=0; while [ $i -lt 3000 ]; do prlimit --cpu > /dev/null; i=$((i+1)); done; echo made > $OUT",
            """
            i=0; while [ $i -lt 450 ]; do sh -c 'setsid sh -c : & wait'; i=$((i+1)); done; echo made > $OUT
            """,
            "exec 5<>$OUT; i=0; while [ $i -lt 300 ]; do head -c 10000 /dev/zero >&5; i=$((i+1)); done",
            "program 'Caller$Threads' 400 2 > $OUT 2>&1");

    private final AtomicInteger number = new AtomicInteger();
    private final Worker worker;

    private Neighbours(Worker worker) {
        this.worker = worker;
    }

    /**
     * Prints how long good jobs take. Fails if a good job makes no artifact, if no hostile child is stopped, or if the
     * supervisor lacks something.
     *
     * @param arguments the worker's folder, and the number of pairs of measurements
     */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int pairs = Integer.parseInt(arguments[1]);
        AttackPack.write(folder.resolve("packs"));
        PrecompilerConfig config = Worker.config(folder, 5, LIMITS, StaticCaps.DEFAULT, Duration.ofSeconds(5));
        List<Double> honest = new ArrayList<>();
        List<Double> hostile = new ArrayList<>();
        try (Worker worker = new Worker(config, folder.resolve("store"), SigningKey.generate())) {
            Neighbours neighbours = new Neighbours(worker);
            for (int pair = 0; pair < pairs; pair++) {
                boolean honestFirst = pair % 2 == 0;
                (honestFirst ? honest : hostile).add(neighbours.beside(honestFirst ? HONEST : HOSTILE));
                (honestFirst ? hostile : honest).add(neighbours.beside(honestFirst ? HOSTILE : HONEST));
            }
            if (!worker.heard.contains("failed-output") || worker.heard.contains("error machine")) {
                throw new IllegalStateException("the worker reports " + new TreeSet<>(worker.heard));
            }
        }
        System.out.printf(
                Locale.ROOT,
                "95 %% of %d good jobs took at most, in ms, beside honest children %s, beside hostile ones %s;"
                        + " medians %.0f and %.0f, ratio %.3f%n",
                JOBS,
                honest,
                hostile,
                median(honest),
                median(hostile),
                median(hostile) / median(honest));
    }

    /** The time in milliseconds within which 95 % of good jobs end beside these children. */
    private double beside(List<String> neighbours) throws InterruptedException {
        List<Thread> busy = new ArrayList<>();
        for (String script : neighbours) {
            busy.add(Thread.ofVirtual().start(() -> repeat(script)));
        }
        Thread.sleep(1000);
        List<Double> times = new ArrayList<>();
        for (int job = 0; job < JOBS; job++) {
            long start = System.nanoTime();
            ArtifactKey key = run(GOOD);
            times.add((System.nanoTime() - start) / 1e6);
            if (worker.stores.artifacts().find(key).isEmpty()) {
                throw new IllegalStateException("a good job made no artifact");
            }
        }
        for (Thread thread : busy) {
            thread.interrupt();
        }
        for (Thread thread : busy) {
            thread.join();
        }
        Collections.sort(times);
        return Math.rint(times.get((int) Math.ceil(0.95 * times.size()) - 1));
    }

    /** Runs a script again and again until this thread is interrupted; the last run ends first. */
    private void repeat(String script) {
        while (!Thread.interrupted()) {
            ArtifactKey key = start(script);
            boolean interrupted = false;
            while (worker.queue.holds(key)) {
                try {
                    Thread.sleep(5);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                return;
            }
        }
    }

    private ArtifactKey run(String script) throws InterruptedException {
        ArtifactKey key = start(script);
        while (worker.queue.holds(key)) {
            Thread.sleep(1);
        }
        return key;
    }

    private ArtifactKey start(String script) {
        ArtifactKey key =
                worker.upload(AttackPack.ENGINE, AttackPack.module(script + "\n# " + number.incrementAndGet()));
        worker.ask(key);
        return key;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
