package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code trust} on files, without a service. */
final class TrustCommandTest {
    @TempDir
    private Path folder;

    private Path policy;

    @BeforeEach
    void a_root_and_a_first_policy() {
        policy = folder.resolve("policy.json");
        assertThat(CommandLineRun.of("trust", "root", "create", "--out", folder.toString())
                        .exit())
                .isZero();
        assertThat(signed("policy", "create").exit()).isZero();
    }

    private CommandLineRun signed(String... words) {
        List<String> args = new ArrayList<>(List.of("trust"));
        args.addAll(List.of(words));
        args.addAll(List.of(
                "--json",
                "--policy",
                policy.toString(),
                "--root-key",
                folder.resolve("root.key").toString()));
        return CommandLineRun.of(args.toArray(String[]::new));
    }

    private CommandLineRun read(String... words) {
        List<String> args = new ArrayList<>(List.of("trust"));
        args.addAll(List.of(words));
        args.addAll(List.of(
                "--json",
                "--policy",
                policy.toString(),
                "--trust-root",
                folder.resolve("root.pub").toString()));
        return CommandLineRun.of(args.toArray(String[]::new));
    }

    private String addKey() {
        CommandLineRun made = CommandLineRun.of("trust", "keys", "create", "--json", "--out", folder.toString());
        assertThat(signed("keys", "add", folder.resolve("signing.pub").toString(), "--builder", "urn:test")
                        .exit())
                .isZero();
        return made.json().string("fingerprint");
    }

    private JsonObject onlyKey() {
        return read("keys", "list").json().array("keys").get(0).asObject("key");
    }

    @Test
    void the_secret_is_its_owners_alone_and_is_never_overwritten() throws Exception {
        Path secret = folder.resolve("root.key");
        String before = Files.readString(secret);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                .isEqualTo("rw-------");
        assertThat(CommandLineRun.of("trust", "root", "create", "--out", folder.toString())
                        .exit())
                .isEqualTo(1);
        assertThat(Files.readString(secret)).isEqualTo(before);
    }

    @Test
    void a_root_is_shown_by_file_and_by_key() throws Exception {
        String file = folder.resolve("root.pub").toString();
        String key = Files.readString(folder.resolve("root.pub")).strip();

        JsonObject byFile = CommandLineRun.of("trust", "root", "show", "--json", "--trust-root", file)
                .json();
        JsonObject byKey = CommandLineRun.of("trust", "root", "show", "--json", "--trust-root", key)
                .json();

        assertThat(byFile.string("fingerprint")).isEqualTo(byKey.string("fingerprint"));
        assertThat(byFile.string("publicKey")).isEqualTo(key);
    }

