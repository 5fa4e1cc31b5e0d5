package dev.precast.test;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.PrecastCounters;
import dev.precast.host.PrecastEvent.Fallback;
import dev.precast.host.PrecastEvent.Tier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * The main class of a host that starts, loads and runs modules while other processes delete, replace and cut files of
 * its disk cache.
 */
final class TamperHost {
    static final int MODULES = 8;
    static final String VERSION = "48.0.0";

    private static final int THREADS = 2;

    private final WasmtimeLoader loader;
    private final PrecastCounters counters = new PrecastCounters();
    private final String[] args;

    private TamperHost(String[] args) {
        this.args = args;
        this.loader = WasmtimeLoader.of(Path.of(args[6]), List.of(Profile.CRANELIFT));
    }

    /** A command that exits with {@code number}, which is 0 to 63. */
    static byte[] module(int number) {
        return HexFormat.of()
                .parseHex("0061736d01000000" + "01080260017f00600000"
                        + "02240116776173695f736e617073686f745f70726576696577310970726f635f657869740000"
                        + "03020101" + "0503010001" + "0713" + "02066d656d6f72790200" + "065f73746172740001"
                        + "0a0801060041" + HexFormat.of().toHexDigits((byte) number) + "10000b");
    }

    /** Arguments: service, trust root, cache folder, its limit, file that ends it, seed, Wasmtime's library. */
    public static void main(String[] args) throws Exception {
        TamperHost host = new TamperHost(args);
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            Random random = new Random(Long.parseLong(args[5]) + thread);
            Callable<Integer> task = () -> host.loop(random);
            tasks.add(new FutureTask<>(task));
            Thread.ofPlatform().start(tasks.getLast());
        }
        int ran = 0;
        for (FutureTask<Integer> task : tasks) {
            ran += task.get();
        }
        PrecastCounters counters = host.counters;
        StringBuilder refused = new StringBuilder();
        for (Check check : Check.values()) {
            if (counters.refused(check) > 0) {
                refused.append(' ').append(check.label()).append(' ').append(counters.refused(check));
            }
        }
        System.out.println("ran " + ran + " disk " + counters.hits(Tier.DISK) + " source " + counters.hits(Tier.SOURCE)
                + " evicted " + counters.evictedFiles() + " degraded " + counters.degraded() + " missed "
                + counters.fallbacks(Fallback.COMPILED_LOCALLY) + " refused" + refused);
    }

    private int loop(Random random) throws Exception {
        int ran = 0;
        for (; !Files.exists(Path.of(args[4])); ran++) {
            int number = random.nextInt(MODULES);
            byte[] wasm = module(number);
            try (Precast<WasmtimeCode> precast = Precast.builder(loader)
                    .service(URI.create(args[0]))
                    .trustRoot(Path.of(args[1]))
                    .diskCache(Path.of(args[2]), Long.parseLong(args[3]))
                    .reportUsageEvery(Duration.ZERO)
                    .onMiss(MissPolicy.compileLocally(bytes -> loader.compile(bytes, Profile.WINCH)))
                    .listener(counters)
                    .build()) {
                WasmtimeCode code = precast.load(ModuleDigest.of(wasm), () -> wasm);
                int exit = code.run(WasiSettings.of(List.of("tampered")));
                if (exit != number) {
                    throw new AssertionError("expected exit status " + number + ", found " + exit);
                }
            }
        }
        return ran;
    }
}
