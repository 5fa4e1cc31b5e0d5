package dev.precast.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.api.json.WarmupRequests;
import dev.precast.api.message.Endpoints;
import dev.precast.cache.Compilations;
import dev.precast.cache.Lookups;
import jakarta.inject.Singleton;
import jakarta.validation.Validator;
import java.time.InstantSource;
import java.util.Map;

/** The API by messages, from the start of this bean until it is closed. In the embedded default there is none. */
@Singleton
final class MessageEndpoints implements AutoCloseable {
    private final AutoCloseable service;

    MessageEndpoints(
            Backend backend,
            ObjectMapper mapper,
            Validator validator,
            Compilations compilations,
            Lookups lookups,
            WarmupRequests warmups,
            InstantSource clock) {
        Endpoints endpoints = new Endpoints(mapper, validator);
        this.service = backend.messaging()
                .endpoints()
                .apply(Map.of(
                        "compile", endpoints.compile(compilations, clock),
                        "lookup", endpoints.lookup(lookups),
                        "warmup", endpoints.warmup(warmups)));
    }

    @Override
    public void close() throws Exception {
        service.close();
    }
}
