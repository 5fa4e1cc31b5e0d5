package dev.precast.cli;

import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The checks of {@code doctor} on what a service says about its own health and about the workers of its lanes. */
final class HealthChecks {
    /** Has a check of its own. */
    private static final String CONFINEMENT = "confinement";
    /** The check of the same name compares the clocks of this machine and the service. */
    private static final String CLOCK = "clock";

    private HealthChecks() {}

    /** The findings in the body of a readiness check; none if something between answered instead of the service. */
    static List<DoctorFinding> of(byte[] ready) {
        List<DoctorFinding> findings = new ArrayList<>();
        List<String> well = new ArrayList<>();
        try {
            for (Json each : Json.parse(ready).asObject("readiness").array("checks")) {
                JsonObject check = each.asObject("check");
                String name = check.string("name");
                if (!name.equals(CONFINEMENT)) {
                    add(check, name.equals(CLOCK) ? "service's clock" : name, well, findings);
                }
            }
        } catch (JsonException e) {
            return List.of();
        }
        if (!well.isEmpty()) {
            findings.addFirst(DoctorFinding.ok("health", String.join(", ", well)));
        }
        return findings;
    }

    private static void add(JsonObject check, String name, List<String> well, List<DoctorFinding> findings) {
        JsonObject data = check.find("data").isPresent() ? check.object("data") : JsonObject.EMPTY;
        String reason = data.find("reason").isPresent() ? data.string("reason") : "no reason given";
        if (!check.string("status").equals("UP")) {
            findings.add(DoctorFinding.fail(name, Exit.UNREACHABLE, reason));
        } else if (data.find("reason").isPresent()) {
            findings.add(DoctorFinding.warn(name, reason));
        } else {
            well.add(name);
        }
    }

    /** The findings about workers that take no requests, in an answer of {@code GET /v1/engines}. */
    static List<DoctorFinding> workers(JsonObject engines) {
        Set<String> troubles = new LinkedHashSet<>();
        for (Json lane : engines.array("lanes")) {
            lane.asObject("lane").find("troubles").ifPresent(found -> {
                for (Json trouble : found.asArray("troubles")) {
                    troubles.add(trouble.asString("trouble"));
                }
            });
        }
        return troubles.stream()
                .map(trouble -> DoctorFinding.warn("workers", "a worker takes no requests: " + trouble))
                .toList();
    }
}
