package dev.precast.precompiler;

import dev.precast.cache.worker.Trouble;
import java.io.IOException;

/** A child ended while the disk of this worker had too little space, which says nothing about the module. */
final class FullDiskException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * @param disk the trouble of the disk
     * @param ended how the child ended
     */
    FullDiskException(Trouble disk, String ended) {
        super(disk.reason() + "; meanwhile " + ended);
    }
}
