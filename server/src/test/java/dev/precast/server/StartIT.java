package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.launcher.ServerProcess;
import dev.precast.launcher.StartFailedException;
import dev.precast.protocol.LocalToken;
import dev.precast.testing.Scale;
import dev.precast.testkit.server.RealServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The start of the server, and its messages if it cannot start. */
final class StartIT {
    @TempDir
    Path folder;

    @Test
    void the_first_start_makes_keys_that_only_their_owner_reads_and_later_ones_keep_them() throws Exception {
        Path data = folder.resolve("data");
        String root;
        LocalToken token;
        try (ServerProcess first = RealServer.precast(data)) {
            root = Files.readString(data.resolve("trust/root.pub"));
            assertThat(first.log()).contains("data " + data, "lanes none", "root sha256:");
            token = LocalToken.find(data, first.address()).orElseThrow();
            assertThat(first.log()).doesNotContain(token.secret());
            for (String secret :
                    new String[] {"trust/root.key", "keys/signing.key", "keys/online.key", "local.token"}) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(secret))))
                        .isEqualTo("rw-------");
            }
        }
        assertThat(LocalToken.file(data)).doesNotExist();
        Files.delete(data.resolve("trust/root.pub"));
        Files.writeString(LocalToken.file(data), "left by a server that was killed, and readable by others");
        try (ServerProcess second = RealServer.precast(data, "-Dprecast.log.json=true");
                Client client = Client.anonymous(second.address())) {
            assertThat(Files.readString(data.resolve("trust/root.pub"))).isEqualTo(root);
            assertThat(second.log()).contains("\"message\":\"listening on http://");
            assertThat(data.resolve("trust/appointment.version"))
                    .as("the online key is appointed once")
                    .content()
                    .isEqualToIgnoringNewLines("1");
            assertThat(LocalToken.find(data, second.address())).isPresent().isNotEqualTo(Optional.of(token));
            assertThat(client.get("/v1/engines", "Authorization", "Bearer " + token.secret())
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void a_second_server_on_the_same_folder_does_not_start() throws Exception {
        Path data = folder.resolve("data");
        try (ServerProcess first = RealServer.precast(data)) {
            StartFailedException second = RealServer.refused(data);

            assertThat(second.exitCode()).hasValue(1);
            assertThat(second.printed())
                    .contains("data folder " + data + ": used by another server")
                    .doesNotContain("\tat ");
            assertThat(first.log()).contains("listening");
        }
    }

    @Test
    void a_key_that_other_users_can_read_is_refused() throws Exception {
        Path key = Files.createDirectories(folder.resolve("data/trust")).resolve("root.key");
        Files.writeString(key, "secret");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(RealServer.refused(folder.resolve("data")).printed()).contains("chmod 600");
    }

    static Stream<Arguments> refused() {
        List<String> all = """
            precast.host=0.0.0.0          | there is no authentication; set precast.auth.tokens-file
            precast.role=api              | set precast.s3.bucket and precast.nats.servers
            precast.s3.bucket=modules     | precast.nats.servers is not
            precast.caps.strange=1        | unknown cap; known caps:
            precast.limits.heap-mb=1      | precast.limits.heap-mb must be greater than or equal to 16
            precast.slots=many            | precast.slots
            precast.slots=0               | slots: expected 1 to 256, found 0
            precast.retry.base=0s         | retry base: expected more than zero and at most a day, found PT0S
            precast.packs.allowed=some    | digest: expected sha256: and 64 hexadecimal digits, found "some"
            ZstdNativePath=/none          | zstd: cannot load the native library
            precast.queue.ack-wait=0s precast.s3.bucket=modules precast.nats.servers=nats://127.0.0.1:1 | precast.queue: ack wait: expected at least PT1S, found PT0S
            precast.lmits.heap-mb=100     | precast.lmits.heap-mb
            precast.http.proxies=proxy.example | precast.http.proxies: proxy: expected an IP address or a range such as 10.0.0.0/8, found "proxy.example"
            precast.http.proxy-protocol=true | precast.http.proxies: proxy protocol: expected the addresses of proxies, found none
            precast.http.head-timeout=0s  | precast.http: head timeout: expected PT0.1S to PT1H, found PT0S
            precast.auth.jwt.issuer=me    | expected keys, issuer and audience together
            precast.auth.tokens-file=/none | /none
            precast.builder=              | precast.builder
            precast.role=edge             | set precast.edge.upstream
            precast.role=edge precast.edge.upstream=ftp://far | precast.edge.upstream: expected an address such as https://precast.example, found ftp://far
            precast.trust.statement-life=1m | precast.trust.statement-life: life of a statement: expected PT1H to PT168H, found PT1M
            """.lines().toList();
        return Scale.sample(StartIT.class, all, 5).stream()
                .map(row -> row.split("\\|", 2))
                .map(row -> Arguments.of(row[0].strip(), row[1].strip()));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void the_message_about_an_invalid_configuration_says_what_is_wrong(String set, String words) throws Exception {
        List<String> options = new ArrayList<>(List.of("-Dprecast.packs.folder=" + folder.resolve("packs")));
        for (String option : set.split(" ", -1)) {
            options.add("-D" + option);
        }
        StartFailedException refused = RealServer.refused(folder.resolve("data"), options.toArray(String[]::new));

        assertThat(refused.exitCode()).hasValue(1);
        assertThat(refused.printed()).contains(words).doesNotContain("\tat ");
    }
}
