package dev.precast.engine.wasmtime.load;

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
 * Loads Wasmtime artifacts with a C API library that the host provides. Accepts a lane if its config and target equal
 * those of one of the host's engines, such as the engine of a profile, and the lane's probe loads. Refuses an artifact
 * of another lane before it reads the payload; the message names the differences. Other errors, such as a missing CPU
 * instruction, have Wasmtime's message.
 *
 * <p>Thread safe.
 */
public final class WasmtimeLoader implements ProbingLoader<WasmtimeCode> {
    /** The default profiles, most preferred first. */
    public static final List<Profile> PROFILES =
            List.of(Profile.CRANELIFT, Profile.PORTABLE, Profile.WINCH, Profile.PULLEY);

    private static final int MOST = 16;

    private final WasmtimeLibrary library;
    private final String version;
    private final List<Configured> wanted;
    private final Map<Configured, Engine> engines = new ConcurrentHashMap<>();

    private WasmtimeLoader(WasmtimeLibrary library, List<Configured> wanted) {
        this.library = library;
        this.version = String.valueOf(library.majorVersion());
        this.wanted = wanted;
    }

    /**
     * A loader for {@link #PROFILES}.
     *
     * @param library Wasmtime's C API, {@code libwasmtime.so}; native code that runs with the rights of this process
     * @throws IllegalArgumentException if the library cannot be loaded
     */
    public static WasmtimeLoader of(Path library) {
        return of(library, PROFILES);
    }

    /**
     * A loader for lanes of these profiles.
     *
     * @param profiles the profiles, most preferred first
     * @throws IllegalArgumentException if the library cannot be loaded
     */
    public static WasmtimeLoader of(Path library, List<Profile> profiles) {
        WasmtimeLibrary loaded = WasmtimeLibrary.load(library);
        return new WasmtimeLoader(
                loaded,
                profiles.stream().map(profile -> Configured.of(profile, loaded)).toList());
    }

    /**
     * A loader for lanes of one config, for hosts with their own profile.
     *
     * @param config a config that is known to work: the C API aborts the process if options contradict each other
     * @throws IllegalArgumentException if the library cannot be loaded
     */
    public static WasmtimeLoader of(Path library, EngineConfig config, Target target) {
        return new WasmtimeLoader(WasmtimeLibrary.load(library), List.of(new Configured(config, target)));
    }

    /** Always empty: the host client tries probes to find the lanes that load. */
    @Override
    public List<Lane> lanes() {
        return List.of();
    }

    /**
     * At most 16 lanes whose config and target equal those of one of the host's engines; for the same config, newer
     * engine versions first. Leaves out other configs, because the C API aborts the process if options contradict each
     * other.
     */
    @Override
    public List<Lane> worthTrying(List<OfferedLane> offered) {
        List<Lane> worth = new ArrayList<>();
        for (Configured one : wanted) {
            offered.stream()
                    .filter(offer -> offer.format().equals(CwasmFile.FORMAT))
                    .map(OfferedLane::lane)
                    .filter(lane -> one.differences(lane).isEmpty() && !worth.contains(lane))
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
                    "format: expected " + CwasmFile.FORMAT + ", found "
                            + artifact.attestation().format());
        }
        Lane lane = artifact.attestation().lane();
        Configured mine = wanted(lane);
        try (OpenFile file = open(artifact.payload())) {
            CwasmFile found = CwasmFile.read(file.path());
            requireOf(lane, found);
            return new WasmtimeCode(engine(mine).deserialize(file.path(), found.kind()), artifact.incompatible());
        } catch (WasmtimeException | MalformedModuleException e) {
            throw new RefusedException(Check.LOADABLE, "lane " + lane.id() + ": " + e.getMessage());
        }
    }

    /**
     * @throws RefusedException if the lane fits none of the host's configs; the message names the differences from the
     *     closest one
     */
    private Configured wanted(Lane lane) throws RefusedException {
        List<String> nearest = null;
        for (Configured one : wanted) {
            List<String> differences = one.differences(lane);
            if (differences.isEmpty()) {
                return one;
            }
            if (nearest == null || differences.size() < nearest.size()) {
                nearest = differences;
            }
        }
        String engine = lane.engine().name().equals("wasmtime")
                        && !lane.engine().version().startsWith(version + ".")
                ? Configured.difference("version", lane.engine().version(), version) + ", "
                : "";
        throw new RefusedException(
                Check.LOADABLE,
                "lane " + lane.id() + ": not accepted by this host: " + engine
                        + String.join(", ", nearest == null ? List.of("no config is set") : nearest));
    }

    /** Checks the metadata that the file itself contains, before Wasmtime opens the file. */
    private void requireOf(Lane lane, CwasmFile file) throws RefusedException {
        if (!file.version().equals(version)) {
            throw new RefusedException(
                    Check.LOADABLE,
                    "lane " + lane.id() + ": " + Configured.difference("version", file.version(), version));
        }
        if (!file.engineHash().equals(lane.engineHash())) {
            throw new RefusedException(
                    Check.LOADABLE,
                    "lane " + lane.id() + ": wrong engine hash in the file (expected " + lane.engineHash() + ", "
                            + "found " + file.engineHash() + ")");
        }
    }

    /** Opens the verified file itself; if the payload has no file, opens a copy in sealed memory. */
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

    /** Creates each engine once. Engines are few and are never closed, because their code uses them while it runs. */
    private Engine engine(Configured as) throws WasmtimeException {
        Engine known = engines.get(as);
        if (known != null) {
            return known;
        }
        Engine made = Engine.create(library, as.config(), as.target());
        Engine other = engines.putIfAbsent(as, made);
        if (other != null) {
            made.close();
            return other;
        }
        return made;
    }

    /**
     * Compiles in this process with Wasmtime's baseline compiler, because Wasmtime has no interpreter for wasm. The
     * baseline compiler is about seven times faster than the default compiler; its code is slower.
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
                    engine(Configured.of(profile, library)).compile(bytes, WasmKind.of(wasm)), why -> {});
        } catch (WasmtimeException e) {
            throw new IllegalArgumentException("module: refused by Wasmtime: " + e.getMessage(), e);
        }
    }
}
