package dev.precast.test;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Payload;
import dev.precast.artifact.PayloadFile;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.engine.wasmtime.capi.CompiledCode;
import dev.precast.engine.wasmtime.capi.Engine;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import dev.precast.load.OfferedLane;
import dev.precast.load.VerifiedArtifact;
import dev.precast.module.CwasmFile;
import dev.precast.module.WasmKind;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compiles or loads with one version of Wasmtime in a separate process, because a step may end the process. Prints one
 * line when a step begins and one for each result. From these lines the parent knows which step ended the process, and
 * starts another process after that step.
 */
final class VerdictsChild {
    /** Words of a verdict that is no refusal. */
    static final String ACCEPTED = "";

    private static final Map<String, byte[]> MODULES = Map.of(
            "empty",
            new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0},
            "small", // A memory, to which _start writes before it traps.
            HexFormat.of()
                    .parseHex("0061736d01000000" + "010401600000" + "03020100" + "0503010001"
                            + "0713" + "02066d656d6f72790200" + "065f73746172740000"
                            + "0a0c010a00" + "41084107" + "360200" + "000b"));

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final Engine engine;
    private final WasmtimeLoader loader;
    private final TriedEngine host;
    private final Path folder;
    private final EngineHash hash;

    /** Arguments: compile or try, a library, a file of its engines, a file of all engines, a folder, the first step. */
    public static void main(String[] args) throws Exception {
        Path library = Path.of(args[1]);
        List<TriedEngine> mine = TriedEngine.read(Path.of(args[2]));
        Path folder = Path.of(args[4]);
        int first = Integer.parseInt(args[5]);
        if (args[0].equals("compile")) {
            for (int i = first; i < mine.size(); i++) {
                say("begin", i);
                say("made", i, compile(library, mine.get(i), folder));
            }
        } else {
            List<TriedEngine> all = TriedEngine.read(Path.of(args[3]));
            for (int i = first / all.size(); i < mine.size(); i++) {
                VerdictsChild host = new VerdictsChild(library, mine.get(i), folder);
                for (int j = i == first / all.size() ? first % all.size() : 0; j < all.size(); j++) {
                    say("begin", i * all.size() + j);
                    host.judge(i * all.size() + j, all.get(j));
                }
            }
        }
    }

    private static void say(Object... fields) {
        StringBuilder line = new StringBuilder();
        for (Object field : fields) {
            line.append(line.isEmpty() ? "" : "\t").append(field.toString().replaceAll("\\s+", " "));
        }
        OUT.println(line);
    }

    private static String compile(Path library, TriedEngine engine, Path folder) throws IOException {
        try (Engine made = Engine.create(WasmtimeLibrary.load(library), engine.config(), engine.target());
                Arena arena = Arena.ofConfined()) {
            for (String module : TriedEngine.MODULES) {
                byte[] wasm = MODULES.get(module);
                try (CompiledCode code = made.compile(
                        arena.allocate(wasm.length).copyFrom(MemorySegment.ofArray(wasm)), WasmKind.MODULE)) {
                    code.serialize(engine.artifact(folder, module));
                }
            }
            return ACCEPTED;
        } catch (WasmtimeException | IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private VerdictsChild(Path library, TriedEngine host, Path folder) throws Exception {
        this.engine = Engine.create(WasmtimeLibrary.load(library), host.config(), host.target());
        this.loader = WasmtimeLoader.of(library, host.config(), host.target());
        this.host = host;
        this.folder = folder;
        this.hash = CwasmFile.read(host.artifact(folder, "empty")).engineHash();
    }

    /** What Wasmtime says of an artifact without our checks, and what our check says of it under several lanes. */
    private void judge(int step, TriedEngine from) throws Exception {
        for (String module : TriedEngine.MODULES) {
            Path file = from.artifact(folder, module);
            EngineHash theirs = CwasmFile.read(file).engineHash();
            Lane honest = from.lane(theirs);
            Watched payload = new Watched(file);
            String ours = load(honest, module, payload);
            boolean tried = !loader.worthTrying(List.of(new OfferedLane(honest, "any", CwasmFile.FORMAT)))
                    .isEmpty();
            say(
                    "judged",
                    step,
                    module,
                    raw(file),
                    ours,
                    payload.touched,
                    tried,
                    load(host.lane(theirs), module, new Watched(file)),
                    load(host.lane(hash), module, new Watched(file)));
        }
    }

    private String raw(Path file) {
        try {
            engine.deserialize(file, WasmKind.MODULE).close();
            return ACCEPTED;
        } catch (WasmtimeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private String load(Lane lane, String module, Payload payload) throws IOException {
        byte[] wasm = MODULES.get(module);
        Attestation attestation = new Attestation(
                ModuleDigest.of(wasm),
                wasm.length,
                lane,
                CwasmFile.FORMAT,
                new SizedDigest(Digest.of(new byte[0]), payload.size()),
                Optional.empty(),
                Optional.empty(),
                Digest.of(new byte[0]),
                "jdk",
                "urn:test",
                Instant.EPOCH,
                Instant.EPOCH);
        try {
            loader.load(new VerifiedArtifact(attestation, payload, Set.of()));
            return ACCEPTED;
        } catch (RefusedException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** A verified file that tells whether anybody looked at it. */
    private static final class Watched implements Payload {
        private final Path file;
        private boolean touched;

        Watched(Path file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return Files.size(file);
        }

        @Override
        public byte[] read(long offset, int length) {
            throw new AssertionError("a file is mapped, not read");
        }

        @Override
        public boolean refetch() {
            return false;
        }

        @Override
        public Optional<PayloadFile> file() {
            touched = true;
            try {
                return Optional.of(new PayloadFile(file, PayloadFile.identityOf(file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
