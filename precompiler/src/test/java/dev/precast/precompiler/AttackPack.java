package dev.precast.precompiler;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.artifact.Digest;
import dev.precast.pack.PackFolder;
import dev.precast.pack.PackList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * An engine pack whose compiler was taken over by its module: it runs the script that the module contains, in its own
 * process. The script can make any system call with {@link Caller}.
 */
final class AttackPack {
    static final String ENGINE = "hostile";

    /** Bytes of a module before the script. */
    private static final int HEADER = 18;

    private AttackPack() {}

    /** A valid module that consists of a custom section with a script. */
    static byte[] module(String script) {
        byte[] text = script.getBytes(UTF_8);
        ByteArrayOutputStream wasm = new ByteArrayOutputStream();
        wasm.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 0});
        int size = 4 + text.length;
        for (int i = 0; i < 5; i++) {
            wasm.write(((size >>> (7 * i)) & 0x7f) | (i < 4 ? 0x80 : 0)); // Five bytes, whatever the size.
        }
        wasm.writeBytes(new byte[] {3, 'a', 't', 'k'});
        wasm.writeBytes(text);
        return wasm.toByteArray();
    }

    /** Adds a class and its nested classes, anonymous ones too. */
    private static void add(Class<?> type, JarOutputStream jar) throws IOException {
        add(type.getName(), jar);
        for (Class<?> nested : type.getDeclaredClasses()) {
            add(nested, jar);
        }
        for (int i = 1; add(type.getName() + "$" + i, jar); i++) {
            continue;
        }
    }

    private static boolean add(String type, JarOutputStream jar) throws IOException {
        String name = type.replace('.', '/') + ".class";
        try (InputStream in = AttackPack.class.getClassLoader().getResourceAsStream(name)) {
            if (in == null) {
                return false;
            }
            jar.putNextEntry(new JarEntry(name));
            in.transferTo(jar);
            return true;
        }
    }

    /** Writes the pack into a folder of packs. */
    static void write(Path packs) throws IOException {
        Path folder = Files.createDirectories(packs.resolve(ENGINE));
        Files.writeString(folder.resolve("attack.sh"), """
                IN=$1 OUT=$2 JAVA=$3 PACK=$4
                program() {
                    "$JAVA" -Xmx32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \\
                        -cp "$PACK/attacker.jar" "dev.precast.precompiler.$@"
                }
                calls() { program Caller "$@"; }
                tail -c +%d "$IN" > attack
                . ./attack
                """.formatted(HEADER + 1));
        try (OutputStream out = Files.newOutputStream(folder.resolve("attacker.jar"));
                JarOutputStream jar = new JarOutputStream(out)) {
            for (Class<?> type : List.of(Caller.class, SystemCall.class)) {
                add(type, jar);
            }
        }
        Files.writeString(folder.resolve("probe.sh"), """
                echo '{"lanes":[{"profile":"default","engineHash":"%s","target":"jvm","format":"text/1"}]}'
                """.formatted(Digest.of(ENGINE.getBytes(UTF_8))));
        Files.writeString(folder.resolve(PackFolder.DESCRIPTION), """
                {"engine": {"name": "%s", "version": "1.0.0", "revision": 1}, "format": "text/1", "jdk": true,
                 "profiles": {"default": {}}, "targets": ["jvm"],
                 "command": ["/bin/sh", "{pack}/attack.sh", "{in}", "{out}", "{java}", "{pack}"],
                 "probe": ["/bin/sh", "{pack}/probe.sh"]}
                """.formatted(ENGINE));
        PackList.write(packs);
    }
}
