package dev.precast.engine.wasmtime.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.FilePayload;
import dev.precast.artifact.PayloadFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
    @TempDir
    private Path folder;

    private Path file;
    private PayloadFile verified;

    @BeforeEach
    void a_file_that_was_verified() throws IOException {
        file = Files.writeString(folder.resolve("payload"), "good");
        verified = new PayloadFile(file, PayloadFile.identityOf(file));
    }

    @Test
    void the_open_file_is_the_verified_one_even_after_an_unlink() throws IOException {
        try (OpenFile open = OpenFile.of(verified)) {
            Files.delete(file);
            Files.writeString(file, "evil");
            assertThat(Files.readString(open.path())).isEqualTo("good");
        }
    }

    @Test
    void another_file_under_the_name_is_refused() throws IOException {
        Files.move(Files.writeString(folder.resolve("other"), "evil"), file, StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> OpenFile.of(verified))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("file was replaced");
    }

    @Test
    void a_file_that_was_written_to_is_refused() throws IOException {
        Files.writeString(file, "evil", StandardOpenOption.WRITE);

        assertThatThrownBy(() -> OpenFile.of(verified)).isInstanceOf(FileNotFoundException.class);
    }

    @Test
    void a_link_is_not_followed() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        assertThatThrownBy(() -> OpenFile.of(new PayloadFile(link, verified.identity())))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("cannot be opened");
    }

    @Test
    void sealed_memory_holds_the_bytes_and_takes_no_others() throws IOException {
        try (FilePayload payload = new FilePayload(file);
                OpenFile sealed = OpenFile.sealed(payload)) {
            assertThat(Files.readString(sealed.path())).isEqualTo("good");
            assertThatThrownBy(() -> Files.writeString(sealed.path(), "evil", StandardOpenOption.WRITE))
                    .isInstanceOf(IOException.class);
            assertThat(Files.readString(sealed.path())).isEqualTo("good");
        }
    }
}
