package dev.precast.bench;

/**
 * Resident memory of a process, in KiB.
 *
 * @param peak maximum resident memory so far
 * @param anonymous present anonymous memory: heap, stacks, compiled code
 * @param file present file-backed memory, which processes share and the system may evict
 */
record Memory(long peak, long anonymous, long file) {
    /** Parses the three numbers that {@link #toString} writes. */
    static Memory parse(String peak, String anonymous, String file) {
        return new Memory(Long.parseLong(peak), Long.parseLong(anonymous), Long.parseLong(file));
    }

    @Override
    public String toString() {
        return peak + " " + anonymous + " " + file;
    }
}
