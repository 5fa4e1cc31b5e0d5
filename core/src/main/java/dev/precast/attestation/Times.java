package dev.precast.attestation;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * Reads and writes the times of signed documents: UTC, whole seconds, {@code 2026-11-21T09:30:00Z} (RFC 3339). Does not
 * use the platform's formatters, because loading them slows the start of a host.
 */
final class Times {
    private static final String FORM = "dddd-dd-ddTdd:dd:ddZ";
    private static final long SECONDS_A_DAY = 86_400;
    /** The latest time with this form: the end of the year 9999. */
    static final Instant MAX = Instant.ofEpochSecond(253_402_300_799L);

    /** Days from 0000-03-01 to 1970-01-01, plus one because the days of a month begin with 1. */
    private static final long DAYS_TO_1970 = 719_469;

    private Times() {}

    /** @throws DateTimeException if the text has another form or is not a valid time */
    static Instant parse(String text) {
        boolean fits = text.length() == FORM.length();
        for (int i = 0; fits && i < FORM.length(); i++) {
            char c = text.charAt(i);
            fits = FORM.charAt(i) == 'd' ? c >= '0' && c <= '9' : c == FORM.charAt(i);
        }
        if (!fits) {
            throw new DateTimeException("time: expected one such as 2026-11-21T09:30:00Z, found \"" + text + "\"");
        }
        LocalDate day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
        LocalTime time = LocalTime.of(number(text, 11, 13), number(text, 14, 16), number(text, 17, 19));
        return Instant.ofEpochSecond(epochDay(day) * SECONDS_A_DAY + time.toSecondOfDay());
    }

    /**
     * Days since 1970-01-01. Replaces {@link LocalDate#toEpochDay}, which loads a class that creates a formatter: about
     * 10 ms in a cold JVM. Years begin in March here, so that a leap day is the last day.
     */
    static long epochDay(LocalDate day) {
        int month = Math.floorMod(day.getMonthValue() - 3, 12);
        long year = day.getMonthValue() < 3 ? day.getYear() - 1L : day.getYear();
        long daysBefore = 365 * year + Math.floorDiv(year, 4) - Math.floorDiv(year, 100) + Math.floorDiv(year, 400);
        return daysBefore + (153 * month + 2) / 5 + day.getDayOfMonth() - DAYS_TO_1970;
    }

    /** Formats a time in the years 0 to 9999, truncated to whole seconds. */
    static String format(Instant time) {
        LocalDateTime utc = LocalDateTime.ofInstant(time.truncatedTo(ChronoUnit.SECONDS), ZoneOffset.UTC);
        String text = utc.toString();
        return text.length() == FORM.length() - 4 ? text + ":00Z" : text + "Z"; // toString omits seconds of 0.
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text.substring(from, to));
    }
}
