package dev.precast.engine.chicory.compile;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A command of a file of the test suite. The line is that of the command in the file. */
sealed interface SuiteCommand {
    int line();

    /** A module that is instantiated under an optional name, and becomes the current one. */
    record Module(int line, Optional<String> name, Path wasm) implements SuiteCommand {}

    /** A module that is instantiated only by {@link NewInstance}. */
    record Definition(int line, Optional<String> name, Path wasm) implements SuiteCommand {}

    record NewInstance(int line, Optional<String> name, Optional<String> definition) implements SuiteCommand {}

    /** Makes the exports of an instance available to later modules, as exports of {@code as}. */
    record Register(int line, Optional<String> name, String as) implements SuiteCommand {}

    /** A module that must not become an instance. */
    record Refused(int line, Path wasm, Reason reason) implements SuiteCommand {}

    /** A call of a function, or the value of a global, of a named or the current instance. */
    record Call(
            int line,
            Optional<String> instance,
            boolean global,
            String export,
            List<SuiteValue> arguments,
            Expected expected)
            implements SuiteCommand {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /** Why a module must not become an instance. */
    enum Reason {
        INVALID,
        UNLINKABLE,
        UNINSTANTIABLE
    }

    /** What a call must do. */
    sealed interface Expected {
        record Results(List<SuiteValue> values) implements Expected {
            public Results {
                values = List.copyOf(values);
            }
        }

        record Trap(String text) implements Expected {}

        record Exhaustion() implements Expected {}

        record WasmThrow() implements Expected {}

        /** A return, whatever the results. */
        record Anything() implements Expected {}
    }

    /**
     * Reads one command; empty for a module in text form, which a binary engine cannot read.
     *
     * @param folder where the modules are
     */
    static Optional<SuiteCommand> parse(JsonObject json, Path folder) {
        int line = (int) json.integer("line", 0, Integer.MAX_VALUE);
        Optional<String> name = text(json, "name");
        Optional<Path> wasm = text(json, "binary_filename")
                .or(() -> text(json, "filename").filter(file -> file.endsWith(".wasm")))
                .map(folder::resolve);
        String type = json.string("type");
        return switch (type) {
            case "module" -> wasm.map(file -> new Module(line, name, file));
            case "module_definition" -> wasm.map(file -> new Definition(line, name, file));
            case "module_instance" -> Optional.of(new NewInstance(line, text(json, "instance"), text(json, "module")));
            case "register" -> Optional.of(new Register(line, name, json.string("as")));
            case "assert_invalid", "assert_malformed" -> wasm.map(file -> new Refused(line, file, Reason.INVALID));
            case "assert_unlinkable" -> wasm.map(file -> new Refused(line, file, Reason.UNLINKABLE));
            case "assert_uninstantiable" -> wasm.map(file -> new Refused(line, file, Reason.UNINSTANTIABLE));
            case "action" -> Optional.of(call(line, json, new Expected.Anything()));
            case "assert_return" -> Optional.of(call(line, json, new Expected.Results(values(json.array("expected")))));
            case "assert_trap" -> Optional.of(call(line, json, new Expected.Trap(json.string("text"))));
            case "assert_exhaustion" -> Optional.of(call(line, json, new Expected.Exhaustion()));
            case "assert_exception" -> Optional.of(call(line, json, new Expected.WasmThrow()));
            default -> throw new IllegalArgumentException("command " + type + ": unknown");
        };
    }

    private static Call call(int line, JsonObject json, Expected expected) {
        JsonObject action = json.object("action");
        boolean global = action.string("type").equals("get");
        return new Call(
                line,
                text(action, "module"),
                global,
                action.string("field"),
                global ? List.of() : values(action.array("args")),
                expected);
    }

    private static List<SuiteValue> values(List<Json> values) {
        return values.stream()
                .map(value -> SuiteValue.parse(value.asObject("value")))
                .toList();
    }

    private static Optional<String> text(JsonObject json, String name) {
        return json.find(name).map(value -> value.asString(name));
    }
}
