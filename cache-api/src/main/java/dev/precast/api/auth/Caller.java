package dev.precast.api.auth;

import java.util.Set;

/**
 * The sender of a request.
 *
 * @param name the sender's name in messages
 * @param roles the sender's roles
 * @param hasToken whether the sender sent a token; any name is allowed in a token
 */
public record Caller(String name, Set<Role> roles, boolean hasToken) {
    /** Callers with the service's own token, which exists if no authentication is configured. */
    public static final Caller LOCAL = new Caller("local", Role.ALL);

    /** Callers without a token, if no authentication is configured. */
    public static final Caller ANONYMOUS = new Caller("anonymous", Set.of(Role.READ), false);

    public Caller {
        roles = Set.copyOf(roles);
    }

    /** A sender with a token. */
    public Caller(String name, Set<Role> roles) {
        this(name, roles, true);
    }

    /** Whether the caller has the role. {@link Role#ADMIN} includes all roles. */
    public boolean has(Role role) {
        return roles.contains(role) || roles.contains(Role.ADMIN);
    }
}
