package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
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
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Loads artifacts as Chicory's {@link CompiledModule}. A load reads the index, the module without its code, and the
 * main class. Other classes and function bodies follow at their first use.
 *
 * <p>Thread safe. Loader and loaded modules do not refer to each other.
 */
public final class ChicoryLoader implements EngineLoader<CompiledModule> {
    private final List<CompileConfig> configs;
    private final @Nullable Function<Instance, Machine> interpreter;
    private final ClassVerifier verifier = ClassVerifier.ofFormat();
    private volatile @Nullable List<Lane> lanes;

    /** A loader of artifacts of the default profile. */
    public ChicoryLoader() {
        this(List.of(ChicoryFormat.DEFAULT_CONFIG));
    }

    /** @param configs the configs whose artifacts are accepted, most preferred first */
    public ChicoryLoader(List<CompileConfig> configs) {
        this.configs = List.copyOf(configs);
        this.interpreter = null;
    }

    /**
     * A loader that interprets modules with another interpreter than the engine's default, which lacks SIMD.
     *
     * @param configs the configs whose artifacts are accepted, most preferred first
     * @param interpreter makes the machine of an instance; thread safe
     */
    public ChicoryLoader(List<CompileConfig> configs, Function<Instance, Machine> interpreter) {
        this.configs = List.copyOf(configs);
        this.interpreter = interpreter;
    }

    @Override
    public List<Lane> lanes() {
        List<Lane> known = lanes;
        if (known == null) {
            HostSupport.require();
            List<Lane> made = new ArrayList<>();
            for (CompileConfig config : configs) {
                made.add(ChicoryFormat.lane(config));
            }
            known = List.copyOf(made);
            lanes = known;
        }
        return known;
    }

    @Override
    public CompiledModule load(VerifiedArtifact artifact) throws IOException, RefusedException {
        Attestation attestation = artifact.attestation();
        if (!lanes().contains(attestation.lane())) {
            throw new RefusedException(
                    Check.LOADABLE, "lane: expected one of " + lanes() + ", found " + attestation.lane());
        }
        if (!attestation.format().equals(BundleFormat.NAME)) {
            throw new RefusedException(
                    Check.LOADABLE, "format: expected " + BundleFormat.NAME + ", found " + attestation.format());
        }
        BundleReader bundle = new BundleReader(artifact.payload(), index(artifact));
        try {
            return load(bundle, artifact, verifier.with(artifact.extraMembers()));
        } catch (ChicoryException
                | IllegalArgumentException
                | BufferUnderflowException
                | NoSuchMethodException
                | ClassCastException e) {
            RefusedException refused =
                    new RefusedException(Check.LOADABLE, "payload: not a valid bundle of this engine: " + e);
            refused.initCause(e);
            throw refused;
        } catch (LinkageError e) {
            throw Entries.refuse(e);
        }
    }

    private static CompiledModule load(BundleReader bundle, VerifiedArtifact artifact, ClassVerifier verifier)
            throws IOException, RefusedException, NoSuchMethodException {
        ModuleDigest digest = artifact.attestation().module();
        Optional<BundleEntry> whole = bundle.index().find(ChicoryFormat.WHOLE_MODULE);
        byte[] skeleton =
                Entries.read(bundle, whole.isPresent() ? whole.get() : Entries.require(bundle, ChicoryFormat.SKELETON));
        WasmModule module = whole.isPresent()
                ? SkeletonReader.withCode(skeleton, digest)
                : SkeletonReader.withoutCode(skeleton, digest);
        BundleClassLoader classes = new BundleClassLoader(
                "precast " + digest, bundle, verifier, Instance.class.getClassLoader(), artifact.broken());
        return new LoadedModule(
                module,
                new MachineMaker(
                        classes.mainClass(),
                        InterpretedBodies.of(module, skeleton, bundle, whole.isPresent(), artifact.broken())));
    }

    private static BundleIndex index(VerifiedArtifact artifact) throws IOException, RefusedException {
        SizedDigest signed = artifact.attestation()
                .index()
                .orElseThrow(() -> new RefusedException(Check.INDEX, "missing in the attestation"));
        try {
            return BundleIndex.read(artifact.payload(), signed.size(), signed.digest());
        } catch (BundleException e) {
            throw new RefusedException(Check.INDEX, e.getMessage());
        }
    }

    /**
     * Loads a module into the engine's interpreter, or into that of this loader.
     *
     * @throws IllegalArgumentException if the engine refuses the module, or its default interpreter lacks instructions that
     *     the module has
     */
    @Override
    public CompiledModule interpret(byte[] wasm) {
        WasmModule module;
        try {
            module = Parser.parse(wasm);
        } catch (ChicoryException e) {
            throw new IllegalArgumentException("module: refused by the engine: " + e.getMessage(), e);
        }
        if (interpreter != null) {
            return new LoadedModule(module, interpreter);
        }
        if (SimdScan.usesSimd(module)) {
            throw new IllegalArgumentException("module: uses SIMD, which this interpreter lacks; give "
                    + "SimdInterpreterMachine::new of " + EngineNames.SIMD + " (Java 21 and "
                    + "--add-modules jdk.incubator.vector) to ChicoryLoader, or use the engine wasmtime");
        }
        return new LoadedModule(module, InterpreterMachine::new);
    }
}