    @Test
    void a_root_with_a_lowest_version_refuses_older_policies() throws Exception {
        String root = folder.resolve("root.pub") + "@2";

        CommandLineRun old =
                CommandLineRun.of("trust", "policy", "show", "--policy", policy.toString(), "--trust-root", root);
        addKey();
        CommandLineRun fresh =
                CommandLineRun.of("trust", "policy", "show", "--policy", policy.toString(), "--trust-root", root);
        CommandLineRun shown = CommandLineRun.of("trust", "root", "show", "--trust-root", root);
        CommandLineRun wrong =
                CommandLineRun.of("trust", "root", "show", "--trust-root", folder.resolve("root.pub") + "@x");

        assertThat(old.exit()).isEqualTo(5);
        assertThat(old.err())
                .contains("version 1 is older than version 2, the lowest that the trust root was given with");
        assertThat(fresh.exit()).isZero();
        assertThat(shown.out()).contains("refuses policies below version 2");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).contains("lowest policy version after @: expected 1 to 2^53-1, found \"x\"");
    }

    @Test
    void a_key_is_added_in_the_next_version() {
        String fingerprint = addKey();

        JsonObject list = read("keys", "list").json();
        assertThat(list.integer("version", 1, 10)).isEqualTo(2);
        assertThat(onlyKey().string("fingerprint")).isEqualTo(fingerprint);
        assertThat(onlyKey().string("notAfter")).isEqualTo("2027-06-01T12:00:00Z");
    }

    @Test
    void a_policy_lasts_90_days_unless_told_otherwise() {
        JsonObject usual = signed("policy", "rotate").json().object("policy");
        JsonObject longer = signed("policy", "rotate", "--days", "200").json().object("policy");

        assertThat(usual.string("expiresAt")).isEqualTo("2026-08-30T12:00:00Z");
        assertThat(longer.string("expiresAt")).isEqualTo("2026-12-18T12:00:00Z");
    }

    @Test
    void a_revoked_key_is_gone_from_the_next_version() {
        String fingerprint = addKey();

        CommandLineRun revoked = signed("keys", "revoke", fingerprint.substring(0, 20));

        assertThat(revoked.exit()).isZero();
        assertThat(read("keys", "list").json().array("keys")).isEmpty();
    }

    @Test
    void a_key_that_nobody_knows_cannot_be_revoked() {
        addKey();

        assertThat(signed("keys", "revoke", "sha256:00000000").exit()).isEqualTo(3);
    }

    @Test
    void floors_and_denials_come_with_a_rotation_and_can_be_taken_back() {
        String digest = "sha256:" + "5".repeat(64);

        JsonObject denied = signed("policy", "rotate", "--deny", digest, "--floor", "chicory@1.7.5+2")
                .json()
                .object("policy");
        JsonObject allowed =
                signed("policy", "rotate", "--allow", digest).json().object("policy");

        assertThat(denied.array("deniedDigests")).hasSize(1);
        assertThat(denied.array("floors").get(0).asString("floor")).isEqualTo("chicory@1.7.5+2");
        assertThat(allowed.array("deniedDigests")).isEmpty();
        assertThat(allowed.array("floors")).hasSize(1);
        assertThat(allowed.integer("version", 1, 10)).isEqualTo(3);
    }

    @Test
    void a_floor_can_be_taken_back_and_the_grace_changed() {
        signed("policy", "rotate", "--floor", "chicory@1.7.5+2", "--floor", "endive@1.0.0+1");

        JsonObject changed = signed("policy", "rotate", "--drop-floor", "chicory", "--grace-days", "3")
                .json()
                .object("policy");
        CommandLineRun again = signed("policy", "rotate", "--drop-floor", "chicory");

        assertThat(changed.array("floors"))
                .extracting(floor -> floor.asString("floor"))
                .containsExactly("endive@1.0.0+1");
        assertThat(changed.integer("graceSeconds", 0, Long.MAX_VALUE)).isEqualTo(3 * 24 * 3600);
        assertThat(again.exit()).isEqualTo(3);
        assertThat(again.err())
                .contains("does not contain floor of engine chicory")
                .contains("endive@1.0.0+1");
    }

    @Test
    void members_are_added_shown_and_taken_back() {
        String member = "java/lang/Math.abs:(I)I";

        JsonObject added =
                signed("policy", "rotate", "--add-member", member).json().object("policy");
        CommandLineRun shown = shown(folder);
        JsonObject dropped = signed("policy", "rotate", "--drop-member", member, "--add-member", "a/B.c:[La/D;")
                .json()
                .object("policy");

        assertThat(added.array("extraMembers").get(0).asString("member")).isEqualTo(member);
        assertThat(shown.out()).contains("  member " + member);
        assertThat(dropped.array("extraMembers"))
                .extracting(each -> each.asString("member"))
                .containsExactly("a/B.c:[La/D;");
        assertThat(signed("policy", "rotate", "--drop-member", member).exit()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java/lang/Math",
                "java/lang/Math.abs",
                "java.lang.Math.abs:(I)I",
                "a/B.c:(I",
                "a/B.c:La/D",
                "a/B.c:"
            })
    void an_invalid_member_is_refused(String text) {
        CommandLineRun run = signed("policy", "rotate", "--add-member", text);

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("owner.name:descriptor").contains(text);
    }

    /** The policy, verified with the root in that folder. */
    private CommandLineRun shown(Path root) {
        return CommandLineRun.of(
                "trust",
                "policy",
                "show",
                "--policy",
                policy.toString(),
                "--trust-root",
                root.resolve("root.pub").toString());
    }

    @Test
    void a_policy_of_another_root_ends_with_5() {
        Path other = folder.resolve("other");
        CommandLineRun.of("trust", "root", "create", "--out", other.toString());

        CommandLineRun run = shown(other);

        assertThat(run.exit()).isEqualTo(5);
        assertThat(run.err()).contains("verification failed: signature");
    }

    @Test
    void without_a_root_nothing_is_trusted() {
        CommandLineRun run = CommandLineRun.of("trust", "policy", "show", "--policy", policy.toString());

        assertThat(run.exit()).isEqualTo(5);
        assertThat(run.err()).contains("PRECAST_TRUST_ROOT");
    }
}
