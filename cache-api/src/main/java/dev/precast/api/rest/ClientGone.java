package dev.precast.api.rest;

import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.regex.Pattern;

/** Recognizes that a request failed because its client closed the connection, which is not the server's fault. */
final class ClientGone {
    /** The texts of Linux, macOS and Vert.x; the type of these exceptions says no more than input or output. */
    private static final Pattern TEXT =
            Pattern.compile("(?i)broken pipe|connection reset|connection (was |has been )?closed");

    private ClientGone() {}

    static boolean is(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpClosedException
                    || cause instanceof ClosedChannelException
                    || (cause instanceof IOException
                            && TEXT.matcher(String.valueOf(cause.getMessage())).find())) {
                return true;
            }
        }
        return false;
    }
}
