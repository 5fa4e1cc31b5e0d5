package dev.precast.engine.wasmtime.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.precast.artifact.Target;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * A lane's target in Wasmtime's terms: {@code pulley64}; a target triple, for its baseline CPU; {@code
 * <triple>+<preset>}, for the CPU of a Cranelift preset such as {@code x86-64-v3}; or {@code <triple>+native}, for
 * the CPU of this machine.
 *
 * @param triple the triple for Wasmtime, such as {@code x86_64-unknown-linux-gnu}
 * @param cpu the preset, {@code native}, or empty
 */
record CpuTarget(String triple, String cpu) {
    /** Stands for the features of this machine's CPU, which are Wasmtime's default. */
    static final String NATIVE = "native";

    /** Bytecode for any 64-bit host, which every library compiles. */
    static final String PULLEY = "pulley64";

    static CpuTarget of(Target target) {
        String name = target.name();
        int plus = name.indexOf('+');
        return plus < 0 ? new CpuTarget(name, "") : new CpuTarget(name.substring(0, plus), name.substring(plus + 1));
    }

    Target toTarget() {
        return new Target(cpu.isEmpty() ? triple : triple + "+" + cpu);
    }

    /** The triple of this machine. */
    static String thisMachine() {
        String arch = System.getProperty("os.arch", "");
        String machine = arch.equals("amd64") ? "x86_64" : arch;
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac")
                ? machine + "-apple-darwin"
                : machine + "-unknown-linux-gnu";
    }

    /**
     * Refuses targets that the library does not compile for: it has Cranelift for this machine and for Pulley only, and
     * ends the process for others or blames the module.
     *
     * @throws IllegalArgumentException if this is such a target
     */
    void requireCompilable() {
        if (!triple.equals(thisMachine()) && !toTarget().name().equals(PULLEY)) {
            throw new IllegalArgumentException("target " + toTarget() + ": this library compiles for " + thisMachine()
                    + " and " + PULLEY + "; use Wasmtime's command line as a command pack "
                    + "(docs/explanation/packs.md)");
        }
    }

    /**
     * Sets the target in a Wasmtime config.
     *
     * @throws WasmtimeException if Wasmtime does not know the triple
     * @throws IllegalArgumentException if the CPU is {@code native} and the triple is not this machine's
     */
    void apply(WasmtimeLibrary library, MemorySegment config) throws WasmtimeException {
        if (cpu.equals(NATIVE)) {
            if (!triple.equals(thisMachine())) {
                throw new IllegalArgumentException("target " + toTarget()
                        + ": native needs the triple of this machine (expected " + thisMachine() + ", found "
                        + triple + ")");
            }
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            library.functions().check((MemorySegment)
                    library.function("wasmtime_config_target_set", Functions.returning(ADDRESS, ADDRESS, ADDRESS))
                            .invokeExact(config, arena.allocateFrom(triple)));
            if (!cpu.isEmpty()) {
                library.function("wasmtime_config_cranelift_flag_enable", Functions.nothing(ADDRESS, ADDRESS))
                        .invokeExact(config, arena.allocateFrom(cpu));
            }
        } catch (WasmtimeException e) {
            throw e;
        } catch (Throwable e) {
            throw Functions.unexpected("wasmtime_config_target_set", e);
        }
    }
}
