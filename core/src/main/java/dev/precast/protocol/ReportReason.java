package dev.precast.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Why a host reports an artifact. */
public enum ReportReason {
    /** The host received other bytes than the signed ones. */
    DAMAGED,
    /** The artifact is the signed one, but the engine does not load it, or refused a part of it later. */
    UNLOADABLE;

    /** Lower case, as in JSON and metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The reason with this label; empty if this version does not know it. */
    public static Optional<ReportReason> ofLabel(String label) {
        return Arrays.stream(values())
                .filter(reason -> reason.label().equals(label))
                .findFirst();
    }
}
