package dev.precast.bench;

import java.util.Locale;

/**
 * The measured kinds of calls: lookup and download at the API replica, HEAD and GET of the same payload at the S3
 * server.
 */
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
