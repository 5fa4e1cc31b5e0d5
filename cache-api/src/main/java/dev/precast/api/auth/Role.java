package dev.precast.api.auth;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A permission of callers. */
public enum Role {
    /**
     * Look up modules; read artifacts, attestations, engines, the trust policy, states of compilations and warm-ups,
     * and usage; report usage.
     */
    READ,
    /** Download modules. */
    MODULE_READ,
    /** Upload modules. */
    UPLOAD,
    /** Request compilations, store module lists, start and cancel warm-ups. */
    REQUEST,
    /** All other roles; replace the trust policy, retire artifacts and lanes, list and retry dead letters. */
    ADMIN;

    /** All roles. */
    public static final Set<Role> ALL = Set.of(values());

    /** The name of the role in tokens and token files: lower case with hyphens. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The role with this label, if there is one. */
    public static Optional<Role> find(String label) {
        for (Role role : values()) {
            if (role.label().equals(label)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
