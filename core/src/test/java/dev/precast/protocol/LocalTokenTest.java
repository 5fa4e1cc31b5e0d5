package dev.precast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalTokenTest {
    private static final URI SERVICE = URI.create("http://127.0.0.1:8077");

    @TempDir
    private Path data;

    private final LocalToken token = LocalToken.generate();

    private Path write(String content) throws IOException {
        Path file = Files.writeString(LocalToken.file(data), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8077, http://127.0.0.1:8077",
        "http://127.0.0.1:8077, http://localhost:8077",
        "http://127.0.0.1:8077, HTTP://LOCALHOST:8077/",
        "http://localhost:8077, http://127.0.0.1:8077",
        "http://127.0.0.1:80, http://127.0.0.1",
        "http://[::1]:8077, http://[::1]:8077"
    })
    void the_token_is_found_for_the_address_in_the_file(URI written, URI asked) throws IOException {
        write(token.line(written) + "\n");

        assertThat(LocalToken.find(data, asked)).contains(token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:8078",
                "http://127.0.0.2:8077",
                "http://[::1]:8077",
                "https://127.0.0.1:8077",
                "http://127.0.0.1.example:8077",
                "http://localhost.example:8077",
                "http://127.0.0.1@precast.example:8077",
                "tcp://127.0.0.1:8077",
                "nonsense"
            })
    void no_other_address_gets_the_token(URI other) throws IOException {
        write(token.line(SERVICE));

        assertThat(LocalToken.find(data, other)).isEmpty();
    }

    @Test
    void a_file_without_an_http_address_has_no_token_for_anybody() throws IOException {
        write(token.line(URI.create("nonsense")));

        assertThat(LocalToken.find(data, URI.create("nonsense"))).isEmpty();
    }

    @Test
    void a_folder_without_a_token_has_none() throws IOException {
        assertThat(LocalToken.find(data, SERVICE)).isEmpty();
        assertThat(LocalToken.find(data.resolve("missing"), SERVICE)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----"})
    void a_file_that_is_not_the_owners_alone_is_refused(String mode) throws IOException {
        Path file = write(token.line(SERVICE));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

        assertThatThrownBy(() -> LocalToken.find(data, SERVICE))
                .isInstanceOf(IOException.class)
                .hasMessage("local token " + file
                        + ": can be read or written by other users; delete it and restart the service");
    }

    @Test
    void an_unusable_file_stops_no_call_to_another_service() throws IOException {
        Path file = write(token.line(SERVICE));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(LocalToken.find(data, URI.create("http://127.0.0.1:8078"))).isEmpty();
        Files.writeString(file, "malformed");
        assertThat(LocalToken.find(data, URI.create("http://precast.example:8077")))
                .isEmpty();
    }

    @Test
    void a_link_and_a_folder_are_refused() throws IOException {
        Path file = write(token.line(SERVICE));
        Files.createSymbolicLink(LocalToken.file(data), Files.move(file, data.resolve("elsewhere")));
        assertThatThrownBy(() -> LocalToken.find(data, SERVICE)).hasMessageContaining("is not a regular file");

        Files.delete(LocalToken.file(data));
        Files.createDirectory(LocalToken.file(data));
        assertThatThrownBy(() -> LocalToken.find(data, SERVICE)).hasMessageContaining("is not a regular file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://127.0.0.1:8077", "http://127.0.0.1:8077 short", "http://127.0.0.1:8077 a b"})
    void a_malformed_file_is_refused(String content) throws IOException {
        write(content);

        assertThatThrownBy(() -> LocalToken.find(data, SERVICE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is malformed (expected an address and a token)");
    }

    @Test
    void each_token_is_new_and_no_message_shows_it() {
        assertThat(LocalToken.generate()).isNotEqualTo(token);
        assertThat(token.secret()).matches("[A-Za-z0-9_-]{43}");
        assertThat(token).asString().doesNotContain(token.secret());
        assertThatThrownBy(() -> new LocalToken("too short")).hasMessageNotContaining("too short");
    }

    @Test
    void the_data_folder_is_the_named_one_or_the_users() {
        assertThat(LocalToken.dataFolder(Map.of("PRECAST_DATA", "here", "HOME", "/home/me")))
                .isEqualTo(Path.of("here"));
        assertThat(LocalToken.dataFolder(Map.of("PRECAST_DATA", "", "XDG_DATA_HOME", "/share")))
                .isEqualTo(Path.of("/share/precast"));
        assertThat(LocalToken.dataFolder(Map.of("XDG_DATA_HOME", "relative", "HOME", "/home/me")))
                .isEqualTo(Path.of("/home/me/.local/share/precast"));
        assertThat(LocalToken.dataFolder(Map.of()))
                .isEqualTo(Path.of(System.getProperty("user.home"), ".local/share/precast"));
    }
}
