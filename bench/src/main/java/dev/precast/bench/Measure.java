package dev.precast.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The figures of one run of one mode. Times are in milliseconds. Unless stated otherwise they count from the start of
 * the process, by the parent's clock.
 *
 * @param readyMs time until the module could be instantiated
 * @param loadMs time from when the host had started until the module could be instantiated, by the child's clock: the
 *     cost of a module in a running host
 * @param loadAgainMs {@code loadMs} after many loads in this process, each by a new host; 0 if not measured
 * @param readyRssKib maximum resident size until the module could be instantiated
 * @param firstCallMs time until the first call had returned
 * @param cpuMs CPU time of all threads until the first call had returned
 * @param rssKib maximum resident size until the first call had returned
 * @param anonymousKib resident anonymous memory after the first call
 * @param fileKib resident file-backed memory after the first call
 * @param outcome the called function, how it ended, and the digest of its output
 */
record Measure(
        double readyMs,
        double loadMs,
        double loadAgainMs,
        double readyRssKib,
        double firstCallMs,
        double cpuMs,
        double rssKib,
        double anonymousKib,
        double fileKib,
        String outcome) {

    /** The median of each figure; medians may come from different runs. */
    static Measure median(List<Measure> runs) {
        return new Measure(
                median(runs, Measure::readyMs),
                median(runs, Measure::loadMs),
                median(runs, Measure::loadAgainMs),
                median(runs, Measure::readyRssKib),
                median(runs, Measure::firstCallMs),
                median(runs, Measure::cpuMs),
                median(runs, Measure::rssKib),
                median(runs, Measure::anonymousKib),
                median(runs, Measure::fileKib),
                runs.get(0).outcome);
    }

    static <T> double median(List<T> runs, ToDoubleFunction<T> figure) {
        double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    Map<String, Object> toJson(List<Measure> runs) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("readyMs", readyMs);
        json.put("loadMs", loadMs);
        json.put("loadAgainMs", loadAgainMs);
        json.put("firstCallMs", firstCallMs);
        json.put("cpuSeconds", cpuMs / 1000);
        json.put("rssMb", rssKib * 1024 / 1e6);
        json.put("readyRssMb", readyRssKib * 1024 / 1e6);
        json.put("anonymousMb", anonymousKib * 1024 / 1e6);
        json.put("fileMb", fileKib * 1024 / 1e6);
        json.put("outcome", outcome);
        json.put("runs", Arrays.asList(runs.stream().map(Measure::readyMs).toArray()));
        json.put("loadRuns", Arrays.asList(runs.stream().map(Measure::loadMs).toArray()));
        return json;
    }
}
