package dev.precast.bench;

import static dev.precast.bench.Mode.BUILD_TIME;
import static dev.precast.bench.Mode.CHICORY_CACHE_WARM;
import static dev.precast.bench.Mode.INTERPRETER;
import static dev.precast.bench.Mode.IN_PROCESS;
import static dev.precast.bench.Mode.PRECAST_DISK;
import static dev.precast.bench.Mode.PRECAST_DISK_FIRST;
import static dev.precast.bench.Mode.PRECAST_EMPTY_DISK;
import static dev.precast.bench.Mode.RAW_DESERIALIZE;
import static dev.precast.bench.Mode.WASMTIME_CACHE_WARM;

import java.util.List;

/** An engine whose modes are compared. */
enum MeasuredEngine {
    CHICORY("chicory", IN_PROCESS, CHICORY_CACHE_WARM, INTERPRETER, BUILD_TIME, PRECAST_DISK, PRECAST_EMPTY_DISK),
    WASMTIME(
            "wasmtime",
            IN_PROCESS,
            WASMTIME_CACHE_WARM,
            RAW_DESERIALIZE,
            PRECAST_DISK_FIRST,
            PRECAST_DISK,
            PRECAST_EMPTY_DISK);

    private final String label;
    private final List<Mode> modes;

    MeasuredEngine(String label, Mode... modes) {
        this.label = label;
        this.modes = List.of(modes);
    }

    String label() {
        return label;
    }

    /** The modes, in their order of execution. */
    List<Mode> modes() {
        return modes;
    }

    /** @throws IllegalArgumentException if no engine has this label, or the engine does not support all these modes */
    static MeasuredEngine of(String label, List<Mode> wanted) {
        for (MeasuredEngine engine : values()) {
            if (engine.label.equals(label)) {
                for (Mode mode : wanted) {
                    if (!engine.modes.contains(mode)) {
                        throw mode.notOf(engine);
                    }
                }
                return engine;
            }
        }
        throw new IllegalArgumentException("engine: expected chicory or wasmtime, found " + label);
    }
}
