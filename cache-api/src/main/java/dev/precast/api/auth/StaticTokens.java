package dev.precast.api.auth;

import dev.precast.artifact.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tokens from a file that contains the SHA-256 of each token, not the token. The lookup by digest has no timing side
 * channel that helps to guess tokens.
 */
public final class StaticTokens implements Tokens {
    private final Map<Digest, Caller> callers = new HashMap<>();

    /**
     * Reads lines {@code <sha256 of the token, 64 hex> <name> <role>[,<role>…]}. Skips empty lines and lines that start
     * with #.
     *
     * @throws IllegalArgumentException if a line is malformed; the message contains its number
     */
    public StaticTokens(List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                read(line, i + 1);
            }
        }
    }

    private void read(String line, int number) {
        String[] parts = line.split("\\s+");
        if (parts.length != 3) {
            throw new IllegalArgumentException(
                    "tokens line " + number + ": expected digest, name and roles, found " + parts.length + " words");
        }
        Digest digest;
        try {
            digest = new Digest(parts[0]);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tokens line " + number + ": " + e.getMessage(), e);
        }
        Set<Role> roles = new HashSet<>();
        for (String label : parts[2].split(",", -1)) {
            roles.add(Role.find(label)
                    .orElseThrow(() -> new IllegalArgumentException("tokens line " + number
                            + ": expected roles among read, module-read, upload, request, admin, found \"" + label
                            + "\"")));
        }
        if (callers.put(digest, new Caller(parts[1], roles)) != null) {
            throw new IllegalArgumentException("tokens line " + number + ": duplicate digest");
        }
    }

    @Override
    public Optional<Caller> caller(String token) {
        return Optional.ofNullable(callers.get(Digest.of(token.getBytes(StandardCharsets.UTF_8))));
    }
}
