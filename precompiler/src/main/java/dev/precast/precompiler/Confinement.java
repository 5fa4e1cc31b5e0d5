package dev.precast.precompiler;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What confines compiler processes on this system. Immutable.
 *
 * @param parts each part once
 */
public record Confinement(List<Part> parts) {
    private static final String FILES = "files";
    private static final String SYSTEM_CALLS = "system-calls";
    private static final String NAMESPACES = "namespaces";

    /** Copies the list. */
    public Confinement {
        parts = List.copyOf(parts);
    }

    /** Which parts an operator demands. */
    public enum Mode {
        /** A worker compiles only if files, system calls and namespaces are confined. */
        REQUIRED(Set.of(FILES, SYSTEM_CALLS, NAMESPACES)),
        /** A worker compiles only if files and system calls are confined. */
        BEST_EFFORT(Set.of(FILES, SYSTEM_CALLS)),
        /** A worker always compiles. */
        UNCONFINED(Set.of());

        private final Set<String> demanded;

        Mode(Set<String> demanded) {
            this.demanded = demanded;
        }
    }

    /**
     * A part of the confinement.
     *
     * @param name its name in logs, metrics and health checks
     * @param holds whether this system has it
     * @param detail what it adds, or why it is missing; for people
     */
    public record Part(String name, boolean holds, String detail) {
        /** {@code name: yes (detail)} or {@code name: no (detail)}. */
        @Override
        public String toString() {
            return name + ": " + state();
        }

        /** {@code yes (detail)} or {@code no (detail)}. */
        public String state() {
            return (holds ? "yes" : "no") + " (" + detail + ")";
        }
    }

    /**
     * The confinement by these means.
     *
     * @param failures why better ways than {@code way} do not work, best way first
     */
    static Confinement of(
            Landlock.Support landlock,
            SeccompFilter.Support filter,
            Way way,
            List<String> failures,
            Cgroups.Support cgroups) {
        return new Confinement(List.of(
                switch (landlock) {
                    case Landlock.Support.Available available ->
                        files(available.landlock().version());
                    case Landlock.Support.Missing missing -> new Part(FILES, false, missing.why());
                },
                switch (filter) {
                    case SeccompFilter.Support.Available available ->
                        new Part(SYSTEM_CALLS, true, "seccomp: only those that compilers need, no network");
                    case SeccompFilter.Support.Missing missing ->
                        new Part(
                                SYSTEM_CALLS,
                                false,
                                missing.why() + "; children can change limits of this process, modes of its files, and"
                                        + " use the network");
                },
                way == Way.DIRECT
                        ? new Part("limits", false, "set a moment after the start: " + failures.getLast())
                        : new Part("limits", true, "from the first instruction"),
                way == Way.NAMESPACES
                        ? new Part(NAMESPACES, true, "user, network, IPC, processes")
                        : new Part(NAMESPACES, false, failures.getFirst()),
                switch (cgroups) {
                    case Cgroups.Support.Available available ->
                        new Part("cgroup", true, "memory, processes and CPU time of each child");
                    case Cgroups.Support.Missing missing -> new Part("cgroup", false, missing.why());
                }));
    }

    private static Part files(int version) {
        return Landlock.tooOld(version)
                .map(why -> new Part(FILES, false, why))
                .orElseGet(() -> new Part(FILES, true, "Landlock version " + version));
    }

    /** The demanded parts that this system lacks. */
    public List<Part> missing(Mode mode) {
        return parts.stream()
                .filter(part -> mode.demanded.contains(part.name()) && !part.holds())
                .toList();
    }

    /** The given parts, for people. */
    static String text(List<Part> parts) {
        return parts.stream().map(Part::toString).collect(Collectors.joining("; "));
    }
}
