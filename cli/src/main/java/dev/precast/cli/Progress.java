package dev.precast.cli;

import dev.precast.artifact.VisibleText;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows the progress of a task on standard error: a bar on a terminal, otherwise a line at the start, for each note and
 * at the end.
 *
 * <p>Not thread safe.
 */
abstract sealed class Progress implements AutoCloseable {
    /** @param total in bytes or steps; -1 if unknown */
    static Progress start(Surroundings around, String task, long total) {
        return around.terminal()
                ? new Bar(around.rawErr(), VisibleText.line(task), total)
                : new Lines(around.err(), task, total);
    }

    /** Adds to the completed amount. */
    abstract void step(long by);

    /** Sets a short text about the state. */
    abstract void note(String state);

    @Override
    public abstract void close();

    /** A stream that counts the bytes read from {@code in}. */
    InputStream counting(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                int b = super.read();
                if (b >= 0) {
                    step(1);
                }
                return b;
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                int n = super.read(into, from, length);
                if (n > 0) {
                    step(n);
                }
                return n;
            }
        };
    }

    /** A stream that counts the bytes read from {@code in} and ends the progress when it is closed. */
    InputStream during(InputStream in) {
        return new FilterInputStream(counting(in)) {
            @Override
            public void close() throws IOException {
                Progress.this.close();
                super.close();
            }
        };
    }

    private static final class Bar extends Progress {
        private final ProgressBar bar;

        Bar(PrintStream err, String task, long total) {
            boolean bytes = total >= 1_000_000;
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(200)
                    .setConsumer(new ConsoleProgressBarConsumer(err))
                    .clearDisplayOnFinish()
                    .setUnit(bytes ? " MB" : "", bytes ? 1_000_000 : 1)
                    .build();
        }

        @Override
        void step(long by) {
            bar.stepBy(by);
        }

        @Override
        void note(String state) {
            bar.setExtraMessage(" " + VisibleText.line(state));
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    private static final class Lines extends Progress {
        private final PrintStream err;
        private final String task;
        private final long started = System.nanoTime();

        Lines(PrintStream err, String task, long total) {
            this.err = err;
            this.task = task;
            err.println("precast: " + task + (total >= 1000 ? ", " + Units.bytes(total) : ""));
        }

        @Override
        void step(long by) {
            // Without a terminal, steps are not shown.
        }

        @Override
        void note(String state) {
            err.println("precast: " + task + ": " + state);
        }

        @Override
        public void close() {
            err.println("precast: " + task + ": " + Units.time(Duration.ofNanos(System.nanoTime() - started)));
        }
    }
}
