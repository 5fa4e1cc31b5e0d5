package dev.precast.api.rest;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Parses {@code Accept-Encoding} (RFC 9110, 12.5.3) for zstd. */
final class AcceptEncoding {
    private AcceptEncoding() {}

    /** Whether the client accepts zstd and does not prefer the uncompressed form. */
    static boolean prefersZstd(List<String> headers) {
        Double zstd = null;
        Double identity = null;
        Double any = null;
        for (String header : headers) {
            for (String item : header.split(",")) {
                String[] parts = item.strip().toLowerCase(Locale.ROOT).split("\\s*;\\s*");
                double weight = weight(parts);
                switch (parts[0]) {
                    case "zstd" -> zstd = weight;
                    case "identity" -> identity = weight;
                    case "*" -> any = weight;
                    default -> {
                        // The store has no payloads in other encodings.
                    }
                }
            }
        }
        double likesZstd = first(zstd, any, 0);
        return likesZstd > 0 && likesZstd >= first(identity, null, 0);
    }

    private static double first(@Nullable Double a, @Nullable Double b, double otherwise) {
        return a != null ? a : b != null ? b : otherwise;
    }

    private static double weight(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            if (parts[i].startsWith("q=")) {
                try {
                    return Double.parseDouble(parts[i].substring(2));
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
