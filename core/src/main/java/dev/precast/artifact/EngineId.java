package dev.precast.artifact;

import java.lang.module.ModuleDescriptor.Version;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An engine by name, exact version and revision of its pack, written {@code chicory@1.7.5+1}.
 *
 * <p>The revision rises with any change of a pack's compile side or bundle writer. Ordered by name, then version as
 * {@link Version} orders, then revision.
 *
 * @param name lower-case letters, digits and hyphens, at most 32, a letter first
 * @param version digits first, then letters, digits, dots and hyphens, at most 64
 * @param revision 1 to 999,999
 */
public record EngineId(String name, String version, int revision) implements Comparable<EngineId> {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern VERSION = Pattern.compile("[0-9][0-9A-Za-z.-]{0,63}");
    private static final Pattern TEXT = Pattern.compile("([^@+]+)@([^@+]+)\\+([1-9][0-9]{0,5})");

    /** @throws IllegalArgumentException if a part is out of its range, which the message names */
    public EngineId {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "engine name: expected lower-case letters, digits and hyphens, found " + Text.quoted(name));
        }
        if (!VERSION.matcher(version).matches() || !isVersion(version)) {
            throw new IllegalArgumentException(
                    "engine version: expected a version such as 1.7.5, found " + Text.quoted(version));
        }
        if (revision < 1 || revision > 999_999) {
            throw new IllegalArgumentException("engine revision: expected 1 to 999999, found " + revision);
        }
    }

    /**
     * Reads {@code name@version+revision}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static EngineId parse(String text) {
        Matcher m = TEXT.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException(
                    "engine: expected name@version+revision such as chicory@1.7.5+1, found " + Text.quoted(text));
        }
        return new EngineId(m.group(1), m.group(2), Integer.parseInt(m.group(3)));
    }

    /** Whether {@code text} can name an engine. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    private static boolean isVersion(String text) {
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
