package dev.precast.bench;

import java.util.Locale;

/** The measured calls to the API replica and, for the same payload, to the S3 server. */
enum StoreCall {
    /** A lookup of an artifact that was looked up before. */
    LOOKUP,
    HEAD,
    DOWNLOAD,
    GET;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
