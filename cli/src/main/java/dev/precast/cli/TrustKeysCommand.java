package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.attestation.VerifyingKey;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "keys", description = "The keys that may sign artifacts.")
final class TrustKeysCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "trust keys: missing subcommand (expected create, add, revoke or list)");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Creates signing.key (secret, 0600) and signing.pub; add signing.pub to the policy.")
    Exit create(
            @Mixin Common common,
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder for both files.")
                    Path out)
            throws IOException {
        SigningKey key = SigningKey.generate();
        TrustCommand.writePair(out, "signing", key);
        common.print(
                TrustCommand.describe(key.verifyingKey()).with("folder", out.toString()),
                "key " + key.verifyingKey().id() + "\n  " + out.resolve("signing.key") + " is secret\n  "
                        + out.resolve("signing.pub") + ": " + key.verifyingKey());
        return Exit.OK;
    }

    @Command(mixinStandardHelpOptions = true, description = "Adds a key in the next version of the policy.")
    Exit add(
            @Mixin Common common,
            @Mixin PolicyPlace place,
            @Parameters(paramLabel = "FILE|KEY", description = "The public key.") String key,
            @Option(names = "--builder", required = true, description = "The builder that the key signs for.")
                    String builder,
            @Option(
                            names = "--only-engine",
                            description = "Names of the engines that the key may sign for. Default: all.")
                    @Nullable
                    Set<String> engines,
            @Option(names = "--only-target", description = "Targets that the key may sign for. Default: all.") @Nullable
                    Set<String> targets,
            @Mixin KeyLifetime lifetime)
            throws IOException, RefusedException {
        TrustedKey added = new TrustedKey(
                publicKey(key),
                builder,
                engines == null ? Set.of() : engines,
                targets == null ? Set.of() : targets,
                PolicyPlace.now(common),
                lifetime.end(common));
        TrustPolicy next = place.replace(common, old -> {
                    List<TrustedKey> keys = new ArrayList<>(old.keys());
                    keys.removeIf(k -> k.key().equals(added.key()));
                    keys.add(added);
                    return withKeys(old, keys);
                })
                .policy();
        return changed(common, next, "added " + added.key().id());
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Removes a key; hosts then reject everything that it signed. Its worker needs a new key.")
    Exit revoke(
            @Mixin Common common,
            @Mixin PolicyPlace place,
            @Parameters(
                            paramLabel = "FINGERPRINT",
                            description =
                                    "The key's fingerprint, as shown by keys list, or at least its first 8 digits.")
                    String fingerprint)
            throws IOException, RefusedException {
        String start = fingerprint.startsWith("sha256:") ? fingerprint.substring(7) : fingerprint;
        TrustPolicy next = place.replace(common, old -> {
                    List<Digest> meant = old.keys().stream()
                            .map(k -> k.key().id())
                            .filter(id -> id.hex().startsWith(start))
                            .toList();
                    if (meant.size() != 1 || start.length() < 8) {
                        throw new CommandFailed(
                                Exit.NOT_FOUND,
                                "no-such-key",
                                "key: expected 8 or more digits that match one key, found " + meant.size()
                                        + " keys for " + fingerprint);
                    }
                    return withKeys(
                            old,
                            old.keys().stream()
                                    .filter(k -> !k.key().id().equals(meant.get(0)))
                                    .toList());
                })
                .policy();
        return changed(common, next, "revoked " + fingerprint);
    }

    @Command(mixinStandardHelpOptions = true, description = "Lists the keys of the policy.")
    Exit list(@Mixin Common common, @Mixin PolicyPlace place, @Mixin TrustSetup trust)
            throws IOException, RefusedException {
        TrustRoot root = trust.require(common).root();
        TrustPolicy policy = root.open(place.read(common), 0);
        common.print(
                JsonObject.EMPTY
                        .with("version", policy.version())
                        .with(
                                "keys",
                                Json.of(policy.keys().stream()
                                        .map(TrustKeysCommand::json)
                                        .toList())),
                policy.keys().isEmpty()
                        ? "no keys"
                        : policy.keys().stream().map(TrustKeysCommand::line).collect(Collectors.joining("\n")));
        return Exit.OK;
    }

    static VerifyingKey publicKey(String fileOrKey) throws IOException {
        Path file = Path.of(fileOrKey);
        try {
            return VerifyingKey.parse(Files.isRegularFile(file) ? Files.readString(file) : fileOrKey);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(
                    Exit.USAGE,
                    "usage",
                    fileOrKey + ": neither a file nor a base64 Ed25519 public key: " + e.getMessage(),
                    e);
        }
    }

    private static TrustPolicy withKeys(TrustPolicy p, List<TrustedKey> keys) {
        return new TrustPolicy(
                p.version(),
                p.issuedAt(),
                p.expiresAt(),
                p.grace(),
                keys,
                p.floors(),
                p.deniedDigests(),
                p.extraMembers());
    }

    private static Exit changed(Common common, TrustPolicy next, String what) {
        common.print(
                JsonObject.EMPTY
                        .with("version", next.version())
                        .with(
                                "keys",
                                Json.of(next.keys().stream()
                                        .map(TrustKeysCommand::json)
                                        .toList())),
                what + ", policy version " + next.version());
        return Exit.OK;
    }

    static String line(TrustedKey key) {
        return "  key    " + key.key().id() + "\n         builder " + key.builder() + ", engines "
                + (key.engines().isEmpty() ? "all" : key.engines()) + ", targets "
                + (key.targets().isEmpty() ? "all" : key.targets()) + ", " + key.notBefore() + " to " + key.notAfter();
    }

    private static JsonObject json(TrustedKey key) {
        return JsonObject.EMPTY
                .with("fingerprint", key.key().id().toString())
                .with("publicKey", key.key().toString())
                .with("builder", key.builder())
                .with("engines", Json.ofStrings(key.engines().stream().sorted().toList()))
                .with("targets", Json.ofStrings(key.targets().stream().sorted().toList()))
                .with("notBefore", key.notBefore().toString())
                .with("notAfter", key.notAfter().toString());
    }
}
