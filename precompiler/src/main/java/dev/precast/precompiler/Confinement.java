package dev.precast.precompiler;

import java.util.List;

/** What confines the children of this process. */
final class Confinement {
    private Confinement() {}

    /**
     * A part of the confinement.
     *
     * @param name its name in logs
     * @param holds whether this system has it
     * @param detail what it adds, or why it is missing
     */
    record Part(String name, boolean holds, String detail) {
        @Override
        public String toString() {
            return "confinement: " + name + ": " + (holds ? "yes" : "no") + " (" + detail + ")";
        }
    }

    /**
     * The parts.
     *
     * @param failures why better ways than {@code way} do not work, best way first
     */
    static List<Part> parts(Landlock.Support landlock, SeccompFilter.Support filter, Way way, List<String> failures) {
        return List.of(
                switch (landlock) {
                    case Landlock.Support.Available available ->
                        files(available.landlock().version());
                    case Landlock.Support.Missing missing -> new Part("files", false, missing.why());
                },
                switch (filter) {
                    case SeccompFilter.Support.Available available ->
                        new Part("system calls", true, "seccomp: only those that compilers need, no network");
                    case SeccompFilter.Support.Missing missing -> new Part("system calls", false, missing.why());
                },
                way == Way.DIRECT
                        ? new Part("limits", false, "set a moment after the start: " + failures.getLast())
                        : new Part("limits", true, "from the first instruction"),
                way == Way.NAMESPACES
                        ? new Part("namespaces", true, "user, network, IPC, processes")
                        : new Part("namespaces", false, failures.getFirst()));
    }

    private static Part files(int version) {
        return Landlock.tooOld(version)
                .map(why -> new Part("files", false, why))
                .orElseGet(() -> new Part("files", true, "Landlock version " + version));
    }
}
