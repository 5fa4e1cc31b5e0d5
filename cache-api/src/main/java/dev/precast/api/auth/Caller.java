package dev.precast.api.auth;

import java.util.Set;

/**
 * Who sends a request.
 *
 * @param name for logs
 * @param roles what they may do
 */
public record Caller(String name, Set<Role> roles) {
    /** Everybody on loopback, where no authentication is configured. */
    public static final Caller LOCAL = new Caller("local", Role.ALL);

    public Caller {
        roles = Set.copyOf(roles);
    }

    /** Whether the caller has the role; an admin has all. */
    public boolean has(Role role) {
        return roles.contains(role) || roles.contains(Role.ADMIN);
    }
}
