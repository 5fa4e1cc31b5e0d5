package dev.precast.api.json;

import com.github.benmanes.caffeine.cache.Interner;
import dev.precast.artifact.ConfigHash;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.cache.usage.Usages;
import dev.precast.protocol.ProblemCode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses identifiers in paths and bodies. A malformed identifier ends the request with status 400. */
public final class Names {
    /** Shares equal lanes, because many cached keys refer to few lanes. */
    private static final Interner<LaneId> LANES = Interner.newWeakInterner();

    private static final Pattern TIME = Pattern.compile("([0-9]{1,6})([smhd])");

    private Names() {}

    /** Parses a digest, with or without {@code sha256:}. */
    public static Digest digest(String text) {
        try {
            return text.startsWith("sha256:") ? Digest.parse(text) : new Digest(text);
        } catch (IllegalArgumentException e) {
            throw bad(e);
        }
    }

    public static ModuleDigest module(String text) {
        return new ModuleDigest(digest(text));
    }

    public static LaneId lane(String engine, String engineHash, String config, String target) {
        try {
            return LANES.intern(new LaneId(
                    EngineId.parse(engine),
                    new EngineHash(digest(engineHash)),
                    new ConfigHash(digest(config)),
                    new Target(target)));
        } catch (IllegalArgumentException e) {
            throw bad(e);
        }
    }

    /** Parses the name of a group of hosts. */
    public static String group(String text) {
        if (!Usages.isGroup(text)) {
            throw new ProblemException(
                    ProblemCode.BAD_REQUEST,
                    "group: expected 1 to 64 lower-case letters, digits, dots, underscores and hyphens, the first a "
                            + "letter or digit");
        }
        return text;
    }

    /** Parses a duration: a number and s, m, h or d. */
    public static Duration time(String what, String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new ProblemException(
                    ProblemCode.BAD_REQUEST, what + ": expected a number and s, m, h or d, such as 7d");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    private static ProblemException bad(IllegalArgumentException e) {
        return new ProblemException(ProblemCode.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
}
