package dev.precast.bench;

import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.wasmtime.capi.CompiledCode;
import dev.precast.engine.wasmtime.capi.Engine;
import dev.precast.engine.wasmtime.capi.EngineConfig;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasiCommand;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import dev.precast.host.ArtifactMissingException;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.module.EmptyModule;
import dev.precast.module.WasmKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A host with Wasmtime and its default profile. When the host has started, it has loaded the library, created the
 * engine, and made the empty module ready in its mode. In the modes of Precast the empty module is the probe of the
 * lane, so the host has verified the trust policy too.
 */
final class WasmtimeHost implements Host {
    private static final int STARTS = 60;
    private static final long DISK_BYTES = 2L << 30;
    private static final String SERIALIZED = "module.cwasm";
    private static final String SERIALIZED_EMPTY = "empty.cwasm";

    private final Job job;
    private final Way way;

    private WasmtimeHost(Job job, Way way) {
        this.job = job;
        this.way = way;
    }

    static WasmtimeHost start(Mode mode, Job job) throws Exception {
        Way way = switch (mode) {
            case IN_PROCESS -> new Compiled(engine(job, Optional.empty()));
            case WASMTIME_CACHE_WARM -> new Compiled(engine(job, Optional.of(cache(job))));
            case RAW_DESERIALIZE -> new Raw(engine(job, Optional.empty()), job.folder());
            case PRECAST_DISK_FIRST -> {
                forget(job.folder());
                yield precast(job, MissPolicy.fail());
            }
            case PRECAST_DISK, PRECAST_EMPTY_DISK -> precast(job, MissPolicy.fail());
            case CHICORY_CACHE_WARM, INTERPRETER, BUILD_TIME -> throw mode.notOf(MeasuredEngine.WASMTIME);
        };
        way.readyEmpty();
        return new WasmtimeHost(job, way);
    }

    @Override
    public Ready load() throws Exception {
        return new WasmtimeReady(way.ready(job), job.folder());
    }

    /** Writes the file for {@link Mode#RAW_DESERIALIZE}. */
    static void serialize(Job job) throws IOException, WasmtimeException {
        Files.createDirectories(job.folder());
        Compiled compiler = new Compiled(engine(job, Optional.empty()));
        compiler.compile(job).serialize(job.folder().resolve(SERIALIZED));
        compiler.compileEmpty().serialize(job.folder().resolve(SERIALIZED_EMPTY));
    }

    /** Fills the service and the disk cache. Waits until a service that has just started has lanes. */
    static void compile(Job job) throws Exception {
        Way way = precast(job, MissPolicy.waitFor(Duration.ofMinutes(10), MissPolicy.fail()));
        for (int left = STARTS; ; left--) {
            try {
                way.readyEmpty();
                break;
            } catch (ArtifactMissingException e) {
                if (left == 1) {
                    throw e;
                }
                Thread.sleep(1000);
                way = precast(job, MissPolicy.waitFor(Duration.ofMinutes(10), MissPolicy.fail()));
            }
        }
        way.ready(job);
    }

    private static Engine engine(Job job, Optional<Path> cache) throws WasmtimeException {
        WasmtimeLibrary library = WasmtimeLibrary.load(Path.of(job.library()));
        EngineConfig config = Profile.CRANELIFT.config(library);
        return cache.isEmpty()
                ? Engine.create(library, config, Profile.CRANELIFT.target())
                : Engine.caching(library, config, Profile.CRANELIFT.target(), cache.get());
    }

    private static Path cache(Job job) throws IOException {
        Files.createDirectories(job.folder());
        return Files.writeString(
                job.folder().resolve("cache.toml"),
                "[cache]\ndirectory = \"" + job.folder().resolve("entries") + "\"\n");
    }

    /** Removes the disk cache's record of the files that a host has hashed. */
    private static void forget(Path disk) throws IOException {
        try (DirectoryStream<Path> marks = Files.newDirectoryStream(disk.resolve("used"))) {
            for (Path mark : marks) {
                Files.delete(mark);
            }
        }
    }

    private static Way precast(Job job, MissPolicy<WasmtimeCode> onMiss) {
        return new ByPrecast(Precast.builder(WasmtimeLoader.of(Path.of(job.library()), List.of(Profile.CRANELIFT)))
                .service(URI.create(job.service()))
                .trustRoot(Path.of(job.root()))
                .diskCache(job.folder(), DISK_BYTES)
                .onMiss(onMiss)
                .build());
    }

    /** A module that is ready to run. */
    interface Program {
        int run(WasiSettings settings) throws WasmtimeException;
    }

    private interface Way {
        void readyEmpty() throws Exception;

        Program ready(Job job) throws Exception;
    }

    private record Compiled(Engine engine) implements Way {
        @Override
        public void readyEmpty() throws WasmtimeException {
            compileEmpty();
        }

        @Override
        public Program ready(Job job) throws IOException, WasmtimeException {
            return new Opened(compile(job));
        }

        CompiledCode compileEmpty() throws WasmtimeException {
            try (Arena arena = Arena.ofConfined()) {
                return engine.compile(arena.allocateFrom(ValueLayout.JAVA_BYTE, EmptyModule.wasm()), WasmKind.MODULE);
            }
        }

        CompiledCode compile(Job job) throws IOException, WasmtimeException {
            try (FileChannel file = FileChannel.open(job.file(), StandardOpenOption.READ);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment wasm = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena);
                return engine.compile(wasm, kind(job));
            }
        }
    }

    private record Raw(Engine engine, Path folder) implements Way {
        @Override
        public void readyEmpty() throws WasmtimeException {
            engine.deserialize(folder.resolve(SERIALIZED_EMPTY), WasmKind.MODULE);
        }

        @Override
        public Program ready(Job job) throws IOException, WasmtimeException {
            return new Opened(engine.deserialize(folder.resolve(SERIALIZED), kind(job)));
        }
    }

    private record ByPrecast(Precast<WasmtimeCode> precast) implements Way {
        @Override
        public void readyEmpty() {
            precast.load(EmptyModule.DIGEST, EmptyModule::wasm);
        }

        @Override
        public Program ready(Job job) {
            return precast.load(ModuleDigest.parse(job.digest()), () -> Files.readAllBytes(job.file()))::run;
        }
    }

    private record Opened(CompiledCode code) implements Program {
        @Override
        public int run(WasiSettings settings) throws WasmtimeException {
            return WasiCommand.run(code, settings);
        }
    }

    private static WasmKind kind(Job job) throws IOException {
        try (var in = Files.newInputStream(job.file())) {
            return WasmKind.of(in.readNBytes(WasmKind.PREAMBLE_BYTES));
        }
    }
}
