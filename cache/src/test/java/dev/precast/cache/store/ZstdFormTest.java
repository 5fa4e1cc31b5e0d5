package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.testing.Scale;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ZstdFormTest {
    @TempDir
    private Path folder;

    static IntStream sizes() {
        return IntStream.of(0, 1, 1000, 1 << 14, (1 << 17) + 1, 3_000_000, Scale.of(6_000_000, 20_000_000));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void a_form_made_from_a_stream_is_the_one_that_workers_make_from_files(int size) throws Exception {
        byte[] payload = new byte[size];
        Random random = Scale.random(ZstdFormTest.class);
        for (int i = 0; i < size; i++) {
            payload[i] = (byte) (i % 1000 < 700 ? i / 50 : random.nextInt(256));
        }

        byte[] form = ZstdForm.encoded(new ByteArrayInputStream(payload)).readAllBytes();

        assertThat(form).isEqualTo(ofWorker(payload));
        try (InputStream in = ZstdForm.decoded(new ByteArrayInputStream(form))) {
            assertThat(in.readAllBytes()).isEqualTo(payload);
        }
    }

    private byte[] ofWorker(byte[] payload) throws IOException {
        Path file = Files.write(folder.resolve("payload"), payload);
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        try (OutputStream out = ZstdForm.encoder(form)) {
            Files.copy(file, out);
        }
        return form.toByteArray();
    }
}
