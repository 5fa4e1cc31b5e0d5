package dev.precast.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilePayloadTest {
    @TempDir
    Path folder;

    @Test
    void reads_a_copy_of_the_bytes_that_are_asked_for() throws Exception {
        Path file = Files.write(folder.resolve("payload"), new byte[] {1, 2, 3, 4, 5});
        try (FilePayload payload = new FilePayload(file)) {
            assertThat(payload.size()).isEqualTo(5);
            assertThat(payload.read(1, 3)).containsExactly(2, 3, 4);
            assertThat(payload.read(5, 0)).isEmpty();
            assertThat(payload.refetch()).isFalse();
        }
    }

    @Test
    void reading_past_the_end_of_a_truncated_file_fails() throws Exception {
        Path file = Files.write(folder.resolve("payload"), new byte[5]);
        try (FilePayload payload = new FilePayload(file)) {
            Files.write(file, new byte[2]);

            assertThatThrownBy(() -> payload.read(1, 3))
                    .isInstanceOf(EOFException.class)
                    .hasMessage(file + ": file too short (expected 3 bytes at offset 1, found a file of 2 bytes)");
        }
    }
}
