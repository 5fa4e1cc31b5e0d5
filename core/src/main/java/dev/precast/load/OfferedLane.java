package dev.precast.load;

import dev.precast.artifact.Lane;

/**
 * A lane that a source offers. Nothing in it is verified.
 *
 * @param lane engine, engine hash, config and target
 * @param profile the source's name for the config
 * @param format the payloads' format, such as {@code cwasm/1}
 */
public record OfferedLane(Lane lane, String profile, String format) {}
