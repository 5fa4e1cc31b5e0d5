package dev.precast.bench;

/**
 * Resident memory of a process, in KiB.
 *
 * @param peak most that was resident so far
 * @param anonymous that is its own now: heap, stacks, compiled code
 * @param file that is pages of files now, which processes share and the system may drop
 */
record Memory(long peak, long anonymous, long file) {
    /** As {@link #toString} wrote it. */
    static Memory parse(String peak, String anonymous, String file) {
        return new Memory(Long.parseLong(peak), Long.parseLong(anonymous), Long.parseLong(file));
    }

    @Override
    public String toString() {
        return peak + " " + anonymous + " " + file;
    }
}
