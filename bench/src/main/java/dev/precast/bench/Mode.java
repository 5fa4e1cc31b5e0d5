package dev.precast.bench;

import java.util.Arrays;

/** The compared ways to make a module ready. */
enum Mode {
    /** Chicory parses and compiles in this process. */
    IN_PROCESS("in-process"),
    /** Chicory parses and loads classes through {@code withCache} from a filled folder. */
    CHICORY_CACHE_WARM("chicory-cache-warm"),
    /** Chicory parses and interprets. */
    INTERPRETER("interpreter"),
    /** Classes and a module without bodies from Chicory's build-time compiler, on the class path. */
    BUILD_TIME("build-time"),
    /** Wasmtime's own cache, warm. */
    WASMTIME_CACHE_WARM("wasmtime-cache-warm"),
    /** Wasmtime opens a serialized file without verification. */
    RAW_DESERIALIZE("raw-deserialize"),
    /** Precast with the artifact in the disk cache, in a file that was not hashed before. */
    PRECAST_DISK_FIRST("precast-disk-first"),
    /** Precast with the artifact in the disk cache. */
    PRECAST_DISK("precast-disk"),
    /** Precast with an empty disk cache and a service on loopback that has the artifact. */
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

    /** Whether repeated loads in one process are measured. */
    boolean loadsAgain() {
        return this == RAW_DESERIALIZE || this == PRECAST_DISK_FIRST || this == PRECAST_DISK;
    }

    IllegalArgumentException notOf(MeasuredEngine engine) {
        return new IllegalArgumentException("mode " + label + ": " + engine.label() + " has "
                + engine.modes().stream().map(Mode::label).toList());
    }

    /** @throws IllegalArgumentException if no mode has this label */
    static Mode of(String label) {
        // A loop instead of a stream, because a measured JVM runs this.
        for (Mode mode : values()) {
            if (mode.label.equals(label)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("mode: expected some of "
                + Arrays.stream(values()).map(Mode::label).toList() + ", found " + label);
    }
}
