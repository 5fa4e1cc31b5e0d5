package dev.precast.cli;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.VerifyingKey;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "trust",
        description =
                "The trust root, the keys that may sign artifacts, the signed policy, and the proof that it is current.",
        subcommands = {
            TrustCommand.Root.class,
            TrustKeysCommand.class,
            TrustPolicyCommand.class,
            TrustOnlineCommand.class
        })
final class TrustCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "trust: missing subcommand (expected root, keys, policy or online); see --help");
    }

    /** Writes the two files of a key pair. Neither file may exist before. */
    static void writePair(Path folder, String name, SigningKey key) throws IOException {
        Files.createDirectories(folder);
        Path secret = folder.resolve(name + ".key");
        Path open = folder.resolve(name + ".pub");
        try {
            Files.createFile(secret, ownerOnly());
            Files.writeString(secret, key.secretText() + "\n");
            Files.write(
                    open,
                    (key.verifyingKey() + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailed(
                    Exit.OTHER, "exists", e.getFile() + ": exists already; keys are not overwritten", e);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[] {};
    }

    static JsonObject describe(VerifyingKey key) {
        return JsonObject.EMPTY.with("fingerprint", key.id().toString()).with("publicKey", key.toString());
    }

    @Command(name = "root", description = "The offline key that signs policies.")
    static final class Root implements Runnable {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public void run() {
            throw new ParameterException(
                    spec.commandLine(), "trust root: missing subcommand (expected create or show)");
        }

        @Command(mixinStandardHelpOptions = true, description = "Creates root.key (secret, 0600) and root.pub.")
        Exit create(
                @Mixin Common common,
                @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder for both files.")
                        Path out)
                throws IOException {
            SigningKey key = SigningKey.generate();
            writePair(out, "root", key);
            common.print(
                    describe(key.verifyingKey()).with("folder", out.toString()),
                    "root " + key.verifyingKey().id() + "\n  " + out.resolve("root.key")
                            + " is secret: keep it offline\n  " + out.resolve("root.pub") + " is for hosts: "
                            + key.verifyingKey());
            return Exit.OK;
        }

        @Command(mixinStandardHelpOptions = true, description = "Shows the trust root that commands of this user use.")
        Exit show(@Mixin Common common, @Mixin TrustSetup trust) {
            TrustSetup.Found found = trust.require(common);
            VerifyingKey key = found.root().key();
            long lowest = found.root().lowestVersion();
            JsonObject document = describe(key).with("from", found.from());
            common.print(
                    lowest == 0 ? document : document.with("lowestVersion", lowest),
                    "root " + key.id() + "\n  public key " + key + "\n  from " + found.from()
                            + (lowest == 0 ? "" : "\n  refuses policies below version " + lowest));
            return Exit.OK;
        }
    }
}
