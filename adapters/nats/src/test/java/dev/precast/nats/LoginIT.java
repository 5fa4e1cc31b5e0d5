package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.testkit.contract.SampleKeys;
import dev.precast.testkit.server.NatsServer;
import io.nats.client.Connection;
import io.nats.client.NKey;
import io.nats.client.support.JwtUtils;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Each kind of login, against a server that requires it. */
@Execution(ExecutionMode.CONCURRENT)
class LoginIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String ACCOUNT = "{\"type\":\"account\",\"version\":2,\"limits\":{\"subs\":-1,\"data\":-1,"
            + "\"payload\":-1,\"imports\":-1,\"exports\":-1,\"wildcards\":true,\"conn\":-1,\"leaf\":-1}}";

    @TempDir
    private Path folder;

    @Test
    void by_user_and_password() throws Exception {
        try (NatsServer server = NatsServer.start(folder, "--user", "me", "--pass", "right")) {
            assertWorks(Links.config(server).withLogin(new NatsLogin.UserPassword("me", "right"), "_INBOX"));
            assertRefused(
                    Links.config(server).withLogin(new NatsLogin.UserPassword("me", "wrong"), "_INBOX"), "user me");
            assertRefused(Links.config(server), "Anonymous[]");
        }
    }

    @Test
    void by_token() throws Exception {
        try (NatsServer server = NatsServer.start(folder, "--auth", "right")) {
            assertWorks(Links.config(server).withLogin(new NatsLogin.Token("right"), "_INBOX"));
            assertRefused(Links.config(server).withLogin(new NatsLogin.Token("wrong"), "_INBOX"), "a token");
        }
    }

    @Test
    void by_the_seed_of_a_key() throws Exception {
        NKey key = NKey.createUser(new SecureRandom());
        Path seed = Files.writeString(folder.resolve("user.nk"), new String(key.getSeed()) + "\n");
        Path other = Files.writeString(
                folder.resolve("other.nk"),
                new String(NKey.createUser(new SecureRandom()).getSeed()));
        Path config = Files.writeString(
                folder.resolve("nats.conf"),
                "authorization { users = [ { nkey: " + new String(key.getPublicKey()) + " } ] }");
        try (NatsServer server = NatsServer.start(folder, "--config", config.toString())) {
            assertWorks(Links.config(server).withLogin(new NatsLogin.Nkey(seed), "_INBOX"));
            assertRefused(Links.config(server).withLogin(new NatsLogin.Nkey(other), "_INBOX"), other.toString());
        }
    }

    @Test
    void by_a_credentials_file() throws Exception {
        NKey operator = NKey.createOperator(new SecureRandom());
        NKey account = NKey.createAccount(new SecureRandom());
        NKey user = NKey.createUser(new SecureRandom());
        // With an operator, JetStream requires a system account.
        NKey system = NKey.createAccount(new SecureRandom());
        Path config = Files.writeString(
                folder.resolve("nats.conf"),
                "operator: " + jwt(operator, operator, "{\"type\":\"operator\",\"version\":2}") + "\n"
                        + "resolver: MEMORY\n"
                        + "system_account: " + new String(system.getPublicKey()) + "\n"
                        + "resolver_preload: {\n"
                        + new String(account.getPublicKey()) + ": " + jwt(operator, account, ACCOUNT) + "\n"
                        + new String(system.getPublicKey()) + ": " + jwt(operator, system, ACCOUNT) + "\n}\n");
        Path credentials = Files.writeString(
                folder.resolve("user.creds"),
                String.format(
                        JwtUtils.NATS_USER_JWT_FORMAT,
                        JwtUtils.issueUserJWT(
                                account, new String(account.getPublicKey()), new String(user.getPublicKey())),
                        new String(user.getSeed())));
        try (NatsServer server = NatsServer.start(folder, "--config", config.toString())) {
            assertWorks(Links.config(server).withLogin(new NatsLogin.Credentials(credentials), "_INBOX"));
        }
    }

    private static String jwt(NKey by, NKey about, String claim) throws Exception {
        return JwtUtils.issueJWT(
                by,
                new String(about.getPublicKey()),
                "test",
                null,
                JwtUtils.currentTimeSeconds(),
                new String(by.getPublicKey()),
                () -> claim);
    }

    @Test
    void over_TLS_with_a_certificate_on_both_sides() throws Exception {
        NatsTls.ClientCertificate own = certificate();
        try (NatsServer server = NatsServer.start(
                folder,
                "--tlsverify",
                "--tlscert",
                own.chain().toString(),
                "--tlskey",
                own.key().toString(),
                "--tlscacert",
                own.chain().toString())) {
            NatsConfig tls = Links.config(server, "tls");
            assertWorks(tls.withTls(new NatsTls(Optional.of(own.chain()), Optional.of(own))));
            assertThatThrownBy(() -> NatsLink.open(tls.withTls(new NatsTls(Optional.of(own.chain()), Optional.empty()))
                            .withTimes(Duration.ofSeconds(2), Duration.ZERO)))
                    .as("without a client certificate")
                    .isInstanceOf(QueueUnavailableException.class);
            assertThatThrownBy(() -> NatsLink.open(tls.withTimes(Duration.ofSeconds(2), Duration.ZERO)))
                    .as("with a server certificate that the JDK does not trust")
                    .isInstanceOf(QueueUnavailableException.class)
                    .hasMessageContaining("cannot connect");
        }
    }

    /** A self-signed certificate of the JDK's keytool. */
    private NatsTls.ClientCertificate certificate() throws Exception {
        Path store = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "own",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "password"))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "password".toCharArray());
        return new NatsTls.ClientCertificate(
                pem("CERTIFICATE", keys.getCertificate("own").getEncoded()),
                pem("PRIVATE KEY", keys.getKey("own", "password".toCharArray()).getEncoded()));
    }

    private Path pem(String what, byte[] der) throws Exception {
        return Files.writeString(
                folder.resolve(what.replace(' ', '-') + ".pem"),
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                        + "-----\n");
    }

    @Test
    void missing_and_malformed_files_are_named() throws Exception {
        Path missing = folder.resolve("missing");
        Path text = Files.writeString(folder.resolve("text"), "text");
        NatsConfig config = NatsConfig.of(URI.create("nats://127.0.0.1:1"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsLink.open(config.withLogin(new NatsLogin.Credentials(missing), "_INBOX")))
                .withMessage("NATS login: " + missing + " cannot be read");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsLink.open(config.withTls(new NatsTls(Optional.of(text), Optional.empty()))))
                .withMessageContaining("NATS TLS: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsLink.open(config.withTls(new NatsTls(Optional.of(missing), Optional.empty()))))
                .withMessageContaining(missing.toString());
    }

    @Test
    void an_unreachable_server_is_reported_after_the_connect_time() {
        NatsConfig config = NatsConfig.of(URI.create("nats://127.0.0.1:1"))
                .withTimes(Duration.ofMillis(500), Duration.ofMillis(100));

        assertThatThrownBy(() -> NatsLink.open(config))
                .isInstanceOf(QueueUnavailableException.class)
                .hasMessageContaining("NATS at [nats://127.0.0.1:1]: cannot connect: ");
    }

    @Test
    void a_login_that_is_refused_for_a_time_is_tried_until_it_works_again() throws Exception {
        BlockingQueue<CompileEvent> heard = new LinkedBlockingQueue<>();
        Path config = users("right");
        try (NatsServer server = NatsServer.start(folder, "--config", config.toString());
                NatsLink link = NatsLink.open(Links.config(server)
                        .withLogin(new NatsLogin.UserPassword("me", "right"), "_INBOX")
                        .withTimes(Duration.ofSeconds(2), LONG))) {
            NatsEvents events = new NatsEvents(link);
            try (var subscription = events.subscribe(heard::add)) {
                assertThat(subscription).isNotNull();
                server.kill();
                users("other");
                server.startAgain();
                // After two refusals the library closes its connection.
                Awaitility.await().atMost(LONG).until(() -> link.connection().getStatus() == Connection.Status.CLOSED);
                assertThatThrownBy(() -> new JetStreamQueue(link, QueueConfig.DEFAULT).holds(SampleKeys.key()))
                        .isInstanceOf(QueueUnavailableException.class);

                server.kill();
                users("right");
                server.startAgain();
                Awaitility.await().atMost(LONG).until(link::isConnected);
                Awaitility.await().atMost(LONG).until(() -> {
                    events.publish(new CompileEvent(SampleKeys.key(), CompileEvent.Kind.COMPILED));
                    return heard.poll(100, TimeUnit.MILLISECONDS) != null;
                });
            }
        }
    }

    private Path users(String password) throws Exception {
        return Files.writeString(
                folder.resolve("nats.conf"), "authorization { users = [ { user: me, password: " + password + " } ] }");
    }

    /** Connects, and checks that a subscription gets an event. */
    private static void assertWorks(NatsConfig config) throws Exception {
        try (NatsLink link = NatsLink.open(config)) {
            BlockingQueue<CompileEvent> heard = new LinkedBlockingQueue<>();
            CompileEvent event = new CompileEvent(SampleKeys.key(), CompileEvent.Kind.COMPILED);
            try (var subscription = new NatsEvents(link).subscribe(heard::add)) {
                assertThat(subscription).isNotNull();
                new NatsEvents(link).publish(event);
                assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(event);
            }
        }
    }

    private static void assertRefused(NatsConfig config, String who) {
        // The library reports a refusal only after the whole timeout.
        assertThatThrownBy(() -> NatsLink.open(config.withTimes(Duration.ofSeconds(1), LONG)))
                .isInstanceOf(QueueUnavailableException.class)
                .hasMessageContaining("login refused")
                .hasMessageContaining(who);
    }
}
