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
 * Tokens from a file that holds their SHA-256 only. Looking up a digest tells nobody by its timing how near a guess
 * was.
 */
public final class StaticTokens implements Tokens {
    private final Map<Digest, Caller> callers = new HashMap<>();

    /**
     * Reads {@code <sha256 of the token, 64 hex> <name> <role>[,<role>…]}, one a line; empty lines and those that start
     * with # are skipped.
     *
     * @throws IllegalArgumentException naming the line that has another form
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
                            + ": expected roles of read, module-read, upload, request, admin, found \"" + label
                            + "\"")));
        }
        if (callers.put(digest, new Caller(parts[1], roles)) != null) {
            throw new IllegalArgumentException("tokens line " + number + ": this digest stands there twice");
        }
    }

    @Override
    public Optional<Caller> caller(String token) {
        return Optional.ofNullable(callers.get(Digest.of(token.getBytes(StandardCharsets.UTF_8))));
    }
}
