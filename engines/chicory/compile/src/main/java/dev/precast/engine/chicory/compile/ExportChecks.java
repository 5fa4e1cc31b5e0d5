package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.TagSection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** The rules for exports, which the engine checks only when it makes an instance. */
final class ExportChecks {
    private ExportChecks() {}

    /** @throws RejectedException if two exports have the same name, or one exports what the module does not have */
    static void requireValid(WasmModule module) throws RejectedException {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            Export export = module.exportSection().getExport(i);
            if (!names.add(export.name())) {
                throw new RejectedException(RejectedException.INVALID, "duplicate export name " + export.name());
            }
            int count = count(module, export.exportType());
            if (export.index() < 0 || export.index() >= count) {
                throw new RejectedException(
                        RejectedException.INVALID,
                        "unknown " + export.exportType().name().toLowerCase(Locale.ROOT) + " "
                                + Integer.toUnsignedString(export.index()) + " in export " + export.name()
                                + " (the module has " + count + ")");
            }
        }
    }

    private static int count(WasmModule module, ExternalType type) {
        int own = switch (type) {
            case FUNCTION -> module.functionSection().functionCount();
            case TABLE -> module.tableSection().tableCount();
            case MEMORY ->
                module.memorySection().map(MemorySection::memoryCount).orElse(0);
            case GLOBAL -> module.globalSection().globalCount();
            case TAG -> module.tagSection().map(TagSection::tagCount).orElse(0);
        };
        return module.importSection().count(type) + own;
    }
}
