package dev.precast.host.disk;

import java.io.IOException;

/** The disk cache cannot take something: no space below its limit or on the disk, no rights, a lock that stays busy. */
public final class DiskTroubleException extends IOException {
    private static final long serialVersionUID = 1L;

    DiskTroubleException(String message) {
        super(message);
    }

    DiskTroubleException(String doing, IOException cause) {
        super(doing + ": " + cause, cause);
    }
}
