package dev.precast.cli;

import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What confines a worker's compiler processes, as the service's readiness check says.
 *
 * @param suffices whether the worker has what its configuration requires
 * @param parts the part's name and its state: {@code yes} or {@code no}, and why
 */
record Confinement(boolean suffices, Map<String, String> parts) {
    /** A part that few systems have, so its absence is not worth a warning. */
    private static final String OPTIONAL = "cgroup";

    /** The confinement in the body of a readiness check; empty if the service tells nothing about it. */
    static Optional<Confinement> of(byte[] body) {
        try {
            for (Json check : Json.parse(body).asObject("readiness").array("checks")) {
                JsonObject object = check.asObject("check");
                if (object.string("name").equals("confinement")
                        && object.find("data").isPresent()) {
                    Map<String, String> parts = new TreeMap<>();
                    JsonObject data = object.object("data");
                    data.members().keySet().forEach(name -> parts.put(name, data.string(name)));
                    return Optional.of(new Confinement(object.string("status").equals("UP"), parts));
                }
            }
            return Optional.empty();
        } catch (JsonException e) {
            return Optional.empty(); // Something between may answer instead of the service.
        }
    }

    /** Whether no part is missing, except those that few systems have. */
    boolean isWhole() {
        return parts.entrySet().stream()
                .allMatch(part ->
                        part.getValue().startsWith("yes") || part.getKey().equals(OPTIONAL));
    }

    /** All parts, for people. */
    String text() {
        return parts.entrySet().stream()
                .map(part -> part.getKey() + ": " + part.getValue())
                .collect(Collectors.joining("; "));
    }
}
