package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Payload;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.Optional;

/**
 * Loads everything in an artifact that a host loads at some time: all entries, classes and function bodies. For workers
 * that test an artifact which a host could not load. Runs no generated code.
 */
public final class WholeCheck {
    private WholeCheck() {}

    /**
     * Checks a payload, whose digest the caller has verified.
     *
     * @throws RefusedException if a host would refuse a part of the payload, or the JVM does not link a class
     * @throws IOException if the payload cannot be read
     */
    public static void of(Payload payload, ModuleDigest module) throws IOException, RefusedException {
        BundleReader bundle = new BundleReader(payload, index(payload));
        for (BundleEntry entry : bundle.index().entries().values()) {
            Entries.read(bundle, entry);
        }
        try {
            check(bundle, module);
        } catch (ChicoryException
                | IllegalArgumentException
                | BufferUnderflowException
                | NoSuchMethodException
                | ClassCastException e) {
            RefusedException refused = new RefusedException(Check.LOADABLE, "payload: " + e);
            refused.initCause(e);
            throw refused;
        } catch (LinkageError e) {
            throw Entries.refuse(e);
        }
    }

    private static BundleIndex index(Payload payload) throws IOException, RefusedException {
        try {
            int prefix = BundleIndex.prefixBytes(payload.read(0, BundleIndex.HEADER_BYTES));
            return BundleIndex.parse(payload.read(0, prefix), payload.size());
        } catch (BundleException | EOFException e) {
            throw new RefusedException(Check.INDEX, e.getMessage());
        }
    }

    private static void check(BundleReader bundle, ModuleDigest digest)
            throws IOException, RefusedException, NoSuchMethodException {
        Optional<BundleEntry> whole = bundle.index().find(ChicoryFormat.WHOLE_MODULE);
        byte[] stored =
                Entries.read(bundle, whole.isPresent() ? whole.get() : Entries.require(bundle, ChicoryFormat.SKELETON));
        WasmModule module = whole.isPresent()
                ? SkeletonReader.withCode(stored, digest)
                : SkeletonReader.withoutCode(stored, digest);
        InterpretedBodies bodies = InterpretedBodies.of(module, stored, bundle, whole.isPresent(), e -> {});
        BundleClassLoader classes = new BundleClassLoader(
                "check", bundle, ClassVerifier.ofFormat(), Instance.class.getClassLoader(), e -> {});
        new MachineMaker(classes.mainClass(), bodies);
        for (BundleEntry entry : bundle.index().startingWith(ChicoryFormat.CLASS_PREFIX)) {
            link(classes, entry.name().substring(ChicoryFormat.CLASS_PREFIX.length()));
        }
        if (!bodies.isWhole()) {
            for (int function : bodies.functions()) {
                bodies.carrier(function);
            }
        }
    }

    private static void link(BundleClassLoader classes, String internalName) throws RefusedException {
        try {
            // Initialisation links and verifies. Generated classes have no static initialiser, so no code runs.
            Class.forName(internalName.replace('/', '.'), true, classes);
        } catch (ClassNotFoundException e) {
            if (e.getCause() instanceof RefusedException refused) {
                throw refused;
            }
            throw new RefusedException(Check.BYTECODE, e.toString());
        }
    }
}
