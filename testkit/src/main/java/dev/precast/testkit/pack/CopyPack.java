package dev.precast.testkit.pack;

import dev.precast.artifact.Digest;
import dev.precast.pack.PackList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/**
 * An engine pack whose compiler copies its input. A word in the module can make the compiler reject the module, crash
 * or take time.
 */
public final class CopyPack {
    public static final String ENGINE = "copy@1.0.0+1";

    private static final int LARGE = 3 << 20;

    private CopyPack() {}

    /** Writes the pack and the list that allows it below {@code folder}; returns the folder of packs. */
    public static Path in(Path folder) throws IOException {
        Path pack = Files.createDirectories(folder.resolve("packs/copy"));
        Files.writeString(pack.resolve("compile.sh"), """
                said=$(head -c 64 "$1" | tr -cd a-z)
                case "$said" in
                  *reject*) echo '{"code":"invalid-module","message":"told so"}' >&2; exit 65 ;;
                  *crash*) exit 1 ;;
                  *sleep*) sleep 2 ;;
                  *doze*) sleep 5 ;;
                  *snore*) sleep 60 ;;
                esac
                cat "$1" > "$2"
                """);
        Files.writeString(
                pack.resolve("probe.sh"),
                "echo "
                        + "'{\"lanes\":[{\"profile\":\"default\",\"engineHash\":\"%s\",\"target\":\"jvm\",\"format\":\"copy/1\"}]}'\n"
                                .formatted(Digest.of("copy".getBytes(StandardCharsets.UTF_8))));
        Files.writeString(pack.resolve("check.sh"), """
                said=$(head -c 64 "$1" | tr -cd a-z)
                case "$said" in
                  *broken*) echo '{"code":"unloadable","message":"told so"}' >&2; exit 65 ;;
                esac
                """);
        Files.writeString(pack.resolve("engine.json"), """
                {"engine": {"name": "copy", "version": "1.0.0", "revision": 1},
                 "format": "copy/1",
                 "profiles": {"default": {"level": 1}},
                 "targets": ["jvm"],
                 "command": ["/bin/sh", "{pack}/compile.sh", "{in}", "{out}"],
                 "check": ["/bin/sh", "{pack}/check.sh", "{artifact}"],
                 "probe": ["/bin/sh", "{pack}/probe.sh"]}
                """);
        PackList.write(folder.resolve("packs"));
        return folder.resolve("packs");
    }

    /** Adds another revision of the pack to the folder of packs. */
    public static void addRevision(Path packs, int revision) throws IOException {
        addRevision(packs, revision, Duration.ZERO);
    }

    /** Adds another revision, whose probe takes the time {@code probe}. */
    public static void addRevision(Path packs, int revision, Duration probe) throws IOException {
        Path fresh = Files.createDirectories(packs.resolve("copy-" + revision));
        for (String file : new String[] {"compile.sh", "check.sh", "probe.sh"}) {
            Files.copy(packs.resolve("copy").resolve(file), fresh.resolve(file));
        }
        Path asked = fresh.resolve("probe.sh");
        Files.writeString(asked, "sleep " + probe.toSeconds() + "\n" + Files.readString(asked));
        String engine = Files.readString(packs.resolve("copy/engine.json"));
        Files.writeString(fresh.resolve("engine.json"), engine.replace("\"revision\": 1", "\"revision\": " + revision));
        PackList.write(packs);
    }

    /**
     * A module that contains {@code word}: {@code reject}, {@code crash}, {@code sleep} (2 s), {@code doze} (5 s), {@code snore}
     * (a minute); {@code broken}, whose artifact does not load; or any other to be copied.
     */
    public static byte[] module(String word) {
        byte[] said = word.getBytes(StandardCharsets.US_ASCII);
        byte[] module = new byte[8 + 2 + 1 + said.length];
        System.arraycopy(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 0}, 0, module, 0, 9);
        module[9] = (byte) (said.length + 1);
        module[10] = (byte) said.length;
        System.arraycopy(said, 0, module, 11, said.length);
        return module;
    }

    /**
     * A module of about 3 MB, which zstd makes smaller and the service does not cache in memory.
     *
     * @param seed different seeds make different modules
     */
    public static byte[] large(int seed) {
        byte[] noise = new byte[LARGE];
        new Random(seed).nextBytes(noise);
        for (int i = 0; i < noise.length; i += 4) {
            noise[i] = 0;
        }
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 0});
        int size = noise.length + 2;
        for (int shift = 0; shift < 21; shift += 7) {
            module.write(((size >> shift) & 0x7f) | 0x80);
        }
        module.write(size >> 21);
        module.writeBytes(new byte[] {1, 'n'});
        module.writeBytes(noise);
        return module.toByteArray();
    }
}
