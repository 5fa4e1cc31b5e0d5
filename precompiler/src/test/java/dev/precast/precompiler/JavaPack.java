package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.bundle.BundleWriter;
import dev.precast.pack.PackFolder;
import dev.precast.pack.PackList;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** An engine pack whose compiler runs in a JVM: {@link Copier} in a jar. */
final class JavaPack {
    private JavaPack() {}

    static EnginePack write(Path packs) throws IOException {
        Path folder = Files.createDirectories(packs.resolve("copier"));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        try (OutputStream out = Files.newOutputStream(folder.resolve("copier.jar"));
                JarOutputStream jar = new JarOutputStream(out, manifest)) {
            String name = Copier.class.getName().replace('.', '/') + ".class";
            jar.putNextEntry(new JarEntry(name));
            try (InputStream in =
                    Objects.requireNonNull(JavaPack.class.getClassLoader().getResourceAsStream(name))) {
                in.transferTo(jar);
            }
        }
        String java =
                "\"{java}\", \"{aot}\", \"-Xmx{heapMb}m\", \"-XX:+UseSerialGC\", \"-XX:+ExitOnOutOfMemoryError\", "
                        + "\"-cp\", \"{pack}/copier.jar\", \"" + Copier.class.getName() + "\"";
        Files.writeString(folder.resolve(PackFolder.DESCRIPTION), """
                {"engine": {"name": "copier", "version": "1.0.0", "revision": 1}, "format": "text/1", "jdk": true,
                 "profiles": {"default": {}}, "targets": ["jvm"],
                 "command": [%s, "{in}", "{out}"], "probe": [%s]}
                """.formatted(java, java));
        PackList.write(packs);
        return EnginePack.read(folder);
    }

    /** A bundle of one entry. */
    static void writeBundle(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            new BundleWriter().add("skeleton.wasm", new byte[] {1, 2, 3}).writeTo(out);
        }
    }

    /** Copies its input, and fills its heap if the input contains "hog". Without arguments, prints its lane. */
    static final class Copier {
        public static void main(String[] args) throws IOException {
            if (args.length == 0) {
                System.out.println("{\"lanes\":[{\"profile\":\"default\",\"engineHash\":\"sha256:" + "0".repeat(64)
                        + "\",\"target\":\"jvm\",\"format\":\"text/1\"}]}");
                return;
            }
            byte[] in = Files.readAllBytes(Path.of(args[0]));
            byte[][] kept = new byte[100_000][];
            for (int i = 0;
                    i < kept.length && new String(in, java.nio.charset.StandardCharsets.ISO_8859_1).contains("hog");
                    i++) {
                kept[i] = new byte[1 << 20];
            }
            Files.write(Path.of(args[1]), in);
        }
    }

    static Digest digestOf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Digest.of(in);
        }
    }
}
