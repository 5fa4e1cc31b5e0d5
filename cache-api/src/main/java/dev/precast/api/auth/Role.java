package dev.precast.api.auth;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a caller may do. */
public enum Role {
    /** Lookups, artifacts, attestations, engines, trust, state of a compilation or a warm-up; what hosts loaded, and saying it. */
    READ,
    /** The bytes of a module. */
    MODULE_READ,
    /** Put modules. */
    UPLOAD,
    /** Ask for compilations, send module lists, begin and end warm-ups. */
    REQUEST,
    /** All of that, replace the trust policy, retire artifacts and lanes, see and retry what was given up. */
    ADMIN;

    /** All roles. */
    public static final Set<Role> ALL = Set.of(values());

    /** Lower case with hyphens, as in tokens and files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The role of that label, if there is one. */
    public static Optional<Role> find(String label) {
        for (Role role : values()) {
            if (role.label().equals(label)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
