package dev.precast.nats;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes of reply subjects to which the service sends answers. The client chooses the reply subject of its request,
 * and the service publishes there with its own permissions, so any other subject is refused. Thread safe.
 */
final class ReplyPrefixes {
    /** Subjects that the server makes for requests from another account. The server refuses clients that name one. */
    private static final String IMPORTED = "_R_.";

    private static final int MAX_LENGTH = 255;

    private final List<String> prefixes;

    /** @param prefixes without a dot at the end, such as {@code _INBOX.host} */
    ReplyPrefixes(List<String> prefixes) {
        this.prefixes = prefixes.stream().map(prefix -> prefix + ".").toList();
    }

    /** Whether the service may answer there; also true without a reply subject, because then it answers nowhere. */
    boolean allows(@Nullable String reply) {
        return reply == null
                || (isSubject(reply)
                        && (reply.startsWith(IMPORTED) || prefixes.stream().anyMatch(reply::startsWith)));
    }

    /** Whether the text is one subject: no wildcard, no empty part. */
    private static boolean isSubject(String text) {
        if (text.length() > MAX_LENGTH || text.endsWith(".") || text.contains("..")) {
            return false;
        }
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '*' && c != '>');
    }
}
