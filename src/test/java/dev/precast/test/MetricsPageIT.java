package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.module.EmptyModule;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/reference/metrics.md} matches the metrics of a server after each kind of request. */
final class MetricsPageIT {
    private static final Pattern ABOUT = Pattern.compile("# (HELP|TYPE) (\\S+) ?(.*)");
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");

    /** A metric of the server. */
    private static final class Metric {
        String type = "";
        String help = "";
        final Set<String> labels = new TreeSet<>();
    }

    @TempDir
    private Path folder;

    @Test
    void metrics_are_on_their_page() throws Exception {
        RestCalls rest = LocalService.shared().rest();
        useEverything(rest);
        Map<String, Metric> all = metrics(text(rest));
        all.putAll(metricsOfAnEdge());

        StringBuilder rows = new StringBuilder();
        all.forEach((name, metric) -> {
            assertThat(metric.help).as("description of %s", name).isNotBlank();
            String labels = metric.labels.isEmpty() ? "" : "`" + String.join("`, `", metric.labels) + "`";
            String shown = metric.type.equals("counter") ? name + "_total" : name;
            rows.append("| `%s` | %s | %s | %s | %s |\n"
                    .formatted(shown, metric.type, unit(name), labels, ReferencePage.cell(metric.help)));
        });

        new ReferencePage("metrics.md", "the metrics of a running server").check("Metrics", """
                `GET /q/metrics` answers in the text format of Prometheus. With authentication on it needs the role `read`. Besides
                the metrics below it has those of the JVM (`jvm_…`, `process_…`, `system_…`), of HTTP (`http_server_…`) and of
                Quarkus. A summary or histogram has the samples `…_count`, `…_sum` and, where buckets are configured, `…_bucket`.
                A metric appears with its first value. A node whose role is `api`, `worker` or `edge` has those of its role.

                | metric | type | unit | labels | meaning |
                | --- | --- | --- | --- | --- |
                """ + rows);
    }

    /** Makes each metric have a value: upload, lookup, compilation, download. */
    private static void useEverything(RestCalls rest) throws IOException, InterruptedException {
        Digest module = rest.upload(EmptyModule.wasm());
        JsonObject lane = rest.lane("chicory");
        assertThat(rest.compile(module, lane, 120).statusCode()).isEqualTo(200);
        String href = rest.lookup(module, lane).string("href");
        assertThat(rest.send("GET", href, null).statusCode()).isEqualTo(200);
    }

    private static String text(RestCalls rest) throws IOException, InterruptedException {
        return new String(rest.send("GET", "/q/metrics", null).body(), UTF_8);
    }

    /** Those whose names begin with {@code precast_edge}: the others are the service's too. */
    private Map<String, Metric> metricsOfAnEdge() throws IOException, InterruptedException {
        Path data = folder.resolve("edge");
        try (ServerProcess edge = RealServer.precast(
                data,
                "-Dprecast.role=edge",
                "-Dprecast.edge.upstream=" + LocalService.shared().address())) {
            RestCalls rest = new RestCalls(edge.address(), data);
            assertThat(rest.send("GET", "/v1/engines", null).statusCode()).isEqualTo(200);
            Map<String, Metric> found = metrics(text(rest));
            found.keySet().removeIf(name -> !name.startsWith("precast_edge"));
            assertThat(found).isNotEmpty();
            return found;
        }
    }

    private static Map<String, Metric> metrics(String text) {
        Map<String, Metric> metrics = new TreeMap<>();
        for (String line : text.lines().toList()) {
            Matcher about = ABOUT.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (about.matches()) {
                Metric metric = metrics.computeIfAbsent(about.group(2), none -> new Metric());
                if (about.group(1).equals("TYPE")) {
                    metric.type = about.group(3);
                } else {
                    metric.help = about.group(3);
                }
            } else if (sample.matches() && sample.group(2) != null) {
                Metric metric = metrics.get(
                        metrics.containsKey(sample.group(1))
                                ? sample.group(1)
                                : sample.group(1).replaceAll("_(total|count|sum|bucket|info)$", ""));
                LABEL.matcher(sample.group(2))
                        .results()
                        .map(found -> found.group(1))
                        .forEach(label -> {
                            if (metric != null && !label.equals("le") && !label.equals("quantile")) {
                                metric.labels.add(label);
                            }
                        });
            }
        }
        metrics.keySet().removeIf(name -> !name.startsWith("precast_") && !name.startsWith("cache_"));
        return metrics;
    }

    private static String unit(String name) {
        if (name.contains("_seconds")) {
            return "seconds";
        }
        return name.contains("bytes") ? "bytes" : "";
    }
}
