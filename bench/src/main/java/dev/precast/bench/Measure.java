package dev.precast.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * One run of one mode. Times are in milliseconds, from the moment the process was started, by the parent's clock; {@code
 * FromMain} by the child's own from the begin of main, without the start of the JVM.
 *
 * @param readyMs until the module could be instantiated
 * @param readyFromMainMs the same without the JVM's start
 * @param readyRssKib largest resident size by then
 * @param firstCallMs until the first call had returned
 * @param firstCallFromMainMs the same without the JVM's start
 * @param cpuMs CPU time of all threads by then
 * @param rssKib largest resident size by then
 * @param outcome what was called, how it ended, and the digest of what it printed
 */
record Measure(
        double readyMs,
        double readyFromMainMs,
        double readyRssKib,
        double firstCallMs,
        double firstCallFromMainMs,
        double cpuMs,
        double rssKib,
        String outcome) {

    /** Each figure's median; they may come from different runs. */
    static Measure median(List<Measure> runs) {
        return new Measure(
                median(runs, Measure::readyMs),
                median(runs, Measure::readyFromMainMs),
                median(runs, Measure::readyRssKib),
                median(runs, Measure::firstCallMs),
                median(runs, Measure::firstCallFromMainMs),
                median(runs, Measure::cpuMs),
                median(runs, Measure::rssKib),
                runs.get(0).outcome);
    }

    static <T> double median(List<T> runs, ToDoubleFunction<T> figure) {
        double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    Map<String, Object> toJson(List<Measure> runs) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("readyMs", readyMs);
        json.put("readyFromMainMs", readyFromMainMs);
        json.put("firstCallMs", firstCallMs);
        json.put("firstCallFromMainMs", firstCallFromMainMs);
        json.put("cpuSeconds", cpuMs / 1000);
        json.put("rssMb", rssKib * 1024 / 1e6);
        json.put("readyRssMb", readyRssKib * 1024 / 1e6);
        json.put("outcome", outcome);
        json.put("runs", Arrays.asList(runs.stream().map(Measure::readyMs).toArray()));
        return json;
    }
}
