package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.UnlinkableException;
import dev.precast.attestation.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run of the commands of a file of the test suite, from artifacts or by the interpreter alone. */
final class SuiteRun {
    private static final String INSTANTIATED = "instantiated";
    private static final String SIGNED = "artifact of an invalid module";
    /** More than the recursion of the compile side needs for the modules of the suite. */
    private static final long STACK_BYTES = 2L << 20;

    private final @Nullable SuiteArtifacts artifacts;
    private final SuiteInstances instances = new SuiteInstances();
    private final Map<Optional<String>, Path> definitions = new HashMap<>();

    private SuiteRun(@Nullable SuiteArtifacts artifacts) {
        this.artifacts = artifacts;
    }

    /**
     * What a command did.
     *
     * @param said the results, or how it failed; the same text for interpreted and compiled code
     * @param passed whether the suite expects that
     */
    record Outcome(String said, boolean passed) {}

    /**
     * Runs all commands in a thread with a stack of fixed size.
     *
     * @param artifacts the artifacts that modules are loaded from; null for the interpreter
     * @return one outcome for each command
     */
    static List<Outcome> of(List<SuiteCommand> commands, @Nullable SuiteArtifacts artifacts) throws Exception {
        return LargeStack.call(STACK_BYTES, () -> {
            SuiteRun run = new SuiteRun(artifacts);
            List<Outcome> outcomes = new ArrayList<>();
            for (SuiteCommand command : commands) {
                outcomes.add(run.run(command));
            }
            return outcomes;
        });
    }

    private Outcome run(SuiteCommand command) throws IOException {
        if (command instanceof SuiteCommand.Module module) {
            return instantiate(module.name(), module.wasm());
        }
        if (command instanceof SuiteCommand.Definition definition) {
            definitions.put(definition.name(), definition.wasm());
            definitions.put(Optional.empty(), definition.wasm());
            return new Outcome("defined", true);
        }
        if (command instanceof SuiteCommand.NewInstance instance) {
            return instantiate(instance.name(), definitions.get(instance.definition()));
        }
        if (command instanceof SuiteCommand.Register register) {
            return register(register);
        }
        if (command instanceof SuiteCommand.Refused refused) {
            return refuse(refused);
        }
        return call((SuiteCommand.Call) command);
    }

    private Outcome register(SuiteCommand.Register register) {
        Instance instance = instances.find(register.name());
        if (instance == null) {
            return new Outcome("no instance", false);
        }
        instances.register(register.as(), instance);
        return new Outcome("registered", true);
    }

    private Outcome instantiate(Optional<String> name, Path wasm) throws IOException {
        Loaded loaded = load(Files.readAllBytes(wasm));
        if (loaded.module == null) {
            return new Outcome(loaded.said, false);
        }
        try {
            instances.add(name, loaded.module);
            return new Outcome(loaded.said + INSTANTIATED, true);
        } catch (RuntimeException | Error e) {
            return new Outcome(loaded.said + Failures.text(e), false);
        }
    }

    private Outcome refuse(SuiteCommand.Refused command) throws IOException {
        Loaded loaded = load(Files.readAllBytes(command.wasm()));
        if (loaded.module == null) {
            return new Outcome(loaded.said, command.reason() == SuiteCommand.Reason.INVALID);
        }
        try {
            instances.make(loaded.module);
            return new Outcome(loaded.said + INSTANTIATED, false);
        } catch (RuntimeException | Error e) {
            String text = Failures.text(e);
            boolean invalid = command.reason() == SuiteCommand.Reason.INVALID && text.equals(Failures.REFUSED);
            if (invalid && (artifacts == null || !loaded.said.isEmpty())) {
                return new Outcome(text, true);
            }
            boolean right = switch (command.reason()) {
                case INVALID -> false;
                case UNLINKABLE -> e instanceof UnlinkableException;
                case UNINSTANTIABLE -> e instanceof ChicoryException || e instanceof WasmException;
            };
            return new Outcome(invalid ? SIGNED : loaded.said + text, right);
        }
    }

    private Outcome call(SuiteCommand.Call call) {
        Instance instance = instances.find(call.instance());
        if (instance == null) {
            return new Outcome("no instance", false);
        }
        try {
            List<SuiteValue> results = call.global()
                    ? List.of(SuiteCalls.value(instance.exports().global(call.export())))
                    : SuiteCalls.call(instance, call.export(), call.arguments());
            return new Outcome(shown(call.expected(), results), returned(call.expected(), results));
        } catch (RuntimeException | Error e) {
            return new Outcome(Failures.text(e), failed(call.expected(), e));
        }
    }

    /** The results. The bits of a NaN differ from call to call where the specification leaves them open. */
    private static String shown(SuiteCommand.Expected expected, List<SuiteValue> results) {
        List<SuiteValue> shown = new ArrayList<>(results);
        if (expected instanceof SuiteCommand.Expected.Results wanted) {
            for (int i = 0; i < Math.min(shown.size(), wanted.values().size()); i++) {
                if (wanted.values().get(i).isNaN() && shown.get(i).isNaN()) {
                    shown.set(i, new SuiteValue(shown.get(i).type(), SuiteValue.NAN));
                }
            }
        }
        return shown.toString();
    }

    private static boolean returned(SuiteCommand.Expected expected, List<SuiteValue> results) {
        if (!(expected instanceof SuiteCommand.Expected.Results wanted)) {
            return expected instanceof SuiteCommand.Expected.Anything;
        }
        boolean all = wanted.values().size() == results.size();
        for (int i = 0; all && i < results.size(); i++) {
            all = wanted.values().get(i).accepts(results.get(i));
        }
        return all;
    }

    private static boolean failed(SuiteCommand.Expected expected, Throwable e) {
        if (expected instanceof SuiteCommand.Expected.Trap trap) {
            return e instanceof ChicoryException
                    && String.valueOf(e.getMessage()).contains(trap.text());
        }
        if (expected instanceof SuiteCommand.Expected.Exhaustion) {
            return Failures.text(e).equals(Failures.EXHAUSTED);
        }
        return expected instanceof SuiteCommand.Expected.WasmThrow && e instanceof WasmException;
    }

    /**
     * A module that can become an instance; null if it was refused.
     *
     * @param said why the compile side rejected it, or that it was refused; empty if there is an artifact
     */
    private record Loaded(@Nullable CompiledModule module, String said) {}

    /** Loads a module as a host does: what the compile side does not support is interpreted. */
    private Loaded load(byte[] wasm) throws IOException {
        String rejected = "";
        if (artifacts != null) {
            try {
                return new Loaded(artifacts.load(wasm), "");
            } catch (RejectedException e) {
                if (List.of(RejectedException.INVALID, RejectedException.NOT_WASM, RejectedException.COMPONENT)
                        .contains(e.code())) {
                    return new Loaded(null, Failures.REFUSED);
                }
                rejected = e.code() + " (" + Failures.withoutDetail(e) + "), ";
            } catch (RefusedException e) {
                rejected = "artifact refused (" + e.getMessage() + "), ";
            } catch (RuntimeException | Error e) {
                rejected = "failed (" + Failures.text(e) + "), ";
            }
        }
        try {
            return new Loaded(Way.interpret(wasm), rejected);
        } catch (RuntimeException e) {
            return new Loaded(null, Failures.REFUSED);
        }
    }
}
