package dev.precast.engine.chicory.load;

import dev.precast.artifact.Lane;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleFormat;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleReader;
import dev.precast.load.EngineLoader;
import dev.precast.load.VerifiedArtifact;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.zip.Deflater;

/**
 * Loads an artifact as a jar in the form of the engine's own cache: classes and {@code wasm-module.properties}, whose
 * {@code mainClass} names the machine. For hosts that keep using the engine's compiler with its cache. Reads and
 * verifies all classes at once.
 *
 * <p>Thread safe.
 */
public final class ClassJarLoader implements EngineLoader<byte[]> {
    private final ChicoryLoader lanes = new ChicoryLoader();
    private final ClassVerifier verifier = ClassVerifier.ofFormat();

    @Override
    public List<Lane> lanes() {
        return lanes.lanes();
    }

    @Override
    public byte[] load(VerifiedArtifact artifact) throws IOException, RefusedException {
        Attestation attestation = artifact.attestation();
        if (!lanes().contains(attestation.lane()) || !attestation.format().equals(BundleFormat.NAME)) {
            throw new RefusedException(
                    Check.LOADABLE,
                    "artifact: expected " + BundleFormat.NAME + " of " + lanes() + ", found " + attestation.format()
                            + " of " + attestation.lane());
        }
        SizedDigest index =
                attestation.index().orElseThrow(() -> new RefusedException(Check.INDEX, "missing in the attestation"));
        try {
            return jar(
                    new BundleReader(
                            artifact.payload(), BundleIndex.read(artifact.payload(), index.size(), index.digest())),
                    verifier.with(artifact.extraMembers()));
        } catch (BundleException e) {
            throw new RefusedException(Check.INDEX, e.getMessage());
        }
    }

    private static byte[] jar(BundleReader bundle, ClassVerifier verifier) throws IOException, RefusedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(out)) {
            jar.setLevel(Deflater.NO_COMPRESSION);
            String main = "mainClass=" + ChicoryFormat.MAIN_CLASS.replace('/', '.') + "\n";
            add(jar, "wasm-module.properties", main.getBytes(StandardCharsets.ISO_8859_1));
            add(jar, ChicoryFormat.HELPER_CLASS + ".class", HelperClassLoader.classBytes());
            for (BundleEntry entry : bundle.index().startingWith(ChicoryFormat.CLASS_PREFIX)) {
                String name = entry.name().substring(ChicoryFormat.CLASS_PREFIX.length());
                byte[] bytes = Entries.read(bundle, entry);
                verifier.verify(name, bytes);
                add(jar, name + ".class", bytes);
            }
        }
        return out.toByteArray();
    }

    private static void add(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }

    /** @throws IllegalArgumentException always: the engine compiles after a miss */
    @Override
    public byte[] interpret(byte[] wasm) {
        throw new IllegalArgumentException("ClassJarLoader: cannot interpret modules; use MissPolicy.fail()");
    }
}
