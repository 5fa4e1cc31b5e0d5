package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.api.auth.Role;
import dev.precast.launcher.ServerProcess;
import dev.precast.protocol.LocalToken;
import dev.precast.server.Client.Answer;
import dev.precast.server.RolesIT.Verb;
import dev.precast.testkit.server.RealServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Without configured authentication, a process on the same machine may read; everything else needs the local token. */
final class LoopbackIT {
    private static final String VERBS = "dev.precast.server.RolesIT#verbs";

    @TempDir
    static Path folder;

    private static ServerProcess server;
    private static Client anonymous;
    private static Client local;

    @BeforeAll
    static void start() throws Exception {
        server = RealServer.precast(folder.resolve("data"));
        anonymous = Client.anonymous(server.address());
        local = Client.local(server.address(), folder.resolve("data"));
    }

    @AfterAll
    static void stop() throws Exception {
        anonymous.close();
        local.close();
        server.close();
    }

    private static Answer send(Client client, Verb verb, String... headers) throws Exception {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 2, headers.length);
        all[0] = "Content-Type";
        all[1] = "application/json";
        return client.send(verb.method(), verb.path(), RolesIT.body(verb), all);
    }

    @ParameterizedTest
    @MethodSource(VERBS)
    void without_a_token_only_reading_is_open(Verb verb) throws Exception {
        Answer answer = send(anonymous, verb);

        if (verb.wanted() == Role.READ) {
            assertThat(answer.status()).isNotIn(401, 403).isLessThan(500);
        } else {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("www-authenticate")).isEqualTo("Bearer");
            assertThat(answer.problem()).isEqualTo("unauthenticated");
            assertThat(answer.json().string("detail"))
                    .contains("the role " + verb.wanted().label(), "local.token");
        }
    }

    @ParameterizedTest
    @MethodSource(VERBS)
    void the_local_token_opens_everything(Verb verb) throws Exception {
        assertThat(send(local, verb).status()).isNotIn(401, 403).isLessThan(500);
    }

    @ParameterizedTest
    @MethodSource(VERBS)
    void a_wrong_token_opens_nothing(Verb verb) throws Exception {
        String wrong = "Bearer " + LocalToken.generate().secret();

        assertThat(send(anonymous, verb, "Authorization", wrong).status()).isEqualTo(401);
        assertThat(send(anonymous, verb, "Authorization", "Basic bWU6bWU=").status())
                .isEqualTo(401);
    }

    @Test
    void health_is_open_to_all() throws Exception {
        assertThat(anonymous.get("/q/health/ready").status()).isEqualTo(200);
        assertThat(anonymous
                        .get("/q/health/ready", "Authorization", "Bearer wrong")
                        .status())
                .isEqualTo(200);
    }
}
