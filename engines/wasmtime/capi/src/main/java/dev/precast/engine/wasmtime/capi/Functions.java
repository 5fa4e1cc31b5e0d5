package dev.precast.engine.wasmtime.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** The native functions that all classes of this package need, and the handling of errors and byte vectors. */
final class Functions {
    /** {@code wasm_byte_vec_t}: size, then data. */
    static final long VECTOR_BYTES = 16;

    private static final long VECTOR_DATA = 8;

    final MethodHandle configNew;
    final MethodHandle engineNew;
    final MethodHandle engineDelete;
    private final MethodHandle errorMessage;
    private final MethodHandle errorExitStatus;
    private final MethodHandle errorDelete;
    private final MethodHandle errorTrace;
    private final MethodHandle traceDelete;
    private final MethodHandle trapMessage;
    private final MethodHandle trapDelete;
    private final MethodHandle vectorDelete;
    private final OfCode module;
    private final OfCode component;

    Functions(WasmtimeLibrary library) {
        configNew = library.function("wasm_config_new", returning(ADDRESS));
        engineNew = library.function("wasm_engine_new_with_config", returning(ADDRESS, ADDRESS));
        engineDelete = library.function("wasm_engine_delete", nothing(ADDRESS));
        errorMessage = library.function("wasmtime_error_message", nothing(ADDRESS, ADDRESS));
        errorExitStatus = library.function("wasmtime_error_exit_status", returning(JAVA_BYTE, ADDRESS, ADDRESS));
        errorDelete = library.function("wasmtime_error_delete", nothing(ADDRESS));
        errorTrace = library.function("wasmtime_error_wasm_trace", nothing(ADDRESS, ADDRESS));
        traceDelete = library.function("wasm_frame_vec_delete", nothing(ADDRESS));
        trapMessage = library.function("wasm_trap_message", nothing(ADDRESS, ADDRESS));
        trapDelete = library.function("wasm_trap_delete", nothing(ADDRESS));
        vectorDelete = library.function("wasm_byte_vec_delete", nothing(ADDRESS));
        module = OfCode.of(library, "wasmtime_module_");
        component = OfCode.of(library, "wasmtime_component_");
    }

    static FunctionDescriptor returning(MemoryLayout result, MemoryLayout... arguments) {
        return FunctionDescriptor.of(result, arguments);
    }

    static FunctionDescriptor nothing(MemoryLayout... arguments) {
        return FunctionDescriptor.ofVoid(arguments);
    }

    /** Functions that the C API has once for modules and once for components, with equal signatures. */
    record OfCode(MethodHandle create, MethodHandle serialize, MethodHandle deserializeFile, MethodHandle delete) {
        private static OfCode of(WasmtimeLibrary library, String prefix) {
            return new OfCode(
                    library.function(prefix + "new", returning(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS)),
                    library.function(prefix + "serialize", returning(ADDRESS, ADDRESS, ADDRESS)),
                    library.function(prefix + "deserialize_file", returning(ADDRESS, ADDRESS, ADDRESS, ADDRESS)),
                    library.function(prefix + "delete", nothing(ADDRESS)));
        }
    }

    /** @throws IllegalArgumentException if {@code kind} is neither a module nor a component */
    OfCode of(WasmKind kind) {
        return switch (kind) {
            case MODULE -> module;
            case COMPONENT -> component;
            case OTHER -> throw new IllegalArgumentException("neither a core module of version 1 nor a component");
        };
    }

    /** Calls of native functions. Expected failures are {@link WasmtimeException}s. */
    interface Calls<T> {
        T make() throws Throwable;
    }

    /** @throws WasmtimeException if {@code calls} throws it */
    static <T> T calling(String functions, Calls<T> calls) throws WasmtimeException {
        try {
            return calls.make();
        } catch (WasmtimeException | RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected(functions, e);
        }
    }

    /** Wraps an unexpected exception of a native call. */
    static LinkageError unexpected(String function, Throwable e) {
        return new LinkageError("Wasmtime's " + function + ": unexpected failure of the native call", e);
    }

    /**
     * Frees an error and throws its message; does nothing if {@code error} is null.
     *
     * @throws WasmtimeException if {@code error} is not null
     */
    void check(MemorySegment error) throws WasmtimeException {
        if (error.address() == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(VECTOR_BYTES, Long.BYTES);
            MemorySegment status = arena.allocate(JAVA_INT);
            errorMessage.invokeExact(error, message);
            boolean exited = (byte) errorExitStatus.invokeExact(error, status) != 0;
            errorDelete.invokeExact(error);
            String text = takeText(message);
            throw exited ? new WasmtimeException(text, status.get(JAVA_INT, 0)) : new WasmtimeException(text);
        } catch (WasmtimeException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected("error functions", e);
        }
    }

    /**
     * Checks the error of an instantiation, which may come from the module's start function.
     *
     * @throws IncompatibleException if no code of the module ran: this host cannot instantiate it
     * @throws WasmtimeException if code of the module ran, and failed or exited
     */
    void checkInstance(MemorySegment error) throws WasmtimeException {
        if (error.address() == 0) {
            return;
        }
        boolean ran = hasTrace(error);
        try {
            check(error);
        } catch (WasmtimeException e) {
            throw ran || e.exitStatus().isPresent() ? e : new IncompatibleException(String.valueOf(e.getMessage()));
        }
    }

    private boolean hasTrace(MemorySegment error) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment frames = arena.allocate(VECTOR_BYTES, Long.BYTES);
            errorTrace.invokeExact(error, frames);
            boolean some = frames.get(JAVA_LONG, 0) > 0;
            traceDelete.invokeExact(frames);
            return some;
        } catch (Throwable e) {
            throw unexpected("wasmtime_error_wasm_trace", e);
        }
    }

    /**
     * Frees a trap and throws its message; does nothing if {@code trap} is null.
     *
     * @throws WasmtimeException if {@code trap} is not null
     */
    void checkTrap(MemorySegment trap) throws WasmtimeException {
        if (trap.address() == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(VECTOR_BYTES, Long.BYTES);
            trapMessage.invokeExact(trap, message);
            trapDelete.invokeExact(trap);
            throw new WasmtimeException(takeText(message).replace("\0", ""));
        } catch (WasmtimeException e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected("trap functions", e);
        }
    }

    /** The bytes of a vector, which are valid until {@link #free}. */
    static MemorySegment bytes(MemorySegment vector) {
        return data(vector).reinterpret(vector.get(JAVA_LONG, 0));
    }

    /** The pointer to a vector's elements, which follows their number. */
    static MemorySegment data(MemorySegment vector) {
        return vector.get(ADDRESS, VECTOR_DATA);
    }

    /** The text in UTF-8 without terminator, for functions that take a length. */
    static MemorySegment text(Arena arena, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return arena.allocate(Math.max(1, utf8.length))
                .copyFrom(MemorySegment.ofArray(utf8))
                .asSlice(0, utf8.length);
    }

    void free(MemorySegment vector) {
        try {
            vectorDelete.invokeExact(vector);
        } catch (Throwable e) {
            throw unexpected("wasm_byte_vec_delete", e);
        }
    }

    private String takeText(MemorySegment vector) {
        String text = new String(bytes(vector).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        free(vector);
        return text;
    }
}
