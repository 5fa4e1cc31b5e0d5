package dev.precast.api.rest;

import dev.precast.api.auth.Caller;
import dev.precast.api.auth.Tokens;
import java.util.Optional;

/**
 * The access rules for all requests.
 *
 * @param api whether there is an API; otherwise only health and metrics are served
 * @param loopback whether {@code Host} and {@code Origin} must be loopback names
 * @param tokens the accepted tokens
 * @param anonymous the caller of requests without a token; empty if they are refused
 */
public record AccessRules(boolean api, boolean loopback, Tokens tokens, Optional<Caller> anonymous) {}
