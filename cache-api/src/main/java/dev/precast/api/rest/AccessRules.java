package dev.precast.api.rest;

import dev.precast.api.auth.Tokens;
import java.util.Optional;

/**
 * What is checked of every request.
 *
 * @param api whether there is an API; without one only health and metrics are open
 * @param loopback whether {@code Host} and {@code Origin} must be loopback names
 * @param tokens who may come in; empty lets everybody do everything
 */
public record AccessRules(boolean api, boolean loopback, Optional<Tokens> tokens) {}
