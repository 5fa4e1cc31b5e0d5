package dev.precast.bench;

import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a fleet has used since its start.
 *
 * @param s3Calls calls of the S3 server, by node and operation: {@code api-1 GetObject}
 * @param natsMessages messages that NATS has received or sent
 * @param natsBytes bytes of these messages
 * @param compilations published compilations
 * @param cpuSeconds CPU time of all processes and their ended children
 */
record Traffic(Map<String, Long> s3Calls, long natsMessages, long natsBytes, long compilations, double cpuSeconds) {
    /** A line of the S3 server's access log: the operation, and the node as the SDK's app id. */
    private static final Pattern CALL = Pattern.compile(" s3_([A-Za-z0-9]+) .* app/([a-z]+-[0-9]+)");

    static Traffic of(Fleet fleet) throws IOException, InterruptedException {
        Map<String, Long> calls;
        try (Stream<String> lines = Files.lines(fleet.s3().accessLog(), StandardCharsets.ISO_8859_1)) {
            calls = calls(lines);
        }
        String nats = natsVariables(fleet);
        return new Traffic(
                calls,
                number(nats, "in_msgs") + number(nats, "out_msgs"),
                number(nats, "in_bytes") + number(nats, "out_bytes"),
                compilations(fleet),
                cpuSeconds(fleet));
    }

    /** The number of compilations that workers have published. */
    static long compilations(Fleet fleet) throws IOException, InterruptedException {
        double sum = 0;
        for (FleetNode node : fleet.nodes()) {
            sum += node.compiled();
        }
        return Math.round(sum);
    }

    /** CPU seconds that NATS, S3, the nodes and their ended children have used since they were started. */
    static double cpuSeconds(Fleet fleet) throws IOException {
        double sum = 0;
        for (ServerProcess process : fleet.processes().toList()) {
            sum += Resources.cpuSeconds(process.process().pid());
        }
        return sum;
    }

    /** Counts calls by node and operation. */
    static Map<String, Long> calls(Stream<String> accessLog) {
        Map<String, Long> calls = new TreeMap<>();
        accessLog.forEach(line -> {
            Matcher call = CALL.matcher(line);
            if (call.find()) {
                calls.merge(call.group(2) + " " + call.group(1), 1L, Long::sum);
            }
        });
        return calls;
    }

    private static String natsVariables(Fleet fleet) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(fleet.nats().monitor().resolve("/varz"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    private static long number(String json, String name) throws IOException {
        Matcher found = Pattern.compile("\"" + name + "\": *([0-9]+)").matcher(json);
        if (!found.find()) {
            throw new IOException("nats-server: /varz has no number " + name);
        }
        return Long.parseLong(found.group(1));
    }

    /** What was used since an earlier time. */
    Traffic since(Traffic before) {
        Map<String, Long> calls = new TreeMap<>(s3Calls);
        before.s3Calls.forEach((name, made) -> calls.merge(name, -made, Long::sum));
        calls.values().removeIf(made -> made == 0);
        return new Traffic(
                calls,
                natsMessages - before.natsMessages,
                natsBytes - before.natsBytes,
                compilations - before.compilations,
                cpuSeconds - before.cpuSeconds);
    }

    /** Calls of operations that S3 bills as reads. */
    long reads() {
        return calls(Traffic::isRead);
    }

    /** All other calls; S3 bills most of them as writes. */
    long writes() {
        return calls(call -> !isRead(call));
    }

    private static boolean isRead(String call) {
        return call.endsWith(" GetObject") || call.endsWith(" HeadObject");
    }

    private long calls(Predicate<String> wanted) {
        return s3Calls.entrySet().stream()
                .filter(call -> wanted.test(call.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("s3Calls", s3Calls);
        json.put("natsMessages", natsMessages);
        json.put("natsBytes", natsBytes);
        json.put("compilations", compilations);
        json.put("fleetCpuSeconds", cpuSeconds);
        return json;
    }
}
