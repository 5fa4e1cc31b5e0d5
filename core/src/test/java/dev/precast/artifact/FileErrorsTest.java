package dev.precast.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileErrorsTest {
    @TempDir
    private Path folder;

    private interface Action {
        void run() throws IOException;
    }

    private static String told(Action action) {
        try {
            action.run();
        } catch (IOException e) {
            return FileErrors.text(e);
        }
        throw new AssertionError("expected an IOException");
    }

    @Test
    void each_message_names_the_file_and_the_reason() throws IOException {
        Path missing = folder.resolve("missing");
        Path file = Files.createFile(folder.resolve("file"));

        assertThat(told(() -> Files.size(missing))).isEqualTo(missing + ": file not found");
        assertThat(told(() -> Files.createFile(file))).isEqualTo(file + ": file exists");
        assertThat(told(() -> Files.delete(folder))).isEqualTo(folder + ": folder not empty");
        assertThat(told(() -> Files.newDirectoryStream(file))).isEqualTo(file + ": not a folder");
        assertThat(told(() -> Files.createDirectory(file.resolve("x"))))
                .isEqualTo(file.resolve("x") + ": Not a directory");
        assertThat(FileErrors.text(new AccessDeniedException("/x"))).isEqualTo("/x: permission denied");
    }

    @Test
    void other_messages_stay() {
        assertThat(FileErrors.text(new FileSystemException("/x", null, "No space left on device")))
                .isEqualTo("/x: No space left on device");
        assertThat(FileErrors.text(new IOException("broken"))).isEqualTo("broken");
        assertThat(FileErrors.text(new EOFException())).isEqualTo("EOFException");
    }
}
