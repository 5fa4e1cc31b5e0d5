package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Target;
import dev.precast.module.Cap;
import dev.precast.module.StaticCaps;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScreeningTest {
    private static final Target NATIVE = new Target("pulley64");
    private static final StaticCaps TWO_FUNCTIONS = StaticCaps.DEFAULT.with(Cap.FUNCTIONS, 2);

    @TempDir
    Path folder;

    @Test
    void the_caps_hold_for_each_module_in_a_component() throws Exception {
        Path component = Files.write(folder.resolve("a.wasm"), component(module(2), module(3)));

        assertThat(Screening.of(component, NATIVE, TWO_FUNCTIONS)).get().satisfies(rejection -> {
            assertThat(rejection.code()).isEqualTo("over-cap");
            assertThat(rejection.message()).contains("in the component", "functions", "3", "2");
        });
        assertThat(Screening.of(component, NATIVE, StaticCaps.DEFAULT)).isEmpty();
    }

    @Test
    void a_component_that_breaks_off_behind_a_module_over_a_cap_is_over_it_too() throws Exception {
        byte[] whole = component(module(3), module(1));
        Path cut = Files.write(folder.resolve("a.wasm"), Arrays.copyOf(whole, whole.length - 3));

        assertThat(Screening.of(cut, NATIVE, TWO_FUNCTIONS)).isPresent();
    }

    private static byte[] module(int functions) {
        ByteArrayOutputStream wasm = new ByteArrayOutputStream();
        wasm.writeBytes(HexFormat.of().parseHex("0061736d01000000" + "010401600000"));
        wasm.writeBytes(new byte[] {3, (byte) (functions + 1), (byte) functions});
        wasm.writeBytes(new byte[functions]);
        wasm.writeBytes(new byte[] {10, (byte) (3 * functions + 1), (byte) functions});
        for (int i = 0; i < functions; i++) {
            wasm.writeBytes(new byte[] {2, 0, 0x0b});
        }
        return wasm.toByteArray();
    }

    private static byte[] component(byte[]... modules) {
        ByteArrayOutputStream wasm = new ByteArrayOutputStream();
        wasm.writeBytes(HexFormat.of().parseHex("0061736d0d000100"));
        for (byte[] module : modules) {
            wasm.write(1);
            wasm.write(module.length);
            wasm.writeBytes(module);
        }
        return wasm.toByteArray();
    }
}
