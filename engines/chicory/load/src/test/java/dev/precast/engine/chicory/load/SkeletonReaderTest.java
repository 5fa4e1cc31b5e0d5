package dev.precast.engine.chicory.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.artifact.ModuleDigest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The skeleton reader reads data like the engine's own parser. */
final class SkeletonReaderTest {
    private static final int[] PREAMBLE_AND_MEMORY = {0, 'a', 's', 'm', 1, 0, 0, 0, 5, 3, 1, 0, 1};

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 41 05 0b 02 61 62", // active
                "0 41 7f 0b 01 61", // at -1
                "0 41 80 80 7c 0b 01 61", // at -65536
                "0 41 ff ff ff ff 07 0b 00", // at 2^31-1
                "0 41 80 80 80 80 78 0b 00", // at -2^31
                "1 03 61 62 63", // passive
                "0 23 00 0b 01 61", // at an imported global: the engine's parser does it
                "2 00 41 00 0b 01 61", // with a memory's index: likewise
                "0 41 01 41 02 6a 0b 00" // a sum: likewise
            })
    void segments_are_those_that_the_engine_reads(String segment) {
        byte[] wasm = module("01 " + segment);

        WasmModule read = SkeletonReader.withoutCode(wasm, ModuleDigest.of(wasm));

        assertThat(read.dataSection()).isEqualTo(unvalidated(wasm).dataSection());
        assertThat(read.dataSection().dataSegmentCount()).isEqualTo(1);
    }

    @Test
    void other_sections_are_read_too() {
        byte[] wasm = module("02 1 01 61 0 41 00 0b 01 62");

        WasmModule read = SkeletonReader.withoutCode(wasm, ModuleDigest.of(wasm));

        assertThat(read.dataSection().dataSegmentCount()).isEqualTo(2);
        assertThat(read.memorySection()).isPresent();
        assertThat(DataReader.split(wasm)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"01 0 41 00 0b 05 61", "02 1 01 61", "01 1 01 61 61", "01 0 41 80 80 80 80 80 00 0b 00"})
    void truncated_and_oversized_modules_are_left_to_the_engine(String data) {
        assertThat(DataReader.split(module(data))).isNull();
    }

    private static WasmModule unvalidated(byte[] wasm) {
        return Parser.builder().withValidation(false).build().parse(() -> new ByteArrayInputStream(wasm));
    }

    private static byte[] module(String data) {
        String[] bytes = data.split(" ");
        ByteArrayOutputStream wasm = new ByteArrayOutputStream();
        for (int b : PREAMBLE_AND_MEMORY) {
            wasm.write(b);
        }
        wasm.write(11);
        wasm.write(bytes.length);
        for (String b : bytes) {
            wasm.write(Integer.parseInt(b, 16));
        }
        return wasm.toByteArray();
    }
}
