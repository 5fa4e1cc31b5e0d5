package dev.precast.cli;

import java.time.Duration;
import java.util.Locale;

/** Formats sizes and times for people. */
final class Units {
    private static final String[] SIZES = {"B", "kB", "MB", "GB", "TB"};

    private Units() {}

    /** A size with decimal units and three digits: {@code 999 B}, {@code 16.7 MB}. */
    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < SIZES.length - 1) {
            value /= 1000;
            unit++;
        }
        return (unit == 0 || value >= 99.95 ? String.format(Locale.ROOT, "%.0f", value) : oneDigit(value)) + " "
                + SIZES[unit];
    }

    /** A time: {@code 850 ms}, {@code 14.2 s}, {@code 3 min 5 s}. */
    static String time(Duration time) {
        long ms = time.toMillis();
        if (ms < 1000) {
            return ms + " ms";
        }
        return ms < 120_000 ? oneDigit(ms / 1000.0) + " s" : ms / 60_000 + " min " + ms / 1000 % 60 + " s";
    }

    /** A number with commas between thousands. */
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String oneDigit(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
