package dev.precast.load;

import dev.precast.artifact.Lane;

/**
 * A lane as a source tells of it; nothing of it is verified.
 *
 * @param lane engine, engine hash, config and target
 * @param profile the name that the config has there
 * @param format the payloads' format, such as {@code cwasm/1}
 */
public record OfferedLane(Lane lane, String profile, String format) {}
