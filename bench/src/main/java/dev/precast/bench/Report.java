package dev.precast.bench;

import dev.precast.artifact.Digest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The medians of all modes, and their ratios to {@code precast-disk}.
 *
 * @param measured the runs by mode
 * @param failed the error of each mode that failed
 * @param sharing memory of several hosts with one artifact; empty if not measured
 */
record Report(
        String file,
        Digest digest,
        List<String> flags,
        int runs,
        Map<Mode, List<Measure>> measured,
        Map<Mode, String> failed,
        List<Sharing> sharing) {

    /** Whether all modes were measured and all calls had the same outcome. */
    boolean complete() {
        return failed.isEmpty() && outcomesAgree();
    }

    private boolean outcomesAgree() {
        return measured.values().stream()
                        .flatMap(List::stream)
                        .map(Measure::outcome)
                        .distinct()
                        .count()
                <= 1;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("file", file);
        json.put("digest", digest.toString());
        json.put("java", Runtime.version().toString());
        json.put("processors", Runtime.getRuntime().availableProcessors());
        json.put("flags", flags);
        json.put("runs", runs);
        json.put("outcomesAgree", outcomesAgree());
        Map<String, Object> modes = new LinkedHashMap<>();
        measured.forEach(
                (mode, all) -> modes.put(mode.label(), Measure.median(all).toJson(all)));
        json.put("modes", modes);
        Map<String, Object> ratios = new LinkedHashMap<>();
        ratios.put("ready", ratios(Measure::readyMs));
        ratios.put("load", ratios(Measure::loadMs));
        ratios.put("loadAgain", ratios(Measure::loadAgainMs));
        ratios.put("firstCall", ratios(Measure::firstCallMs));
        ratios.put("cpu", ratios(Measure::cpuMs));
        ratios.put("rss", ratios(Measure::rssKib));
        ratios.put("readyRss", ratios(Measure::readyRssKib));
        json.put("ratios", ratios);
        Map<String, Object> failures = new LinkedHashMap<>();
        failed.forEach((mode, why) -> failures.put(mode.label(), why));
        json.put("failed", failures);
        json.put("sharing", sharing.stream().map(Sharing::toJson).toList());
        return json;
    }

    /** The ratio of each measured mode to {@code precast-disk}. */
    private Map<String, Object> ratios(ToDoubleFunction<Measure> figure) {
        Map<String, Object> ratios = new LinkedHashMap<>();
        Measure base = median(Mode.PRECAST_DISK);
        if (base != null && figure.applyAsDouble(base) > 0) {
            measured.forEach((mode, all) -> {
                double value = figure.applyAsDouble(Measure.median(all));
                if (value > 0) {
                    ratios.put(mode.label(), value / figure.applyAsDouble(base));
                }
            });
        }
        return ratios;
    }

    private @Nullable Measure median(Mode mode) {
        List<Measure> all = measured.get(mode);
        return all == null ? null : Measure.median(all);
    }

    String table() {
        StringBuilder out = new StringBuilder(file + "\nmedians of " + runs + " runs, JDK " + Runtime.version() + ", "
                + Runtime.getRuntime().availableProcessors()
                + " processors; ready and first call: time from the start of the process; load: time in a "
                + "running host; again: load after many loads in the process; anonymous and file-backed "
                + "memory: after the call\n\n");
        out.append(String.format(
                Locale.ROOT,
                "%-19s %12s %7s %12s %7s %11s %14s %7s %9s %9s %7s %9s %9s%n",
                "mode",
                "ready",
                "",
                "load",
                "",
                "again",
                "first call",
                "",
                "CPU",
                "peak RSS",
                "",
                "anonymous",
                "files"));
        Measure base = median(Mode.PRECAST_DISK);
        measured.forEach((mode, all) -> {
            Measure m = Measure.median(all);
            out.append(String.format(
                    Locale.ROOT,
                    "%-19s %9.0f ms %7s %9.1f ms %7s %11s %11.0f ms %7s %7.2f s %6.0f MB %7s %6.0f MB %6.0f MB%n",
                    mode.label(),
                    m.readyMs(),
                    times(m.readyMs(), base == null ? 0 : base.readyMs()),
                    m.loadMs(),
                    times(m.loadMs(), base == null ? 0 : base.loadMs()),
                    m.loadAgainMs() == 0 ? "" : String.format(Locale.ROOT, "%.2f ms", m.loadAgainMs()),
                    m.firstCallMs(),
                    times(m.firstCallMs(), base == null ? 0 : base.firstCallMs()),
                    m.cpuMs() / 1000,
                    m.rssKib() * 1024 / 1e6,
                    times(m.rssKib(), base == null ? 0 : base.rssKib()),
                    m.anonymousKib() * 1024 / 1e6,
                    m.fileKib() * 1024 / 1e6));
        });
        failed.forEach((mode, why) ->
                out.append(mode.label()).append(": failed: ").append(why).append('\n'));
        sharing.forEach(each -> out.append(each).append('\n'));
        measured.values().stream()
                .flatMap(List::stream)
                .map(Measure::outcome)
                .distinct()
                .forEach(outcome -> out.append("\ncalled ").append(outcome));
        return out.append(outcomesAgree() ? "" : "\nTHE MODES HAVE DIFFERENT OUTCOMES")
                .toString();
    }

    private static String times(double value, double base) {
        return base == 0 ? "" : String.format(Locale.ROOT, value >= 10 * base ? "%.0fx" : "%.1fx", value / base);
    }
}
