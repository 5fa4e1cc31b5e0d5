package dev.precast.bench;

import java.nio.file.Path;

/** What stands ready before the measured runs: Chicory's cache, or the service's artifact and the disk cache. */
final class Prepare {
    private Prepare() {}

    /** {@code MODE FILE DIGEST FOLDER SERVICE ROOT}. */
    public static void main(String[] args) {
        Path file = Path.of(args[1]);
        Path folder = Path.of(args[3]);
        switch (Mode.of(args[0])) {
            case CHICORY_CACHE_WARM -> ChicoryWays.cached(file, folder);
            case PRECAST_DISK, PRECAST_EMPTY_DISK -> PrecastWay.compile(file, args[2], folder, args[4], args[5]);
            case IN_PROCESS, INTERPRETER, BUILD_TIME -> throw new IllegalArgumentException(args[0] + " needs nothing");
        }
        Runtime.getRuntime().halt(0);
    }
}
