package dev.precast.api.rest;

import dev.precast.api.auth.Tokens;
import java.util.Optional;

/**
 * What is checked of every request.
 *
 * @param loopback whether {@code Host} and {@code Origin} must be loopback names
 * @param tokens who may come in; empty lets everybody do everything
 */
public record AccessRules(boolean loopback, Optional<Tokens> tokens) {}
