package dev.precast.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Percentiles of a call's duration in milliseconds, and calls per second. */
record Figures(double perSecond, double p50Ms, double p99Ms, double p999Ms) {
    /** The median of each figure; medians may come from different rounds. */
    static Figures median(List<Figures> rounds) {
        return new Figures(
                Measure.median(rounds, Figures::perSecond),
                Measure.median(rounds, Figures::p50Ms),
                Measure.median(rounds, Figures::p99Ms),
                Measure.median(rounds, Figures::p999Ms));
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("perSecond", perSecond);
        json.put("p50Ms", p50Ms);
        json.put("p99Ms", p99Ms);
        json.put("p999Ms", p999Ms);
        return json;
    }
}
