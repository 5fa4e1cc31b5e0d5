package dev.precast.engine.wasmtime.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Target;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A lane's config: a configuration of Wasmtime with every option written out. The options have the names of the C API;
 * {@code cranelift_flags} is an object with Cranelift's settings, whose values are strings.
 *
 * @param options options of any supported version, with valid values
 */
public record EngineConfig(JsonObject options) {
    static final String FLAGS = "cranelift_flags";

    /** @throws JsonException if an option is unknown or its value is invalid */
    public EngineConfig {
        Set<String> known = Arrays.stream(Option.values()).map(Option::key).collect(Collectors.toSet());
        known.add(FLAGS);
        options.only("config", known);
        for (Option option : Option.values()) {
            options.find(option.key()).ifPresent(option::requireValid);
        }
        options.object(FLAGS).members().forEach((name, value) -> value.asString(FLAGS + "." + name));
    }

    /** @throws JsonException if an option is unknown or its value is invalid */
    public static EngineConfig of(CompileConfig config) {
        return new EngineConfig(config.options());
    }

    /** The defaults of {@code library} with Cranelift on a 64-bit machine. */
    static EngineConfig standard(WasmtimeLibrary library) {
        JsonObject options = JsonObject.EMPTY.with(FLAGS, JsonObject.EMPTY);
        for (Option option : Option.values()) {
            if (option.isIn(library)) {
                options = options.with(option.key(), option.standard(library));
            }
        }
        return new EngineConfig(options);
    }

    /** A copy with another value for an option, if the library has that option. */
    EngineConfig with(Option option, Json value) {
        return options.find(option.key()).isEmpty() ? this : new EngineConfig(options.with(option.key(), value));
    }

    /** A copy with the same value for several boolean options. */
    EngineConfig with(boolean value, Option... changed) {
        EngineConfig config = this;
        for (Option option : changed) {
            config = config.with(option, Json.of(value));
        }
        return config;
    }

    /** The config in the form of a lane. */
    public CompileConfig toCompileConfig() {
        return new CompileConfig(options);
    }

    /**
     * Refuses targets and combinations of options at which the C API ends the process while it compiles. Call it in a
     * compiling process before {@link Engine#create}; hosts may load artifacts with more configs.
     *
     * @throws IllegalArgumentException if the library cannot compile for the target, or options contradict each other
     */
    public void requireCompilable(Target target) {
        CpuTarget.of(target).requireCompilable();
        boolean pulley = target.name().startsWith(CpuTarget.PULLEY);
        refuse(
                isOn(Option.WASM_EXCEPTIONS) && isOff(Option.GC_SUPPORT),
                "wasm_exceptions is true, but gc_support is false; set wasm_exceptions to false");
        refuse(
                pulley && isOn(Option.SIGNALS_BASED_TRAPS),
                "signals_based_traps is true, but the target is " + target + "; set signals_based_traps to false");
        refuse(
                pulley
                        && options.find(Option.STRATEGY.key())
                                .map(Json.of("winch")::equals)
                                .orElse(false),
                "strategy is winch, but the target is " + target + "; set strategy to cranelift");
    }

    private static void refuse(boolean contradiction, String why) {
        if (contradiction) {
            throw new IllegalArgumentException("config: " + why);
        }
    }

    private boolean isOff(Option option) {
        return options.find(option.key()).map(Json.of(false)::equals).orElse(false);
    }

    boolean isOn(Option option) {
        return options.find(option.key()).map(Json.of(true)::equals).orElse(false);
    }

    /**
     * Sets all options in a Wasmtime config.
     *
     * @throws IllegalArgumentException if this config does not set exactly the options that the library has
     * @throws WasmtimeException if Wasmtime does not know the target
     */
    void apply(WasmtimeLibrary library, MemorySegment config, Target target) throws WasmtimeException {
        Set<String> missing = new HashSet<>();
        Set<String> beyond = new HashSet<>();
        for (Option option : Option.values()) {
            boolean told = options.find(option.key()).isPresent();
            if (told != option.isIn(library)) {
                (told ? beyond : missing).add(option.key());
            }
        }
        if (!missing.isEmpty() || !beyond.isEmpty()) {
            throw new IllegalArgumentException("config: does not match this Wasmtime library (missing options: "
                    + missing + ", unknown options: " + beyond + ")");
        }
        CpuTarget.of(target).apply(library, config);
        for (Option option : Option.values()) {
            if (option.isIn(library)) {
                option.set(library, config, options.get(option.key()));
            }
        }
        setFlags(library, config);
    }

    private void setFlags(WasmtimeLibrary library, MemorySegment config) {
        try (Arena arena = Arena.ofConfined()) {
            for (Map.Entry<String, Json> flag : options.object(FLAGS).members().entrySet()) {
                library.function("wasmtime_config_cranelift_flag_set", Functions.nothing(ADDRESS, ADDRESS, ADDRESS))
                        .invokeExact(
                                config,
                                arena.allocateFrom(flag.getKey()),
                                arena.allocateFrom(flag.getValue().asString(flag.getKey())));
            }
        } catch (Throwable e) {
            throw Functions.unexpected("wasmtime_config_cranelift_flag_set", e);
        }
    }
}
