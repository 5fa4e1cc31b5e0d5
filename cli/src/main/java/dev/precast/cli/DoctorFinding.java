package dev.precast.cli;

import dev.precast.json.JsonObject;
import java.util.Locale;

/**
 * The result of one check of {@code doctor}.
 *
 * @param exit exit code of the command if this is the first failure
 */
record DoctorFinding(Health health, String check, String detail, Exit exit) {
    /** From good to bad. */
    enum Health {
        OK,
        WARN,
        FAIL
    }

    static DoctorFinding ok(String check, String detail) {
        return new DoctorFinding(Health.OK, check, detail, Exit.OK);
    }

    static DoctorFinding warn(String check, String detail) {
        return new DoctorFinding(Health.WARN, check, detail, Exit.OK);
    }

    static DoctorFinding fail(String check, Exit exit, String detail) {
        return new DoctorFinding(Health.FAIL, check, detail, exit);
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("check", check)
                .with("health", health.name().toLowerCase(Locale.ROOT))
                .with("detail", detail);
    }

    String line() {
        return String.format(Locale.ROOT, "%-5s %-11s %s", health.name().toLowerCase(Locale.ROOT), check, detail);
    }
}
