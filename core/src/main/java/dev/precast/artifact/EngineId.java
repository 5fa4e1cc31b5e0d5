package dev.precast.artifact;

import java.lang.module.ModuleDescriptor.Version;

/**
 * An engine's name, exact version and pack revision, written {@code chicory@1.7.5+1}.
 *
 * <p>Each change of the pack's compile side or bundle writer needs a higher revision. Engines are ordered by name, then
 * version (see {@link Version}), then revision.
 *
 * @param name 1 to 32 lower-case letters, digits and hyphens, starting with a letter
 * @param version 1 to 64 letters, digits, dots and hyphens, starting with a digit
 * @param revision 1 to 999,999
 */
public record EngineId(String name, String version, int revision) implements Comparable<EngineId> {
    private static final int MAX_NAME = 32;
    private static final int MAX_VERSION = 64;
    private static final int MAX_REVISION = 999_999;

    /** @throws IllegalArgumentException if a part has another form; the message names the part */
    public EngineId {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "engine name: expected 1 to 32 lower-case letters, digits and hyphens, starting with a letter, "
                            + "found " + Text.quoted(name));
        }
        if (!isVersion(version)) {
            throw new IllegalArgumentException(
                    "engine version: expected a version such as 1.7.5, found " + Text.quoted(version));
        }
        if (revision < 1 || revision > MAX_REVISION) {
            throw new IllegalArgumentException("engine revision: expected 1 to 999999, found " + revision);
        }
    }

    /**
     * Parses {@code name@version+revision}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static EngineId parse(String text) {
        int at = text.indexOf('@');
        int plus = text.indexOf('+');
        if (at < 1 || plus < at + 2 || !isRevision(text, plus + 1)) {
            throw new IllegalArgumentException(
                    "engine: expected name@version+revision such as chicory@1.7.5+1, found " + Text.quoted(text));
        }
        return new EngineId(
                text.substring(0, at), text.substring(at + 1, plus), Integer.parseInt(text.substring(plus + 1)));
    }

    /** Whether {@code text} is a valid engine name. */
    public static boolean isName(String text) {
        return Text.isName(text, MAX_NAME, "-");
    }

    private static boolean isRevision(String text, int from) {
        int digits = text.length() - from;
        if (digits < 1 || digits > 6 || text.charAt(from) == '0') {
            return false;
        }
        for (int i = from; i < text.length(); i++) {
            if (!Text.isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isVersion(String text) {
        if (text.isEmpty() || text.length() > MAX_VERSION || !Text.isDigit(text.charAt(0))) {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Text.isDigit(c) && !Text.isLower(c) && (c < 'A' || c > 'Z') && c != '.' && c != '-') {
                return false;
            }
        }
        try {
            Version.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public int compareTo(EngineId other) {
        int byName = name.compareTo(other.name);
        if (byName != 0) {
            return byName;
        }
        int byVersion = Version.parse(version).compareTo(Version.parse(other.version));
        return byVersion != 0 ? byVersion : Integer.compare(revision, other.revision);
    }

    /** {@code name@version+revision}. */
    @Override
    public String toString() {
        return name + "@" + version + "+" + revision;
    }
}
