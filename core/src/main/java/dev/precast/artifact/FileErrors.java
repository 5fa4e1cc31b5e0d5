package dev.precast.artifact;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Messages for people about file errors. */
public final class FileErrors {
    private FileErrors() {}

    /**
     * The message with the file and the reason. Exceptions of {@link java.nio.file} often have the bare path as their
     * message, and their type is the reason.
     */
    public static String text(IOException e) {
        if (e instanceof FileSystemException of && of.getReason() == null && of.getFile() != null) {
            return of.getFile() + ": " + reason(of);
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "file not found";
        } else if (e instanceof AccessDeniedException) {
            return "permission denied";
        } else if (e instanceof FileAlreadyExistsException) {
            return "file exists";
        } else if (e instanceof DirectoryNotEmptyException) {
            return "folder not empty";
        } else if (e instanceof NotDirectoryException) {
            return "not a folder";
        }
        return e.getClass().getSimpleName();
    }
}
