package dev.precast.server;

import dev.precast.api.rest.UploadGate;
import dev.precast.cache.Compilations;
import dev.precast.cache.damage.Checks;
import dev.precast.cache.damage.Scrub;
import jakarta.inject.Singleton;
import java.util.List;

/** What an API node does in the background. */
@Singleton
record ApiWork(Compilations compilations, UploadGate uploads, Checks checks, Scrub scrub) implements AutoCloseable {
    @Override
    public void close() throws Exception {
        Lifecycle.closeAll(List.of(scrub, compilations, uploads, checks));
    }
}
