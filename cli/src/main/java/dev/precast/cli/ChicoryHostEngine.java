package dev.precast.cli;

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
import dev.precast.host.folder.EntryChecks;
import dev.precast.load.EngineLoader;
import java.util.Set;

/** Chicory. The build makes the one for Endive from this source. */
final class ChicoryHostEngine implements HostEngine<CompiledModule> {
    @Override
    public EngineId id() {
        return ChicoryFormat.ENGINE;
    }

    @Override
    public EngineLoader<CompiledModule> loader() {
        return new ChicoryLoader();
    }

    @Override
    public int run(CompiledModule module, WasiProgram program) {
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
            return Exit.OK.code();
        } catch (WasiExitException e) {
            return e.exitCode();
        } catch (TrapException e) {
            throw program.trapped(e);
        } catch (ChicoryException e) {
            throw program.notRunnable(e);
        }
    }

    @Override
    public EntryChecks.EntryCheck classCheck(Set<String> moreMembers) {
        ClassVerifier verifier = ClassVerifier.ofFormat().with(moreMembers);
        return (entry, bytes) -> {
            boolean isClass = entry.startsWith(ChicoryFormat.CLASS_PREFIX);
            if (isClass) {
                verifier.verify(entry.substring(ChicoryFormat.CLASS_PREFIX.length()), bytes);
            }
            return isClass;
        };
    }
}
