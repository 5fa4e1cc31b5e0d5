package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The port for links with which a client reads content directly from a store. Thread safe. */
public interface ContentLinks {
    /** How long a link is valid, at most. */
    Duration LONGEST = Duration.ofMinutes(5);

    /**
     * Makes a link that allows GET of one content and nothing else, for at most {@link #LONGEST}. The link is a secret,
     * because it needs no credentials. This method does not check whether the content is stored.
     *
     * @param encoding value of the header {@code Content-Encoding} in the store's answer; null for none
     * @throws StoreException if the store's credentials are not available
     */
    URI link(Digest digest, @Nullable String encoding);
}
