package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "policy", description = "The signed policy: keys with their scopes, engine floors and denied digests.")
final class TrustPolicyCommand implements Runnable {
    /** Owner, name and descriptor in the form of class files. */
    private static final Pattern MEMBER = Pattern.compile("[\\w$]+(?:/[\\w$]+)*\\.(?:[\\w$]+|<init>):(\\S+)");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "trust policy: missing subcommand (expected create, show, rotate or publish)");
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = "Signs a first policy without keys and writes it to the file --policy.")
    Exit create(
            @Mixin Common common,
            @Mixin PolicyPlace place,
            @Mixin PolicyLifetime lifetime,
            @Option(
                            names = "--grace-days",
                            paramLabel = "N",
                            defaultValue = "7",
                            description = "Days for which verified artifacts stay valid after the policy expires. "
                                    + "Default: ${DEFAULT-VALUE}.")
                    int graceDays)
            throws IOException, RefusedException {
        Path file = place.file();
        if (file == null) {
            throw new CommandFailed(Exit.USAGE, "usage", "policy create: missing --policy FILE, the file to write");
        }
        if (Files.exists(file)) {
            throw new CommandFailed(
                    Exit.OTHER, "exists", file + ": exists already; use policy rotate to sign the next version");
        }
        TrustPolicy first = new TrustPolicy(
                1,
                PolicyPlace.now(common),
                lifetime.end(common),
                Duration.ofDays(graceDays),
                List.of(),
                List.of(),
                Set.of(),
                Set.of());
        SigningKey root = place.root(common);
        Envelope envelope = first.sign(root);
        place.write(common, envelope);
        return show(common, envelope.toJson(), new TrustRoot(root.verifyingKey()));
    }

    @Command(mixinStandardHelpOptions = true, description = "Shows a policy that the root signed.")
    Exit show(@Mixin Common common, @Mixin PolicyPlace place, @Mixin TrustSetup trust)
            throws IOException, RefusedException {
        TrustRoot root = trust.require(common).root();
        return show(common, place.read(common), root);
    }

    @Command(
            mixinStandardHelpOptions = true,
            description =
                    "Signs the next version with new dates, and with changes of grace, floors, denials and members.")
    Exit rotate(
            @Mixin Common common,
            @Mixin PolicyPlace place,
            @Mixin PolicyLifetime lifetime,
            @Option(
                            names = "--floor",
                            paramLabel = "ENGINE",
                            description = "Lowest accepted engine, in full, such as chicory@1.7.5+1.")
                    @Nullable
                    List<String> floors,
            @Option(names = "--drop-floor", paramLabel = "NAME", description = "Removes the floor of an engine.")
                    @Nullable
                    List<String> dropFloors,
            @Option(
                            names = "--deny",
                            paramLabel = "DIGEST",
                            description = "Deny the digest of a pack, payload or module.")
                    @Nullable
                    List<String> deny,
            @Option(names = "--allow", paramLabel = "DIGEST", description = "Remove a digest that --deny added.")
                    @Nullable
                    List<String> allow,
            @Option(
                            names = "--add-member",
                            paramLabel = "MEMBER",
                            description = "Runtime member that generated classes may use in addition to the "
                                    + "format's list: owner.name:descriptor, such as java/lang/Math.abs:(I)I.")
                    @Nullable
                    List<String> addMembers,
            @Option(
                            names = "--drop-member",
                            paramLabel = "MEMBER",
                            description = "Remove a member that --add-member added.")
                    @Nullable
                    List<String> dropMembers,
            @Option(
                            names = "--grace-days",
                            paramLabel = "N",
                            description = "Days for which verified artifacts stay valid after the policy expires. "
                                    + "Default: unchanged.")
                    @Nullable
                    Integer graceDays)
            throws IOException, RefusedException {
        PolicyPlace.Signed next = place.replace(
                common,
                old -> new TrustPolicy(
                        old.version(),
                        old.issuedAt(),
                        lifetime.end(common),
                        graceDays == null ? old.grace() : Duration.ofDays(graceDays),
                        old.keys(),
                        floors(old, orNone(floors), orNone(dropFloors)),
                        denied(old, orNone(deny), orNone(allow)),
                        members(old, orNone(addMembers), orNone(dropMembers))));
        PolicyPlace.print(common, next);
        return Exit.OK;
    }

    @Command(mixinStandardHelpOptions = true, description = "Sends a signed policy to the service.")
    Exit publish(
            @Mixin Common common,
            @Parameters(paramLabel = "FILE", description = "The signed policy.") Path file,
            @Option(
                            names = "--appointment",
                            paramLabel = "FILE",
                            description = "Send this appointment of the service's online key first, so that the "
                                    + "service can sign that the policy is current.")
                    @Nullable
                    Path appointment)
            throws IOException {
        byte[] envelope = Files.readAllBytes(Modules.existing(file));
        if (appointment != null) {
            common.service().publishCurrent(Files.readAllBytes(Modules.existing(appointment)));
        }
        common.service().publishTrust(envelope);
        common.print(JsonObject.EMPTY.with("published", file.toString()), "published " + file);
        return Exit.OK;
    }

    private static Exit show(Common common, byte[] envelope, TrustRoot root) throws RefusedException {
        PolicyPlace.print(common, new PolicyPlace.Signed(root.open(envelope, 0), PolicyPlace.json(envelope, root)));
        return Exit.OK;
    }

    private static List<EngineId> floors(TrustPolicy old, List<String> changes, List<String> drop) {
        List<EngineId> floors = new ArrayList<>(old.floors());
        drop.forEach(
                name -> found(floors.removeIf(f -> f.name().equals(name)), "floor of engine " + name, old.floors()));
        for (String change : changes) {
            EngineId floor = EngineId.parse(change);
            floors.removeIf(f -> f.name().equals(floor.name()));
            floors.add(floor);
        }
        return floors;
    }

    private static Set<Digest> denied(TrustPolicy old, List<String> deny, List<String> allow) {
        Set<Digest> denied = new HashSet<>(old.deniedDigests());
        deny.forEach(d -> denied.add(Modules.digest(d).digest()));
        allow.forEach(d -> denied.remove(Modules.digest(d).digest()));
        return denied;
    }

    private static Set<String> members(TrustPolicy old, List<String> add, List<String> drop) {
        Set<String> members = new HashSet<>(old.extraMembers());
        drop.forEach(member -> found(members.remove(member), "member " + member, old.extraMembers()));
        add.forEach(member -> members.add(member(member)));
        return members;
    }

    private static String member(String text) {
        Matcher parts = MEMBER.matcher(text);
        try {
            if (parts.matches()) {
                String descriptor = parts.group(1);
                if (descriptor.startsWith("(")) {
                    MethodTypeDesc.ofDescriptor(descriptor);
                } else {
                    ClassDesc.ofDescriptor(descriptor);
                }
                return text;
            }
        } catch (IllegalArgumentException e) {
            // The error is thrown below.
        }
        throw new CommandFailed(
                Exit.USAGE,
                "usage",
                "--add-member: expected owner.name:descriptor such as java/lang/Math.abs:(I)I, found " + text);
    }

    private static void found(boolean found, String what, Collection<?> there) {
        if (!found) {
            throw new CommandFailed(
                    Exit.NOT_FOUND, "not-in-policy", "policy: does not contain " + what + "; contains: " + there);
        }
    }

    private static List<String> orNone(@Nullable List<String> given) {
        return given == null ? List.of() : given;
    }
}
