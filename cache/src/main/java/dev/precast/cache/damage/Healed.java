package dev.precast.cache.damage;

/** What a check of a key's payload found and did. */
public enum Healed {
    /** All forms have the bytes that the attestation names. */
    WHOLE,
    /** A form was damaged or missing. It was rebuilt from the other form; a zstd form may have been deleted instead. */
    REBUILT,
    /** No form was whole. All were deleted, so that the key is absent and the next request compiles it. */
    DROPPED,
    /** The key has no artifact. */
    ABSENT,
    /** The store failed, or too much was deleted in the last hour. Nothing changed. */
    UNKNOWN
}
