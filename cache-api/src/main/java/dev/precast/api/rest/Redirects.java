package dev.precast.api.rest;

import dev.precast.api.json.Preferences;
import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentLinks;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/** Redirects clients to the store if they ask for it and the store has links. Thread safe. */
public final class Redirects {
    private final Optional<ContentLinks> links;

    /** @param links empty if no client is redirected */
    public Redirects(Optional<ContentLinks> links) {
        this.links = links;
    }

    /**
     * The redirect to a stored form. Empty if the client did not ask for one, has the bytes already, or wants a part of
     * them: then this service answers itself.
     */
    Optional<Response> of(ArtifactsResource.Form form, HttpHeaders request) {
        Digest digest = form.content().digest();
        String etag = Content.etag(digest);
        if (links.isEmpty()
                || !Preferences.redirect(request.getRequestHeader("Prefer"))
                || request.getHeaderString("Range") != null
                || Content.matches(request.getRequestHeader(HttpHeaders.IF_NONE_MATCH), etag)) {
            return Optional.empty();
        }
        return Optional.of(Response.status(Response.Status.TEMPORARY_REDIRECT)
                .header(
                        HttpHeaders.LOCATION,
                        links.get().link(digest, form.encoding()).toString())
                .header(HttpHeaders.ETAG, etag)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.VARY, "Accept-Encoding, Prefer")
                .header("Preference-Applied", "redirect")
                .build());
    }
}
