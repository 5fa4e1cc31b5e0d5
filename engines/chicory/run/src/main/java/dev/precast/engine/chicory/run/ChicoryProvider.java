package dev.precast.engine.chicory.run;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.ChicoryException;
import dev.precast.artifact.EngineId;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.engine.chicory.load.ClassVerifier;
import dev.precast.load.EngineLoader;
import dev.precast.load.EngineOptions;
import dev.precast.load.EngineProvider;
import dev.precast.load.ProgramException;
import dev.precast.load.WasiProgram;
import java.util.Optional;
import java.util.Set;

/** Runs programs with Chicory and Chicory's WASI. */
public final class ChicoryProvider implements EngineProvider<CompiledModule> {
    @Override
    public String name() {
        return ChicoryFormat.ENGINE.name();
    }

    @Override
    public Optional<EngineId> engine() {
        return Optional.of(ChicoryFormat.ENGINE);
    }

    @Override
    public EngineLoader<CompiledModule> open(EngineOptions options) {
        return new ChicoryLoader();
    }

    @Override
    public int run(CompiledModule module, WasiProgram program) throws ProgramException {
        WasiOptions.Builder options = WasiOptions.builder().inheritSystem().withArguments(program.arguments());
        program.folders().forEach(options::withDirectory);
        program.variables().forEach(options::withEnvironment);
        try (WasiPreview1 wasi =
                WasiPreview1.builder().withOptions(options.build()).build()) {
            Instance instance = Instance.builder(module.wasmModule())
                    .withMachineFactory(module.machineFactory())
                    .withImportValues(ImportValues.builder()
                            .addFunction(wasi.toHostFunctions())
                            .build())
                    .withStart(false)
                    .build();
            instance.export("_start").apply();
            return 0;
        } catch (WasiExitException e) {
            return e.exitCode();
        } catch (TrapException e) {
            throw new ProgramException(ProgramException.Reason.TRAP, e);
        } catch (ChicoryException e) {
            throw new ProgramException(ProgramException.Reason.NOT_RUNNABLE, e);
        }
    }

    @Override
    public Optional<EntryCheck> entryCheck(EngineId engine, Set<String> extraMembers) {
        if (!engine.equals(ChicoryFormat.ENGINE)) {
            return Optional.empty();
        }
        ClassVerifier verifier = ClassVerifier.ofFormat().with(extraMembers);
        return Optional.of((entry, bytes) -> {
            boolean isClass = entry.startsWith(ChicoryFormat.CLASS_PREFIX);
            if (isClass) {
                verifier.verify(entry.substring(ChicoryFormat.CLASS_PREFIX.length()), bytes);
            }
            return isClass;
        });
    }
}
