package dev.precast.engine.wasmtime.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * A shared library with Wasmtime's C API. It stays loaded until the process ends, because it starts threads.
 *
 * <p>Thread safe. It is native code with the rights of this process, so load only a file that no other user can change.
 */
public final class WasmtimeLibrary {
    private static final Linker LINKER = Linker.nativeLinker();

    private final SymbolLookup symbols;
    private final Functions functions;

    private WasmtimeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
        this.functions = new Functions(this);
    }

    /**
     * Loads a library.
     *
     * @throws IllegalArgumentException if the file does not exist, cannot be loaded on this machine, or lacks a
     *     function that Precast needs
     */
    public static WasmtimeLibrary load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("Wasmtime library " + file + ": file not found");
        }
        SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(file.toAbsolutePath(), Arena.global());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("Wasmtime library " + file + ": cannot be loaded on this machine", e);
        }
        return new WasmtimeLibrary(symbols);
    }

    /** The major version, which artifacts contain. The C API has no function for it. */
    public int majorVersion() {
        // The name of one of Wasmtime's functions for debuggers ends with the version.
        return IntStream.range(1, 1000)
                .filter(major -> has("set_vmctx_memory_" + major + "_0_0"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Wasmtime library: version not found (expected a function set_vmctx_memory_<version>)"));
    }

    /** Whether the library has a function with this name. Versions have different configuration functions. */
    boolean has(String name) {
        return symbols.find(name).isPresent();
    }

    MethodHandle function(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(
                symbols.find(name)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "Wasmtime library: missing function " + name + "; use another version")),
                type);
    }

    Functions functions() {
        return functions;
    }
}
