package dev.precast.module;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The metadata of a module or component that Wasmtime serialized: a 64-bit ELF object with Wasmtime's ABI number (200),
 * {@code e_flags} and sections, as {@code wasmtime_environ::obj} defines them. Reading takes bounded memory for any
 * input. Only Wasmtime can tell whether the file loads.
 *
 * @param kind core module or component
 * @param architecture first part of the target triple: {@code x86_64}, {@code aarch64}, {@code riscv64}, {@code s390x},
 *     {@code pulley64} or {@code pulley32}
 * @param version Wasmtime's version in the file: the major version, unless the program that serialized the file
 *     configured another text
 * @param engineHash SHA-256 of the engine section: version, target, flags, tunables and features
 */
public record CwasmFile(WasmKind kind, String architecture, String version, EngineHash engineHash) {
    /** The payload format of such files in attestations. */
    public static final String FORMAT = "cwasm/1";
    /** The section that Wasmtime compares with the loading engine. */
    public static final String ENGINE_SECTION = ".wasmtime.engine";

    private static final int HEADER = 64;
    private static final int SECTION_HEADER = 64;
    private static final int OS_ABI = 200;
    private static final int MODULE = 1;
    private static final int COMPONENT = 1 << 1;
    private static final int PULLEY32 = 1 << 2;
    private static final int PULLEY64 = 1 << 3;
    private static final int MAX_SECTIONS = 4096;
    private static final int MAX_NAMES = 1 << 16;
    private static final int MAX_ENGINE = 1 << 16;

    /**
     * Reads a file.
     *
     * @throws MalformedModuleException if the file does not have this form
     */
    public static CwasmFile read(Path file) throws IOException, MalformedModuleException {
        try (FileChannel channel = FileChannel.open(file)) {
            return read(channel);
        }
    }

    /**
     * Reads from the start of an open file; moves its position.
     *
     * @throws MalformedModuleException if the file does not have this form
     */
    public static CwasmFile read(SeekableByteChannel file) throws IOException, MalformedModuleException {
        ByteBuffer header = at(file, 0, HEADER, "ELF header");
        if (header.getInt(0) != 0x7f454c46 || header.get(4) != 2 || (header.get(7) & 0xff) != OS_ABI) {
            throw new MalformedModuleException(
                    0, "expected a 64-bit ELF file with Wasmtime's ABI number " + OS_ABI + ", found other bytes");
        }
        ByteOrder order = switch (header.get(5)) {
            case 1 -> ByteOrder.LITTLE_ENDIAN;
            case 2 -> ByteOrder.BIG_ENDIAN;
            default -> throw new MalformedModuleException(5, "expected a byte order of 1 or 2, found " + header.get(5));
        };
        header.order(order);
        int flags = header.getInt(48);
        ByteBuffer engine = engineSection(file, header, order);
        return new CwasmFile(
                kind(flags),
                architecture(header.getShort(18) & 0xffff, flags),
                version(engine),
                new EngineHash(Digest.of(engine.array())));
    }

    private static WasmKind kind(int flags) throws MalformedModuleException {
        return switch (flags & (MODULE | COMPONENT)) {
            case MODULE -> WasmKind.MODULE;
            case COMPONENT -> WasmKind.COMPONENT;
            default ->
                throw new MalformedModuleException(
                        48, "expected the flag of a module or a component, found flags " + Integer.toHexString(flags));
        };
    }

    /** The first part of the target triple. Pulley code has the machine number of RISC-V; a flag tells them apart. */
    private static String architecture(int machine, int flags) throws MalformedModuleException {
        if ((flags & (PULLEY32 | PULLEY64)) != 0) {
            return (flags & PULLEY64) != 0 ? "pulley64" : "pulley32";
        }
        return switch (machine) {
            case 62 -> "x86_64";
            case 183 -> "aarch64";
            case 243 -> "riscv64";
            case 22 -> "s390x";
            default -> throw new MalformedModuleException(18, "unknown machine " + machine);
        };
    }

    private static ByteBuffer engineSection(SeekableByteChannel file, ByteBuffer header, ByteOrder order)
            throws IOException, MalformedModuleException {
        long table = header.getLong(40);
        int entrySize = header.getShort(58) & 0xffff;
        int count = header.getShort(60) & 0xffff;
        int namesIndex = header.getShort(62) & 0xffff;
        if (entrySize != SECTION_HEADER || count > MAX_SECTIONS || namesIndex >= count) {
            throw new MalformedModuleException(
                    58,
                    "expected up to " + MAX_SECTIONS + " section headers of " + SECTION_HEADER
                            + " bytes, including that of the section of names; found " + count + " of " + entrySize
                            + " bytes, and the names in section " + namesIndex);
        }
        ByteBuffer sections =
                at(file, table, count * SECTION_HEADER, "section headers").order(order);
        byte[] names = section(file, sections, namesIndex, MAX_NAMES, "section of names")
                .array();
        int found = -1;
        for (int i = 0; i < count; i++) {
            if (isEngine(names, sections.getInt(i * SECTION_HEADER))) {
                if (found >= 0) {
                    throw new MalformedModuleException(
                            table, ENGINE_SECTION + " appears twice, as sections " + found + " and " + i);
                }
                found = i;
            }
        }
        if (found < 0) {
            throw new MalformedModuleException(table, "found no section " + ENGINE_SECTION);
        }
        return section(file, sections, found, MAX_ENGINE, ENGINE_SECTION);
    }

    private static boolean isEngine(byte[] names, int at) {
        byte[] wanted = (ENGINE_SECTION + '\0').getBytes(StandardCharsets.US_ASCII);
        if (at < 0 || at > names.length - wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (names[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer section(SeekableByteChannel file, ByteBuffer sections, int index, int max, String what)
            throws IOException, MalformedModuleException {
        long offset = sections.getLong(index * SECTION_HEADER + 24);
        long size = sections.getLong(index * SECTION_HEADER + 32);
        if (size < 0 || size > max) {
            throw new MalformedModuleException(
                    offset, what + ": expected at most " + max + " bytes, found " + Long.toUnsignedString(size));
        }
        return at(file, offset, (int) size, what);
    }

    /**
     * Reads the version: a zero, the version's length, the version. The form of the rest of the section depends on the
     * version.
     */
    private static String version(ByteBuffer engine) throws MalformedModuleException {
        int length = engine.capacity() < 2 ? -1 : engine.get(1) & 0xff;
        if (length < 0 || engine.get(0) != 0 || length > engine.capacity() - 2) {
            throw new MalformedModuleException(
                    0, ENGINE_SECTION + ": expected a 0, a length and a version, found other bytes");
        }
        return new String(engine.array(), 2, length, StandardCharsets.UTF_8);
    }

    private static ByteBuffer at(SeekableByteChannel file, long offset, int length, String what)
            throws IOException, MalformedModuleException {
        long size = file.size();
        if (offset < 0 || offset > size - length) {
            throw new MalformedModuleException(
                    offset,
                    what + ": expected " + length + " bytes at this offset, found a file of " + size + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        file.position(offset);
        while (bytes.hasRemaining()) {
            if (file.read(bytes) < 0) {
                throw new MalformedModuleException(offset, what + ": the file became shorter");
            }
        }
        return bytes.flip();
    }
}
