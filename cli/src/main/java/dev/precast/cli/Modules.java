package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.host.ModuleFile;
import dev.precast.module.WasmKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** Parses arguments that name a module by its file or its digest. */
final class Modules {
    private static final Pattern DIGEST = Pattern.compile("(sha256:)?[a-f0-9]{64}");

    private Modules() {}

    static boolean isDigest(String text) {
        return DIGEST.matcher(text).matches();
    }

    static ModuleDigest digest(String text) {
        return ModuleDigest.parse(text.startsWith("sha256:") ? text : "sha256:" + text);
    }

    /** The digest in the text, or the digest of the file with this name. */
    static ModuleDigest digestOrFile(String text) throws IOException {
        return isDigest(text) ? digest(text) : new ModuleDigest(digestOf(existing(Path.of(text))));
    }

    /** @throws CommandFailed if the file does not exist or cannot be read */
    static Path existing(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailed(Exit.NOT_FOUND, "no-such-file", file + ": file not found");
        }
        if (!Files.isReadable(file)) {
            throw new CommandFailed(Exit.OTHER, "unreadable", file + ": permission denied");
        }
        return file;
    }

    /** @throws CommandFailed if the file cannot be read, or a line names no module */
    static List<ModuleDigest> listed(Path file) {
        try {
            return ModuleFile.read(existing(file));
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(Exit.USAGE, "bad-list", String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CommandFailed(Exit.OTHER, "unreadable", file + ": cannot be read: " + e, e);
        }
    }

    static Digest digestOf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Digest.of(in);
        }
    }

    /** @throws CommandFailed if the file is not WebAssembly */
    static WasmKind kind(Path file) throws IOException {
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(WasmKind.PREAMBLE_BYTES);
        }
        WasmKind kind = WasmKind.of(start);
        if (kind == WasmKind.OTHER) {
            throw new CommandFailed(
                    Exit.REJECTED,
                    "not-wasm",
                    file + ": expected a WebAssembly module or component, found other bytes");
        }
        return kind;
    }
}
