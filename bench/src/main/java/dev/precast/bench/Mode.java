package dev.precast.bench;

import java.util.Arrays;

/** The modes that are compared: ways to make a module ready to be instantiated. */
enum Mode {
    /** Chicory parses and compiles in this process. */
    IN_PROCESS("in-process"),
    /** Chicory parses, and loads classes from a filled folder through {@code withCache}. */
    CHICORY_CACHE_WARM("chicory-cache-warm"),
    /** Chicory parses and interprets. */
    INTERPRETER("interpreter"),
    /**
     * Loads classes and a module without function bodies from the class path; Chicory's build-time compiler wrote both.
     */
    BUILD_TIME("build-time"),
    /** Wasmtime loads the module from its own cache, which is filled. */
    WASMTIME_CACHE_WARM("wasmtime-cache-warm"),
    /** Wasmtime opens a serialized file without verification. */
    RAW_DESERIALIZE("raw-deserialize"),
    /** Precast loads from the disk cache an artifact whose file no host has hashed yet. */
    PRECAST_DISK_FIRST("precast-disk-first"),
    /** Precast loads the artifact from the disk cache. */
    PRECAST_DISK("precast-disk"),
    /** Precast, with an empty disk cache, downloads the artifact from a service on loopback. */
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

    /** Whether the benchmark also measures repeated loads in one process. */
    boolean loadsAgain() {
        return this == RAW_DESERIALIZE || this == PRECAST_DISK_FIRST || this == PRECAST_DISK;
    }

    IllegalArgumentException notOf(MeasuredEngine engine) {
        return new IllegalArgumentException("modes: expected some of "
                + engine.modes().stream().map(Mode::label).toList() + " for " + engine.label() + ", found " + label);
    }

    /** @throws IllegalArgumentException if no mode has this label */
    static Mode of(String label) {
        // A loop instead of a stream, because a measured JVM runs this.
        for (Mode mode : values()) {
            if (mode.label.equals(label)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("modes: expected some of "
                + Arrays.stream(values()).map(Mode::label).toList() + ", found " + label);
    }
}
