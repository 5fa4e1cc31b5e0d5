package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.Encoding;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.WasmWriter;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.RawSection;
import com.dylibso.chicory.wasm.types.SectionId;
import dev.precast.bundle.BundleWriter;
import dev.precast.engine.chicory.load.ChicoryFormat;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/**
 * Writes the parts of the module that a host needs: the skeleton (the module without its function bodies), and the
 * bodies of interpreted functions as separate entries.
 *
 * <p>Keeps custom sections except names and debug information: {@code name}, {@code .debug_*}, {@code sourceMappingURL}
 * and {@code external_debug_info}.
 */
final class ModuleWriter {
    /**
     * For these instructions the interpreter runs the body of another function directly, without a call of the engine's
     * {@code Machine}.
     */
    private static final Set<OpCode> REACHES_OTHER_BODIES =
            EnumSet.of(OpCode.RETURN_CALL, OpCode.RETURN_CALL_INDIRECT, OpCode.RETURN_CALL_REF, OpCode.CALL_REF);

    /** A function body: its size, no locals, {@code unreachable}, {@code end}. */
    private static final byte[] UNREACHABLE = {3, 0, 0x00, 0x0b};

    private final byte[] wasm;
    private final WasmModule module;
    private final Set<Integer> interpreted;
    private final SplitFunctions split;
    private final int imported;

    /** @param split what becomes of functions if the module is stored with all bodies */
    ModuleWriter(byte[] wasm, WasmModule module, Set<Integer> interpreted, SplitFunctions split) {
        this.wasm = wasm;
        this.module = module;
        this.interpreted = interpreted;
        this.split = split;
        this.imported = module.importSection().count(ExternalType.FUNCTION);
    }

    void addTo(BundleWriter bundle) {
        boolean whole = interpreted.stream().anyMatch(this::reachesOtherBodies);
        byte[] source = interpreted.isEmpty()
                ? wasm
                : new GuardedThrows(module).rewrite(wasm).orElse(wasm);
        WasmWriter writer = new WasmWriter();
        Parser.parseWithoutDecoding(source, section -> {
            RawSection raw = (RawSection) section;
            int id = raw.sectionId();
            byte[] contents = raw.contents();
            if (id == SectionId.CODE && !whole) {
                writer.writeSection(SectionId.CODE, withoutBodies(contents, bundle));
            } else if (id != SectionId.CUSTOM || isKept(customName(contents))) {
                writer.writeSection(id, whole ? split.rewrite(id, contents) : contents);
            }
        });
        if (whole) {
            interpreted.forEach(function -> bundle.add(ChicoryFormat.BODY_PREFIX + function, new byte[0]));
        }
        bundle.add(whole ? ChicoryFormat.WHOLE_MODULE : ChicoryFormat.SKELETON, writer.bytes());
    }

    private boolean reachesOtherBodies(int function) {
        return module.codeSection().getFunctionBody(function - imported).instructions().stream()
                .anyMatch(i -> REACHES_OTHER_BODIES.contains(i.opcode()));
    }

    private byte[] withoutBodies(byte[] code, BundleWriter bundle) {
        ByteBuffer in = ByteBuffer.wrap(code);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int count = (int) Encoding.readVarUInt32(in);
        WasmWriter.writeVarUInt32(out, count);
        for (int i = 0; i < count; i++) {
            int size = (int) Encoding.readVarUInt32(in);
            if (interpreted.contains(imported + i)) {
                byte[] body = new byte[size];
                in.get(body);
                bundle.add(ChicoryFormat.BODY_PREFIX + (imported + i), body);
            } else {
                in.position(in.position() + size);
            }
            out.writeBytes(UNREACHABLE);
        }
        return out.toByteArray();
    }

    private static String customName(byte[] contents) {
        ByteBuffer in = ByteBuffer.wrap(contents);
        byte[] name = new byte[(int) Encoding.readVarUInt32(in)];
        in.get(name);
        return new String(name, StandardCharsets.UTF_8);
    }

    private static boolean isKept(String custom) {
        return !custom.equals("name")
                && !custom.startsWith(".debug_")
                && !custom.equals("sourceMappingURL")
                && !custom.equals("external_debug_info");
    }
}
