package dev.precast.load;

import dev.precast.artifact.Lane;

/**
 * A lane that the service or another source of artifacts offers. The offer is not verified.
 *
 * @param lane engine, engine hash, config and target
 * @param profile the name that the service or source has for the config
 * @param format format of the lane's payloads, such as {@code cwasm/1}
 */
public record OfferedLane(Lane lane, String profile, String format) {}
