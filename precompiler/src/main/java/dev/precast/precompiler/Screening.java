package dev.precast.precompiler;

import dev.precast.artifact.Target;
import dev.precast.module.ComponentScan;
import dev.precast.module.MalformedModuleException;
import dev.precast.module.ModuleScan;
import dev.precast.module.StaticCaps;
import dev.precast.module.WasmKind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rejects modules by their static properties, before a child is started. */
final class Screening {
    private Screening() {}

    /** Why the module is rejected; empty if it is not. Does not validate the module. */
    static Optional<Rejection> of(Path wasm, Target target, StaticCaps caps) throws IOException {
        byte[] preamble;
        try (InputStream in = Files.newInputStream(wasm)) {
            preamble = in.readNBytes(WasmKind.PREAMBLE_BYTES);
        }
        return switch (WasmKind.of(preamble)) {
            case OTHER ->
                Optional.of(new Rejection("not-wasm", "module: neither a core module of version 1 nor a component"));
            case COMPONENT ->
                target.equals(Target.JVM)
                        ? Optional.of(
                                new Rejection("component-unsupported", "component: JVM engines run core modules only"))
                        : moduleOverCap(wasm, caps);
            case MODULE -> overCap(wasm, caps);
        };
    }

    /** Checks the caps for each core module of a component. */
    private static Optional<Rejection> moduleOverCap(Path wasm, StaticCaps caps) throws IOException {
        List<Rejection> over = new ArrayList<>(1);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(wasm))) {
            ComponentScan.of(
                    in,
                    module -> caps.check(module)
                            .filter(violation -> over.isEmpty())
                            .ifPresent(violation ->
                                    over.add(new Rejection("over-cap", "core module in the component: " + violation))));
        } catch (MalformedModuleException e) {
            return over.stream().findFirst(); // A failed scan is no reason to reject: see overCap.
        }
        return over.stream().findFirst();
    }

    private static Optional<Rejection> overCap(Path wasm, StaticCaps caps) throws IOException {
        try (InputStream in = Files.newInputStream(wasm)) {
            return caps.check(ModuleScan.of(in)).map(violation -> new Rejection("over-cap", violation.toString()));
        } catch (MalformedModuleException e) {
            return Optional
                    .empty(); // The engine may support what the scan does not know. The limits apply in any case.
        }
    }
}
