package dev.precast.bench;

import java.util.Arrays;

/** The ways to a ready module that are compared. */
enum Mode {
    /** Chicory parses and compiles in this process. */
    IN_PROCESS("in-process"),
    /** The same with Chicory's {@code withCache} on a folder that holds the classes already. */
    CHICORY_CACHE_WARM("chicory-cache-warm"),
    /** Chicory parses and interprets. */
    INTERPRETER("interpreter"),
    /** Classes and module without bodies that Chicory's build-time compiler made, on the class path. */
    BUILD_TIME("build-time"),
    /** Wasmtime's own cache, warm. */
    WASMTIME_CACHE_WARM("wasmtime-cache-warm"),
    /** Wasmtime opens a file that it had serialized; nobody verifies it. */
    RAW_DESERIALIZE("raw-deserialize"),
    /** Precast, the artifact in the disk cache, by a file that was not hashed before. */
    PRECAST_DISK_FIRST("precast-disk-first"),
    /** Precast, the artifact in the disk cache. */
    PRECAST_DISK("precast-disk"),
    /** Precast, an empty disk cache and a service on loopback that has the artifact. */
    PRECAST_EMPTY_DISK("precast-empty-disk");

    private final String label;

    Mode(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    boolean needsService() {
        return this == PRECAST_DISK_FIRST || this == PRECAST_DISK || this == PRECAST_EMPTY_DISK;
    }

    /** Whether a process that does it many times tells something new. */
    boolean loadsAgain() {
        return this == RAW_DESERIALIZE || this == PRECAST_DISK_FIRST || this == PRECAST_DISK;
    }

    IllegalArgumentException notOf(MeasuredEngine engine) {
        return new IllegalArgumentException("mode " + label + ": " + engine.label() + " has "
                + engine.modes().stream().map(Mode::label).toList());
    }

    /** @throws IllegalArgumentException if no mode has that label */
    static Mode of(String label) {
        // A loop and no stream: a measured JVM reads its mode.
        for (Mode mode : values()) {
            if (mode.label.equals(label)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("mode: expected some of "
                + Arrays.stream(values()).map(Mode::label).toList() + ", found " + label);
    }
}
