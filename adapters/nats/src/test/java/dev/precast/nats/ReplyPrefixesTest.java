package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplyPrefixesTest {
    private final ReplyPrefixes prefixes = new ReplyPrefixes(List.of("_INBOX.host", "_INBOX.admin"));

    @ParameterizedTest
    @ValueSource(strings = {"_INBOX.host.a", "_INBOX.host.edge-1.a.b", "_INBOX.admin.x", "_R_.aB3xYz.q1w2e3r4"})
    void inboxes_of_clients_and_replies_to_other_accounts_are_allowed(String reply) {
        assertThat(prefixes.allows(reply)).isTrue();
    }

    @Test
    void a_request_without_a_reply_subject_is_allowed() {
        assertThat(prefixes.allows(null)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "_INBOX",
                "_INBOX.host",
                "_INBOX.host.",
                "_INBOX.hosts.a",
                "_INBOX.api.a",
                "_INBOX.worker.a",
                "_INBOX.host..a",
                "_INBOX.host.*",
                "_INBOX.host.>",
                "_INBOX.host.a b",
                "_INBOX.host.a\r\nPUB precast.dead.a.b 0",
                "_INBOX.host.\u00e4",
                "_inbox.host.a",
                "x._INBOX.host.a",
                "_R_",
                "_GR_.a.b",
                "precast.compile.hot.a.b",
                "$KV.precast-leases.a.b",
                "$JS.API.STREAM.PURGE.PRECAST_COMPILE"
            })
    void other_subjects_are_refused(String reply) {
        assertThat(prefixes.allows(reply)).isFalse();
    }

    @Test
    void subjects_are_short() {
        assertThat(prefixes.allows("_INBOX.host." + "x".repeat(243))).isTrue();
        assertThat(prefixes.allows("_INBOX.host." + "x".repeat(244))).isFalse();
    }
}
