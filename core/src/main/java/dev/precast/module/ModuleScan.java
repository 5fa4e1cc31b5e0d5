package dev.precast.module;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Reads the {@link ModuleFacts} of a core module in one pass, in linear time and constant memory. Does not validate the
 * module: refuses only what it cannot parse, and leaves the checks of types, indexes and names to the engine.
 *
 * <p>Each section of the core specification 3.0 (section 5.5), except custom sections, may appear at most once, in the
 * specified order.
 */
public final class ModuleScan {
    private static final List<String> NAMES = List.of(
            "custom",
            "type",
            "import",
            "function",
            "table",
            "memory",
            "global",
            "export",
            "start",
            "element",
            "code",
            "data",
            "data count",
            "tag");
    /**
     * The position of each section in the specified order, by id: tags after memories, the data count before the code.
     */
    private static final int[] RANKS = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};

    private final WasmInput in;
    private final TypeScan types;
    private final CodeScan code;
    private final InstructionScan constants;
    private final List<ModuleFacts.Section> sections = new ArrayList<>();
    private final List<ModuleFacts.Import> imports = new ArrayList<>();
    private final Map<ExternalKind, Long> importCounts = new EnumMap<>(ExternalKind.class);
    private final List<ModuleFacts.Export> exports = new ArrayList<>();
    private final List<ModuleFacts.Limits> tables = new ArrayList<>();
    private final List<ModuleFacts.Limits> memories = new ArrayList<>();
    private long exportCount;
    private long tableCount;
    private long memoryCount;
    private long globals;
    private long tags;
    private long functions;
    private long params;
    private OptionalLong start = OptionalLong.empty();
    private ModuleFacts.Segments elements = new ModuleFacts.Segments(0, 0);
    private ModuleFacts.Segments data = new ModuleFacts.Segments(0, 0);

    private final long from;

    private ModuleScan(WasmInput input) {
        in = input;
        from = in.position();
        types = new TypeScan(in);
        code = new CodeScan(in);
        constants = new InstructionScan(in);
    }

    /**
     * Reads a module to its end; does not close the stream.
     *
     * @throws MalformedModuleException if it is not a core module
     * @throws IOException if reading fails
     */
    public static ModuleFacts of(InputStream wasm) throws IOException, MalformedModuleException {
        return of(new WasmInput(wasm));
    }

    /** @throws MalformedModuleException if it is not a core module */
    public static ModuleFacts of(byte[] wasm) throws MalformedModuleException {
        try {
            return of(new ByteArrayInputStream(wasm));
        } catch (IOException e) {
            throw new UncheckedIOException("reading from an array cannot fail", e);
        }
    }

    /** Reads a module up to the limit of {@code in}. Offsets count from the start of the input. */
    static ModuleFacts of(WasmInput in) throws IOException, MalformedModuleException {
        return new ModuleScan(in).module();
    }

    private ModuleFacts module() throws IOException, MalformedModuleException {
        WasmKind kind = in.preamble();
        if (kind != WasmKind.MODULE) {
            throw new MalformedModuleException(
                    from,
                    "expected the preamble of a core module of version 1, found "
                            + (kind == WasmKind.COMPONENT ? "a component's" : "another"));
        }
        int rank = 0;
        while (!in.atEnd()) {
            int id = in.u8();
            if (id >= RANKS.length) {
                throw in.malformed("unknown section " + id);
            }
            if (id != 0 && RANKS[id] <= rank) {
                throw in.malformed("section " + NAMES.get(id) + " appears twice or out of order");
            }
            rank = Math.max(rank, RANKS[id]);
            section(id);
        }
        if (functions != code.bodies()) {
            throw in.malformed("module declares " + functions + " functions, but has " + code.bodies() + " bodies");
        }
        return facts();
    }

    private void section(int id) throws IOException, MalformedModuleException {
        String name = NAMES.get(id);
        long size = in.u32();
        long offset = in.position();
        long outer = in.enter("section " + name, size);
        switch (id) {
            case 0 -> name = in.name();
            case 1 -> types.section();
            case 2 -> imports();
            case 3 -> functions();
            case 4 -> tables();
            case 5 -> memories();
            case 6 -> globals();
            case 7 -> exports();
            case 8 -> start = OptionalLong.of(in.u32());
            case 9 -> elements = new ElementScan(in, constants).section();
            case 10 -> code.section(imported(ExternalKind.FUNCTION));
            case 11 -> data();
            case 12 -> in.u32();
            default -> tags();
        }
        if (id == 0) {
            in.skip(in.left());
        }
        in.leave("section " + name, outer);
        listed(sections, new ModuleFacts.Section(id, name, offset, size));
    }

    private void imports() throws IOException, MalformedModuleException {
        long count = in.count("imports");
        for (long i = 0; i < count; i++) {
            String module = in.name();
            String name = in.name();
            ExternalKind kind = ExternalKind.of(in, in.u8());
            switch (kind) {
                case FUNCTION -> in.u32();
                case TABLE -> {
                    ValueTypes.one(in);
                    limits();
                }
                case MEMORY -> limits();
                case GLOBAL -> ValueTypes.field(in);
                case TAG -> tag();
            }
            importCounts.merge(kind, 1L, Long::sum);
            listed(imports, new ModuleFacts.Import(module, name, kind));
        }
    }

    private void functions() throws IOException, MalformedModuleException {
        functions = in.count("functions");
        for (long i = 0; i < functions; i++) {
            params = CodeScan.plus(params, types.paramsOf(in.u32()));
        }
    }

    /** Scans the table section. A table with an initial value is encoded as {@code 0x40 0x00}, type, expression. */
    private void tables() throws IOException, MalformedModuleException {
        tableCount = in.count("tables");
        for (long i = 0; i < tableCount; i++) {
            int first = in.u8();
            boolean initial = first == 0x40;
            if (initial) {
                in.u8();
                ValueTypes.one(in);
            } else {
                ValueTypes.of(in, first);
            }
            listed(tables, limits());
            if (initial) {
                constants.expression();
            }
        }
    }

    private void memories() throws IOException, MalformedModuleException {
        memoryCount = in.count("memories");
        for (long i = 0; i < memoryCount; i++) {
            listed(memories, limits());
        }
    }

    /**
     * Reads limits. The flags' bits: has a maximum, shared, 64-bit indexes, has a page size (section 5.3.14, custom
     * page sizes).
     */
    private ModuleFacts.Limits limits() throws IOException, MalformedModuleException {
        int flags = in.u8();
        if (flags > 0x0f) {
            throw in.malformed("unknown flags of limits 0x" + Integer.toHexString(flags));
        }
        boolean wide = (flags & 4) != 0;
        long min = wide ? in.u64() : in.u32();
        OptionalLong max = (flags & 1) == 0 ? OptionalLong.empty() : OptionalLong.of(wide ? in.u64() : in.u32());
        if ((flags & 8) != 0) {
            in.u32();
        }
        return new ModuleFacts.Limits(min, max, (flags & 2) != 0, wide);
    }

    private void globals() throws IOException, MalformedModuleException {
        globals = in.count("globals");
        for (long i = 0; i < globals; i++) {
            ValueTypes.field(in);
            constants.expression();
        }
    }

    private void exports() throws IOException, MalformedModuleException {
        exportCount = in.count("exports");
        for (long i = 0; i < exportCount; i++) {
            String name = in.name();
            ExternalKind kind = ExternalKind.of(in, in.u8());
            listed(exports, new ModuleFacts.Export(name, kind, in.u32()));
        }
    }

    private void data() throws IOException, MalformedModuleException {
        long count = in.count("data segments");
        long bytes = 0;
        for (long i = 0; i < count; i++) {
            long kind = in.u32();
            if (kind > 2) {
                throw in.malformed("data segment of unknown kind " + kind);
            }
            if (kind == 2) {
                in.u32();
            }
            if (kind != 1) {
                constants.expression();
            }
            long size = in.count("bytes of data");
            in.skip(size);
            bytes += size;
        }
        data = new ModuleFacts.Segments(count, bytes);
    }

    private void tags() throws IOException, MalformedModuleException {
        tags = in.count("tags");
        for (long i = 0; i < tags; i++) {
            tag();
        }
    }

    private void tag() throws IOException, MalformedModuleException {
        in.u8();
        in.u32();
    }

    private long imported(ExternalKind kind) {
        return importCounts.getOrDefault(kind, 0L);
    }

    private static <T> void listed(List<T> list, T item) {
        if (list.size() < ModuleFacts.MAX_LISTED) {
            list.add(item);
        }
    }

    private ModuleFacts facts() {
        return new ModuleFacts(
                in.position() - from,
                sections,
                types.facts(),
                imports,
                new ModuleFacts.ImportCounts(
                        imported(ExternalKind.FUNCTION),
                        imported(ExternalKind.TABLE),
                        imported(ExternalKind.MEMORY),
                        imported(ExternalKind.GLOBAL),
                        imported(ExternalKind.TAG)),
                exports,
                exportCount,
                tables,
                tableCount,
                memories,
                memoryCount,
                globals,
                tags,
                start,
                elements,
                data,
                code.facts(params));
    }
}
