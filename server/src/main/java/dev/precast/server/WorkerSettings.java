package dev.precast.server;

import dev.precast.cache.outcome.Limits;
import dev.precast.module.Cap;
import dev.precast.module.StaticCaps;
import dev.precast.precompiler.Confinement;
import dev.precast.precompiler.PrecompilerConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The worker's part of a configuration. */
final class WorkerSettings {
    private WorkerSettings() {}

    /**
     * @return empty if the node does not compile, because of its role or because it has no engine packs
     * @throws io.quarkus.runtime.configuration.ConfigurationException if a value is out of its range
     */
    static Optional<PrecompilerConfig> of(PrecastConfig config, Path work) {
        return Refusal.ifInvalid("settings of the worker", () -> settings(config, work));
    }

    private static Optional<PrecompilerConfig> settings(PrecastConfig config, Path work) {
        if (config.role() == PrecastConfig.Role.API || config.role() == PrecastConfig.Role.EDGE) {
            return Optional.empty();
        }
        if (config.role() == PrecastConfig.Role.WORKER
                && config.packs().folder().isEmpty()) {
            throw Refusal.because("precast.role is WORKER, which needs engine packs; set precast.packs.folder");
        }
        PrecastConfig.LimitsConfig l = config.limits();
        return config.packs()
                .folder()
                .map(packs -> new PrecompilerConfig(
                        new PrecompilerConfig.Packs(packs, config.packs().allowed(), confinement(config)),
                        work,
                        config.builder(),
                        config.slots().orElseGet(() -> MemoryFit.defaultSlots(config)),
                        new Limits(l.heapMb(), l.memoryMb(), l.cpuSeconds(), l.wallSeconds(), l.outputMb()),
                        caps(config.caps()),
                        new PrecompilerConfig.Times(config.retry().base(), config.drainTimeout())));
    }

    private static Confinement.Mode confinement(PrecastConfig config) {
        return switch (config.confinement()) {
            case REQUIRED -> {
                if (config.allowUnconfined()) {
                    throw Refusal.because("precast.allow-unconfined: contradicts precast.confinement (expected false"
                            + " with required, found true); remove one of them");
                }
                yield Confinement.Mode.REQUIRED;
            }
            case BEST_EFFORT -> config.allowUnconfined() ? Confinement.Mode.UNCONFINED : Confinement.Mode.BEST_EFFORT;
        };
    }

    /**
     * Reads the caps. Ignores case and punctuation of their names, because environment variables have no lower-case
     * letters.
     */
    static StaticCaps caps(Map<String, Long> configured) {
        StaticCaps caps = StaticCaps.DEFAULT;
        for (Map.Entry<String, Long> entry : configured.entrySet()) {
            String letters = entry.getKey().replaceAll("[^A-Za-z]", "");
            Cap cap = Arrays.stream(Cap.values())
                    .filter(c -> c.label().equalsIgnoreCase(letters))
                    .findFirst()
                    .orElseThrow(() -> Refusal.because("precast.caps." + entry.getKey()
                            + ": unknown cap; known caps: "
                            + Arrays.stream(Cap.values()).map(Cap::label).toList()));
            caps = caps.with(cap, entry.getValue());
        }
        return caps;
    }
}
