package dev.precast.host.disk;

import java.io.IOException;

/**
 * The disk cache cannot store a file: its limit is reached, the disk is full, permissions are missing, or the lock is
 * busy.
 */
public final class DiskTroubleException extends IOException {
    private static final long serialVersionUID = 1L;

    DiskTroubleException(String message) {
        super(message);
    }

    DiskTroubleException(String doing, IOException cause) {
        super(doing + ": " + cause, cause);
    }
}
