package dev.precast.module;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.EngineHash;
import dev.precast.testing.Scale;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CwasmFileTest {
    /** The SHA-256 of the output of {@code objcopy --only-section=.wasmtime.engine -O binary}. */
    private static final EngineHash HASH =
            EngineHash.parse("sha256:1124bde56bcf4fac5145de34a3875db828959ea2ca32695d3dc153d8ccfd34fb");

    private static final int MACHINE = 18;
    private static final int FLAGS = 48;

    @TempDir
    private Path folder;

    private byte[] real;
    private CwasmFile read;

    @BeforeEach
    void read_what_wasmtime_48_made_of_the_empty_module() throws IOException, MalformedModuleException {
        try (InputStream in = new GZIPInputStream(
                Objects.requireNonNull(CwasmFileTest.class.getResourceAsStream("empty-wasmtime-48.0.0.cwasm.gz")))) {
            real = in.readAllBytes();
        }
        read = read(real);
    }

    @Test
    void a_file_of_wasmtime_tells_kind_architecture_version_and_engine_hash() {
        assertThat(read).isEqualTo(new CwasmFile(WasmKind.MODULE, "x86_64", "48", HASH));
    }

    @Test
    void the_flags_tell_components_and_pulley() throws IOException, MalformedModuleException {
        assertThat(read(withFlags(2)).kind()).isEqualTo(WasmKind.COMPONENT);
        assertThat(read(withFlags(1 | 8)).architecture()).isEqualTo("pulley64");
        assertThat(read(withFlags(1 | 4)).architecture()).isEqualTo("pulley32");
        assertThatThrownBy(() -> read(withFlags(3)))
                .hasMessageContaining("expected the flag of a module or a component");
        assertThatThrownBy(() -> read(withFlags(0)))
                .hasMessageContaining("expected the flag of a module or a component");
    }

    @Test
    void the_machine_tells_the_architecture() throws IOException, MalformedModuleException {
        byte[] arm = real.clone();
        arm[MACHINE] = (byte) 183;
        assertThat(read(arm).architecture()).isEqualTo("aarch64");
        arm[MACHINE] = 40;
        assertThatThrownBy(() -> read(arm))
                .isInstanceOf(MalformedModuleException.class)
                .hasMessageContaining("machine 40");
    }

    @Test
    void another_engine_section_is_another_hash() throws IOException, MalformedModuleException {
        byte[] other = real.clone();
        other[engineSection() + 20] ^= 1;
        assertThat(read(other).engineHash()).isNotEqualTo(HASH);
        assertThat(read(other).version()).isEqualTo("48");
    }

    @Test
    void an_ordinary_program_is_refused() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        assertThatThrownBy(() -> CwasmFile.read(java))
                .isInstanceOf(MalformedModuleException.class)
                .hasMessageContaining("expected a 64-bit ELF file with Wasmtime's ABI number 200");
    }

    @Test
    void two_engine_sections_are_refused_since_wasmtime_takes_the_last() {
        byte[] twice = real.clone();
        ByteBuffer bytes = ByteBuffer.wrap(twice).order(ByteOrder.LITTLE_ENDIAN);
        int table = (int) bytes.getLong(40);
        int last = bytes.getShort(60) - 1;
        int engine = sectionIndex();
        int victim = engine == 1 ? last : 1;
        bytes.putInt(table + victim * 64, bytes.getInt(table + engine * 64));
        assertThatThrownBy(() -> read(twice)).hasMessageContaining(".wasmtime.engine appears twice");
    }

    @Test
    void a_file_that_is_cut_anywhere_is_refused_or_read_the_same() throws IOException {
        for (int length = 0; length < real.length; length += 7) {
            readOrRefuse(Arrays.copyOf(real, length));
        }
    }

    @Test
    void no_flipped_bit_leads_beyond_a_refusal() throws IOException {
        int table = (int) ByteBuffer.wrap(real).order(ByteOrder.LITTLE_ENDIAN).getLong(40);
        List<Integer> bits = Scale.sample(CwasmFileTest.class, List.of(0, 1, 2, 3, 4, 5, 6, 7), 2);
        for (int at = 0; at < real.length; at = at == 63 ? table : at + 1) {
            for (int bit : bits) {
                byte[] flipped = real.clone();
                flipped[at] ^= (byte) (1 << bit);
                readOrRefuse(flipped);
            }
        }
    }

    private void readOrRefuse(byte[] bytes) throws IOException {
        try {
            assertThat(read(bytes).engineHash()).isNotNull();
        } catch (MalformedModuleException e) {
            assertThat(e).hasMessageContaining("offset ");
        }
    }

    private CwasmFile read(byte[] bytes) throws IOException, MalformedModuleException {
        Path file = folder.resolve("file.cwasm");
        Files.write(file, bytes);
        return CwasmFile.read(file);
    }

    private byte[] withFlags(int flags) {
        byte[] other = real.clone();
        ByteBuffer.wrap(other).order(ByteOrder.LITTLE_ENDIAN).putInt(FLAGS, flags);
        return other;
    }

    private int engineSection() {
        ByteBuffer bytes = ByteBuffer.wrap(real).order(ByteOrder.LITTLE_ENDIAN);
        return (int) bytes.getLong((int) bytes.getLong(40) + sectionIndex() * 64 + 24);
    }

    private int sectionIndex() {
        ByteBuffer bytes = ByteBuffer.wrap(real).order(ByteOrder.LITTLE_ENDIAN);
        int table = (int) bytes.getLong(40);
        int names = (int) bytes.getLong(table + bytes.getShort(62) * 64 + 24);
        for (int i = 0; i < bytes.getShort(60); i++) {
            int at = names + bytes.getInt(table + i * 64);
            if (new String(real, at, 16, java.nio.charset.StandardCharsets.ISO_8859_1).equals(".wasmtime.engine")) {
                return i;
            }
        }
        throw new AssertionError("no engine section");
    }
}
