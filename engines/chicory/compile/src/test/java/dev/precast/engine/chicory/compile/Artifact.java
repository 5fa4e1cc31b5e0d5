package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.CompiledModule;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Payload;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleFormat;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleWriter;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.load.VerifiedArtifact;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A compiled module in memory, with the attestation that its builder would sign. */
final class Artifact implements Payload {
    /** The file with the advisories of this pack. */
    static final Path ADVISORIES_FILE = Path.of("src/main/pack/advisories.json").toAbsolutePath();
    /** The advisories of this pack. */
    static final Advisories ADVISORIES = advisories();

    private static final Lane LANE = ChicoryFormat.lane(ChicoryFormat.DEFAULT_CONFIG);

    private final byte[] good;
    private final Attestation attestation;
    private byte[] bytes;

    private Artifact(byte[] wasm, byte[] bundle) throws BundleException {
        this.good = bundle;
        this.bytes = bundle;
        byte[] prefix = Arrays.copyOf(bundle, BundleIndex.prefixBytes(bundle));
        this.attestation = new Attestation(
                new ModuleDigest(Digest.of(wasm)),
                wasm.length,
                LANE,
                BundleFormat.NAME,
                new SizedDigest(Digest.of(bundle), bundle.length),
                Optional.empty(),
                Optional.of(new SizedDigest(Digest.of(prefix), prefix.length)),
                Digest.of(new byte[0]),
                "jdk",
                "test",
                Instant.EPOCH,
                Instant.EPOCH);
    }

    private static Advisories advisories() {
        try {
            return Advisories.parse(Files.readString(ADVISORIES_FILE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Artifact of(byte[] wasm) {
        return interpreting(wasm, Set.of());
    }

    /** An artifact of a pack with other advisories. */
    static Artifact of(byte[] wasm, Advisories advisories, Set<Integer> interpreted) {
        try {
            return new Artifact(wasm, compile(wasm, advisories, interpreted));
        } catch (BundleException e) {
            throw new AssertionError(e);
        }
    }

    /** An artifact of a module with other classes, by their internal names. */
    static Artifact ofClasses(byte[] wasm, Map<String, byte[]> classes) {
        try {
            byte[] compiled = compile(wasm);
            BundleIndex index =
                    BundleIndex.parse(Arrays.copyOf(compiled, BundleIndex.prefixBytes(compiled)), compiled.length);
            BundleWriter bundle = new BundleWriter();
            for (BundleEntry entry : index.entries().values()) {
                if (!entry.name().startsWith(ChicoryFormat.CLASS_PREFIX)) {
                    bundle.add(entry.name(), bytes(compiled, entry));
                }
            }
            classes.forEach((name, bytes) -> bundle.add(ChicoryFormat.CLASS_PREFIX + name, bytes));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            bundle.writeTo(out);
            return new Artifact(wasm, out.toByteArray());
        } catch (BundleException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The classes of a module's artifact by their internal names. */
    static Map<String, byte[]> classes(byte[] wasm) {
        try {
            byte[] compiled = compile(wasm);
            Map<String, byte[]> classes = new TreeMap<>();
            for (BundleEntry entry : BundleIndex.parse(
                            Arrays.copyOf(compiled, BundleIndex.prefixBytes(compiled)), compiled.length)
                    .startingWith(ChicoryFormat.CLASS_PREFIX)) {
                classes.put(entry.name().substring(ChicoryFormat.CLASS_PREFIX.length()), bytes(compiled, entry));
            }
            return classes;
        } catch (BundleException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(byte[] bundle, BundleEntry entry) {
        return Arrays.copyOfRange(bundle, (int) entry.offset(), (int) (entry.offset() + entry.length()));
    }

    /** An artifact of a module, some of whose functions are interpreted. */
    static Artifact interpreting(byte[] wasm, Set<Integer> functions) {
        return of(wasm, ADVISORIES, functions);
    }

    /**
     * An artifact of a module for a config, some of whose functions are interpreted.
     *
     * @throws RejectedException if the compile side rejects the module
     */
    static Artifact compiled(byte[] wasm, ChicoryConfig config, Set<Integer> interpreted) throws RejectedException {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ModuleCompiler.compile(wasm, config, ADVISORIES, interpreted).writeTo(out);
            return new Artifact(wasm, out.toByteArray());
        } catch (BundleException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bundle's bytes. */
    static byte[] compile(byte[] wasm) {
        return compile(wasm, ADVISORIES, Set.of());
    }

    private static byte[] compile(byte[] wasm, Advisories advisories, Set<Integer> interpreted) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ModuleCompiler.compile(wasm, ChicoryConfig.defaults(), advisories, interpreted)
                    .writeTo(out);
            return out.toByteArray();
        } catch (RejectedException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    BundleIndex index() throws BundleException {
        return BundleIndex.parse(Arrays.copyOf(good, BundleIndex.prefixBytes(good)), good.length);
    }

    /** Replaces a byte until the payload is fetched again. */
    void damage(long offset) {
        bytes = good.clone();
        bytes[(int) offset] ^= 1;
    }

    /** A copy that stays damaged, however often it is fetched. */
    Damaged damagedForGood(long offset) {
        byte[] copy = good.clone();
        copy[(int) offset] ^= 0x10;
        return new Damaged(copy, attestation);
    }

    CompiledModule load(ChicoryLoader loader) throws IOException, RefusedException {
        return loader.load(new VerifiedArtifact(attestation, this, Set.of()));
    }

    /** @param broken gets the reason if a part fails a check after the load */
    CompiledModule load(ChicoryLoader loader, Consumer<RefusedException> broken) throws IOException, RefusedException {
        return loader.load(new VerifiedArtifact(attestation, this, Set.of(), why -> {}, broken));
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public byte[] read(long offset, int length) throws EOFException {
        if (offset + length > bytes.length) {
            throw new EOFException("ends at " + bytes.length);
        }
        return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
    }

    @Override
    public boolean refetch() {
        bytes = good;
        return true;
    }

    /** A payload that is not what was signed. */
    record Damaged(byte[] bytes, Attestation attestation) implements Payload {
        CompiledModule load(ChicoryLoader loader) throws IOException, RefusedException {
            return loader.load(new VerifiedArtifact(attestation, this, Set.of()));
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public byte[] read(long offset, int length) {
            return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
        }

        @Override
        public boolean refetch() {
            return false;
        }
    }
}
