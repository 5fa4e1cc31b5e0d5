package dev.precast.engine.wasmtime.load;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Lane;
import dev.precast.artifact.Payload;
import dev.precast.artifact.PayloadFile;
import dev.precast.artifact.Target;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.engine.wasmtime.capi.Engine;
import dev.precast.engine.wasmtime.capi.EngineConfig;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.load.OfferedLane;
import dev.precast.load.ProbingLoader;
import dev.precast.load.VerifiedArtifact;
import dev.precast.module.CwasmFile;
import dev.precast.module.MalformedModuleException;
import dev.precast.module.WasmKind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens artifacts of Wasmtime's lanes with a C API library that the host brings. A lane is accepted if its config is that
 * of a profile the host wants and its probe loads; whatever Wasmtime refuses is refused in its words.
 *
 * <p>Thread safe.
 */
public final class WasmtimeLoader implements ProbingLoader<WasmtimeCode> {
    /** What a host takes unless it says otherwise, most preferred first. */
    public static final List<Profile> PROFILES =
            List.of(Profile.CRANELIFT, Profile.PORTABLE, Profile.WINCH, Profile.PULLEY);

    private static final int MOST = 16;

    private final WasmtimeLibrary library;
    private final List<Profile> profiles;
    private final Map<Configured, Engine> engines = new ConcurrentHashMap<>();

    private WasmtimeLoader(WasmtimeLibrary library, List<Profile> profiles) {
        this.library = library;
        this.profiles = List.copyOf(profiles);
    }

    /**
     * A loader that takes {@link #PROFILES}.
     *
     * @param library Wasmtime's C API, {@code libwasmtime.so}; native code with the rights of this process
     * @throws IllegalArgumentException if it cannot be loaded
     */
    public static WasmtimeLoader of(Path library) {
        return of(library, PROFILES);
    }

    /**
     * A loader that takes lanes of these profiles.
     *
     * @param profiles most preferred first
     * @throws IllegalArgumentException if the library cannot be loaded
     */
    public static WasmtimeLoader of(Path library, List<Profile> profiles) {
        return new WasmtimeLoader(WasmtimeLibrary.load(library), profiles);
    }

    /** None is known without trying. */
    @Override
    public List<Lane> lanes() {
        return List.of();
    }

    /**
     * Those with exactly a profile's config, newer engines first within a profile. No other config is tried, since the C
     * API ends the process on one that contradicts itself.
     */
    @Override
    public List<Lane> worthTrying(List<OfferedLane> offered) {
        List<Lane> worth = new ArrayList<>();
        for (Profile profile : profiles) {
            CompileConfig config = profile.config(library).toCompileConfig();
            Target target = profile.target();
            offered.stream()
                    .filter(offer -> offer.format().equals(CwasmFile.FORMAT))
                    .map(OfferedLane::lane)
                    .filter(lane ->
                            lane.config().equals(config) && lane.target().equals(target) && !worth.contains(lane))
                    .sorted(Comparator.comparing(Lane::engine).reversed())
                    .forEach(worth::add);
        }
        return worth.subList(0, Math.min(MOST, worth.size()));
    }

    @Override
    public WasmtimeCode load(VerifiedArtifact artifact) throws IOException, RefusedException {
        if (!artifact.attestation().format().equals(CwasmFile.FORMAT)) {
            throw new RefusedException(
                    Check.LOADABLE,
                    "format: expected " + CwasmFile.FORMAT + ", attested is "
                            + artifact.attestation().format());
        }
        Lane lane = artifact.attestation().lane();
        try (OpenFile file = open(artifact.payload())) {
            WasmKind kind = CwasmFile.read(file.path()).kind();
            return new WasmtimeCode(engine(lane).deserialize(file.path(), kind));
        } catch (WasmtimeException | MalformedModuleException e) {
            throw new RefusedException(Check.LOADABLE, "lane " + lane.id() + ": " + e.getMessage());
        }
    }

    /** The verified file itself, never its copy; where there is none, memory that nobody can change. */
    private static OpenFile open(Payload payload) throws IOException, RefusedException {
        Optional<PayloadFile> file = payload.file();
        if (file.isEmpty()) {
            return OpenFile.sealed(payload);
        }
        try {
            return OpenFile.of(file.get());
        } catch (FileNotFoundException e) {
            throw new RefusedException(Check.PAYLOAD, e.getMessage());
        }
    }

    private Engine engine(Lane lane) throws WasmtimeException {
        return engine(EngineConfig.of(lane.config()), lane.target());
    }

    /** Engines are few and are never closed: what came from one uses it as long as it runs. */
    private Engine engine(EngineConfig config, Target target) throws WasmtimeException {
        Configured key = new Configured(config, target);
        Engine known = engines.get(key);
        if (known != null) {
            return known;
        }
        Engine made = Engine.create(library, config, target);
        Engine other = engines.putIfAbsent(key, made);
        if (other != null) {
            made.close();
            return other;
        }
        return made;
    }

    private record Configured(EngineConfig config, Target target) {}

    /**
     * Compiles in this process by Wasmtime's baseline compiler, which is what it has in place of an interpreter of wasm:
     * about seven times faster than the default one, to slower code.
     */
    @Override
    public WasmtimeCode interpret(byte[] wasm) {
        return compile(wasm, Profile.WINCH);
    }

    /**
     * Compiles in this process, as hosts without Precast do.
     *
     * @throws IllegalArgumentException if Wasmtime refuses the module
     */
    public WasmtimeCode compile(byte[] wasm, Profile profile) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, wasm.length))
                    .copyFrom(MemorySegment.ofArray(wasm))
                    .asSlice(0, wasm.length);
            return new WasmtimeCode(
                    engine(profile.config(library), profile.target()).compile(bytes, WasmKind.of(wasm)));
        } catch (WasmtimeException e) {
            throw new IllegalArgumentException("Wasmtime refuses the module: " + e.getMessage(), e);
        }
    }
}
