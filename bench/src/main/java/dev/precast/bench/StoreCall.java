package dev.precast.bench;

import java.util.Locale;

/** What is asked: of the API replica, and of the S3 server for the same payload. */
enum StoreCall {
    /** The replica was asked for it before. */
    LOOKUP,
    HEAD,
    DOWNLOAD,
    GET;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
