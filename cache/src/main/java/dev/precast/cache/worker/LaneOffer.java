package dev.precast.cache.worker;

import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.cache.outcome.Limits;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.LaneJson;

/**
 * A lane and who serves it: what a worker registers when it first offers the lane, so that the lane stays known when
 * no worker is left.
 *
 * @param lane the lane
 * @param profile the name under which the pack offers this config
 * @param format the payload's format, such as {@code jvm-bundle/1}
 * @param pack digest of the pack
 * @param limits of the worker
 * @param caps static caps of the worker, by name
 */
public record LaneOffer(Lane lane, String profile, String format, Digest pack, Limits limits, JsonObject caps) {
    /** The same with the limits and caps of that worker. */
    public LaneOffer by(WorkerNotice worker) {
        return new LaneOffer(lane, profile, format, pack, worker.limits(), worker.caps());
    }

    /** The JSON form. */
    public JsonObject toJson() {
        return LaneJson.write(new OfferedLane(lane, profile, format))
                .with("pack", pack.toString())
                .with("limits", limits.toJson())
                .with("caps", caps);
    }

    /** @throws IllegalArgumentException if the JSON has another form; the message names the member */
    public static LaneOffer fromJson(JsonObject json) {
        OfferedLane offer = LaneJson.offer(json);
        return new LaneOffer(
                offer.lane(),
                offer.profile(),
                offer.format(),
                Digest.parse(json.string("pack")),
                Limits.fromJson(json.object("limits")),
                json.object("caps"));
    }
}
