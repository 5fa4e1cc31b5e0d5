package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Encoding;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.SectionId;
import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleReader;
import dev.precast.module.WasmKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The interpreted functions of a module, which are parsed at their first call. Thread safe; all instances of the module
 * share this object.
 */
final class InterpretedBodies {
    private final WasmModule module;
    private final byte[] typeSection;
    private final BundleReader bundle;
    private final Map<Integer, BundleEntry> entries;
    private final boolean whole;
    private final Consumer<RefusedException> broken;
    private final Map<Integer, Instance> carriers = new ConcurrentHashMap<>();

    private InterpretedBodies(
            WasmModule module,
            byte[] typeSection,
            BundleReader bundle,
            Map<Integer, BundleEntry> entries,
            boolean whole,
            Consumer<RefusedException> broken) {
        this.module = module;
        this.typeSection = typeSection;
        this.bundle = bundle;
        this.entries = entries;
        this.whole = whole;
        this.broken = broken;
    }

    /**
     * The interpreted functions of a bundle.
     *
     * @param stored the module as the bundle holds it
     * @param whole whether that is the whole module; the entries of functions are then empty
     * @param broken gets the reason if a function's body fails a check at its first call
     * @throws NumberFormatException if an entry's name does not contain a function index
     */
    static InterpretedBodies of(
            WasmModule module, byte[] stored, BundleReader bundle, boolean whole, Consumer<RefusedException> broken) {
        Map<Integer, BundleEntry> entries = new HashMap<>();
        for (BundleEntry entry : bundle.index().startingWith(ChicoryFormat.BODY_PREFIX)) {
            entries.put(Integer.parseUnsignedInt(entry.name().substring(ChicoryFormat.BODY_PREFIX.length())), entry);
        }
        byte[] types = entries.isEmpty() || whole ? new byte[0] : typeSection(stored);
        return new InterpretedBodies(module, types, bundle, entries, whole, broken);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whether the module itself has all bodies, so that {@link #carrier} is not to be used. */
    boolean isWhole() {
        return whole;
    }

    boolean contains(int function) {
        return entries.containsKey(function);
    }

    int[] functions() {
        return entries.keySet().stream().mapToInt(f -> f).sorted().toArray();
    }

    /**
     * An instance whose function 0 has the body and type of {@code function}. The instance never runs; the interpreter
     * only takes the body from it.
     *
     * @throws ChicoryException if the body cannot be read or differs from the signed one
     */
    Instance carrier(int function) {
        Instance carrier = carriers.get(function);
        return carrier != null ? carrier : carriers.computeIfAbsent(function, this::parse);
    }

    private Instance parse(int function) {
        byte[] body;
        try {
            body = Entries.read(bundle, Objects.requireNonNull(entries.get(function)));
        } catch (RefusedException e) {
            broken.accept(e);
            throw new ChicoryException("interpreted function " + function + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ChicoryException("interpreted function " + function + ": " + e.getMessage(), e);
        }
        int imported = module.importSection().count(ExternalType.FUNCTION);
        int type = module.functionSection().getFunctionType(function - imported);
        WasmModule.Builder mini = WasmModule.builder()
                .withValidation(false)
                .setTypeSection(module.typeSection())
                .setFunctionSection(
                        FunctionSection.builder().addFunctionType(type).build());
        Parser.builder().build().parse(new ByteArrayInputStream(bytes(body)), section -> {
            if (section instanceof CodeSection code) {
                TypeHints.write(code.getFunctionBody(0), module.typeSection());
                mini.setCodeSection(code);
            }
        });
        return Instance.builder(mini.build())
                .withInitialize(false)
                .withMachineFactory(instance -> (id, args) -> {
                    throw new IllegalStateException("carrier of a function body: cannot run");
                })
                .build();
    }

    private byte[] bytes(byte[] body) {
        ByteArrayOutputStream code = new ByteArrayOutputStream(body.length + 6);
        WasmWriter.writeVarUInt32(code, 1);
        WasmWriter.writeVarUInt32(code, body.length);
        code.writeBytes(body);
        WasmWriter writer = new WasmWriter();
        writer.writeSection(SectionId.TYPE, typeSection);
        writer.writeSection(SectionId.CODE, code.toByteArray());
        return writer.bytes();
    }

    /** The content of the type section. Skips the other sections. */
    private static byte[] typeSection(byte[] skeleton) {
        ByteBuffer in = ByteBuffer.wrap(skeleton).position(WasmKind.PREAMBLE_BYTES);
        while (in.hasRemaining()) {
            int id = in.get();
            int size = (int) Encoding.readVarUInt32(in);
            if (id == SectionId.TYPE) {
                byte[] types = new byte[size];
                in.get(types);
                return types;
            }
            in.position(in.position() + size);
        }
        return new byte[] {0};
    }
}
