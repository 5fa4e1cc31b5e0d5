package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.pack.PackFolder;
import dev.precast.pack.PackList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An engine pack whose compiler is a shell script that a test writes. */
final class ShellPack {
    static final String FORMAT = "text/1";

    private ShellPack() {}

    /** @param compile script that runs in the child's folder; $1 input, $2 output, $3 config, $4 heap, $5 pack */
    static EnginePack write(Path packs, String name, String compile) {
        return write(packs, name, FORMAT, compile);
    }

    static EnginePack write(Path packs, String name, String format, String compile) {
        return write(packs, name, format, compile, "");
    }

    /** @param check script that runs in the child's folder; $1 artifact */
    static EnginePack writeChecked(Path packs, String name, String compile, String check) {
        return write(packs, name, FORMAT, compile, check);
    }

    private static EnginePack write(Path packs, String name, String format, String compile, String check) {
        Path folder = packs.resolve(name);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("compile.sh"), compile);
            Files.writeString(folder.resolve("probe.sh"), """
                    echo '{"lanes":[{"profile":"default","engineHash":"%s","target":"jvm","format":"%s"}]}'
                    """.formatted(
                            Digest.of(name.getBytes(StandardCharsets.UTF_8)), format));
            Files.writeString(folder.resolve(PackFolder.DESCRIPTION), """
                    {"engine": {"name": "%s", "version": "1.0.0", "revision": 1},
                     "format": "%s",
                     "profiles": {"default": {"level": 1}},
                     "targets": ["jvm"],
                     "command": ["/bin/sh", "{pack}/compile.sh", "{in}", "{out}", "{config}", "{heapMb}", "{pack}"],
                     %s
                     "probe": ["/bin/sh", "{pack}/probe.sh"]}
                    """.formatted(
                            name,
                            format,
                            check.isEmpty() ? "" : "\"check\": [\"/bin/sh\", \"{pack}/check.sh\", \"{artifact}\"],"));
            Files.writeString(folder.resolve("check.sh"), check);
            PackList.write(packs);
            return EnginePack.read(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
