package dev.precast.precompiler;

import java.util.List;
import java.util.Optional;

/**
 * A system call of Linux, with its number on each architecture that {@link SeccompFilter} knows.
 *
 * @param name its name in the kernel's headers
 * @param x86 its number on x86-64
 * @param arm its number on arm64; {@value #ABSENT} if arm64 does not have it
 */
record SystemCall(String name, int x86, int arm) {
    static final int ABSENT = -1;

    /** Parses a table of words {@code name=x86/arm}, in which {@code -} means absent. */
    static List<SystemCall> table(String words) {
        return List.of(words.strip().split("\\s+")).stream()
                .map(SystemCall::parse)
                .toList();
    }

    private static SystemCall parse(String word) {
        int equals = word.indexOf('=');
        int slash = word.indexOf('/');
        String arm = word.substring(slash + 1);
        return new SystemCall(
                word.substring(0, equals),
                Integer.parseInt(word.substring(equals + 1, slash)),
                arm.equals("-") ? ABSENT : Integer.parseInt(arm));
    }

    /** Its number on an architecture; {@value #ABSENT} if it does not exist there. */
    int number(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> x86;
            case ARM64 -> arm;
        };
    }

    /** An architecture of processors whose system calls are known. */
    enum Architecture {
        X86_64(0xC000003E),
        ARM64(0xC00000B7);

        private final int audit;

        Architecture(int audit) {
            this.audit = audit;
        }

        /** The kernel's constant for this architecture, AUDIT_ARCH_*. */
        int audit() {
            return audit;
        }

        /** The architecture of this machine; empty if it is another one. */
        static Optional<Architecture> ofThisMachine() {
            return switch (System.getProperty("os.arch")) {
                case "amd64" -> Optional.of(X86_64);
                case "aarch64" -> Optional.of(ARM64);
                default -> Optional.empty();
            };
        }
    }
}
