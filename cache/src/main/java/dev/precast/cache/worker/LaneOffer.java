package dev.precast.cache.worker;

import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.cache.outcome.CompileTerms;
import dev.precast.cache.outcome.Limits;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.LaneJson;

/**
 * The offer of a lane by a worker. Workers register offers in the store, so that a lane stays known when no worker
 * serves it.
 *
 * @param lane the lane
 * @param profile the pack's name for the config
 * @param format the payload's format, such as {@code jvm-bundle/2}
 * @param pack digest of the pack
 * @param limits the worker's limits for each compilation
 * @param caps the worker's static caps, by name
 */
public record LaneOffer(Lane lane, String profile, String format, Digest pack, Limits limits, JsonObject caps) {
    /** The terms on which the worker compiles for the lane. */
    public CompileTerms terms() {
        return new CompileTerms(pack, limits, caps);
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
