package dev.precast.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.artifact.Payload;
import dev.precast.testing.Scale;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleTest {
    private static final byte[] BUNDLE = write(Map.of(
            "skeleton.wasm", new byte[] {0, 'a', 's', 'm'},
            "class/precast/Module", new byte[] {1, 2, 3},
            "body/7", new byte[0],
            "body/70", new byte[] {9}));
    private static final int PREFIX = prefixOf(BUNDLE);
    private static final Digest SIGNED = Digest.of(Arrays.copyOf(BUNDLE, PREFIX));

    @Test
    void entries_are_read_back() throws Exception {
        BundleReader reader = reader(BUNDLE);

        assertThat(reader.index().entries().keySet())
                .containsExactly("body/7", "body/70", "class/precast/Module", "skeleton.wasm");
        assertThat(read(reader, "class/precast/Module")).containsExactly(1, 2, 3);
        assertThat(read(reader, "body/7")).isEmpty();
        assertThat(reader.index().totalBytes()).isEqualTo(BUNDLE.length);
        assertThat(reader.index().find("body")).isEmpty();
        assertThat(reader.index().startingWith("body/"))
                .extracting(BundleEntry::name)
                .containsExactly("body/7", "body/70");
    }

    @Test
    void any_entries_give_the_same_bytes_in_any_order_and_come_back() throws Exception {
        Random random = Scale.random(BundleTest.class);
        for (int round = 0; round < Scale.of(100, 300); round++) {
            Map<String, byte[]> entries = random(random);
            List<String> names = new ArrayList<>(entries.keySet());
            Collections.shuffle(names, random);
            BundleWriter writer = new BundleWriter();
            names.forEach(name -> writer.add(name, entries.get(name)));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            writer.writeTo(out);

            assertThat(out.toByteArray()).isEqualTo(write(entries));
            BundleReader reader = reader(out.toByteArray());
            assertThat(reader.index().entries().keySet()).containsExactlyElementsOf(entries.keySet());
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                assertThat(read(reader, entry.getKey())).isEqualTo(entry.getValue());
            }
        }
    }

    @Test
    void every_flipped_bit_of_header_and_index_is_refused() {
        for (int bit = 0; bit < PREFIX * 8; bit++) {
            byte[] flipped = flip(BUNDLE, bit);
            assertThatThrownBy(() -> BundleIndex.read(new Bytes(flipped), PREFIX, SIGNED))
                    .isInstanceOf(BundleException.class)
                    .hasMessageStartingWith("bundle index: wrong digest (expected " + SIGNED + ", found sha256:");
        }
    }

    @Test
    void every_flipped_bit_of_an_entry_is_refused_when_it_is_touched() throws Exception {
        for (int bit = PREFIX * 8; bit < BUNDLE.length * 8; bit++) {
            BundleReader reader = new BundleReader(
                    new Bytes(flip(BUNDLE, bit)), BundleIndex.parse(Arrays.copyOf(BUNDLE, PREFIX), BUNDLE.length));
            assertThatThrownBy(() -> {
                        for (BundleEntry entry : reader.index().entries().values()) {
                            reader.read(entry);
                        }
                    })
                    .isInstanceOf(BundleException.class)
                    .hasMessageMatching("bundle entry .*: wrong digest \\(expected sha256:.*, found sha256:.*\\)");
        }
    }

    @Test
    void a_signed_index_with_a_flipped_bit_is_refused_or_stays_within_the_payload() {
        for (int bit = 0; bit < PREFIX * 8; bit++) {
            byte[] flipped = Arrays.copyOf(flip(BUNDLE, bit), PREFIX);
            try {
                BundleIndex index = BundleIndex.parse(flipped, BUNDLE.length);
                assertThat(index.totalBytes()).isEqualTo(BUNDLE.length);
            } catch (BundleException e) {
                assertThat(e.getMessage()).startsWith("bundle ");
            }
        }
    }

    @Test
    void a_bundle_cut_anywhere_is_refused() {
        for (int length = 0; length < BUNDLE.length; length++) {
            Bytes cut = new Bytes(Arrays.copyOf(BUNDLE, length));
            assertThatThrownBy(() -> BundleIndex.read(cut, PREFIX, SIGNED))
                    .isInstanceOfAny(BundleException.class, EOFException.class);
        }
        Bytes longer = new Bytes(Arrays.copyOf(BUNDLE, BUNDLE.length + 1));
        assertThatThrownBy(() -> BundleIndex.read(longer, PREFIX, SIGNED))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("wrong total size (expected " + (BUNDLE.length + 1));
    }

    @Test
    void a_damaged_payload_is_fetched_again_once() throws Exception {
        Bytes index = new Bytes(flip(BUNDLE, 100), BUNDLE);
        Bytes cut = new Bytes(Arrays.copyOf(BUNDLE, 3), BUNDLE);
        Bytes entry = new Bytes(flip(BUNDLE, BUNDLE.length * 8 - 1), BUNDLE);
        Bytes worse = new Bytes(flip(BUNDLE, 100), flip(BUNDLE, 101));

        assertThat(BundleIndex.read(index, PREFIX, SIGNED).entries()).hasSize(4);
        assertThat(BundleIndex.read(cut, PREFIX, SIGNED).entries()).hasSize(4);
        assertThat(read(new BundleReader(entry, BundleIndex.read(entry, PREFIX, SIGNED)), "skeleton.wasm"))
                .hasSize(4);
        assertThatThrownBy(() -> BundleIndex.read(worse, PREFIX, SIGNED)).isInstanceOf(BundleException.class);
        assertThat(worse.fetched).isEqualTo(1);
    }

    @Test
    void a_signed_index_size_out_of_range_is_refused_before_anything_is_read() {
        for (long size : new long[] {0, 31, BundleIndex.MAX_PREFIX_BYTES + 1L, Long.MAX_VALUE, -1}) {
            assertThatThrownBy(() -> BundleIndex.read(new Bytes(BUNDLE), size, SIGNED))
                    .isInstanceOf(BundleException.class)
                    .hasMessageContaining("signed size out of range (expected 32 to 33554432 bytes, found " + size);
        }
    }

    @Test
    void a_wrong_header_is_refused() {
        refused("expected \"pcbundle\" and version 1", BUNDLE, b -> b.put(0, (byte) 'P'));
        refused("expected \"pcbundle\" and version 1", BUNDLE, b -> b.putInt(8, 2));
        refused("contradictory sizes", BUNDLE, b -> b.putInt(12, -1));
        refused("contradictory sizes", BUNDLE, b -> b.putInt(12, Integer.MAX_VALUE));
        refused("contradictory sizes", BUNDLE, b -> b.putLong(16, Long.MAX_VALUE));
        refused("contradictory sizes", BUNDLE, b -> b.putLong(24, 5));
        refused("found " + (PREFIX - 1), BUNDLE, b -> b.putLong(16, PREFIX - 1));
        assertThatThrownBy(() -> BundleIndex.parse(Arrays.copyOf(BUNDLE, 31), 31))
                .hasMessage("bundle header: expected 32 bytes, found 31");
    }

    @Test
    void entries_must_be_sorted_and_without_gaps() {
        byte[] two = write(Map.of("a", new byte[] {1}, "b", new byte[] {2}));
        int first = BundleIndex.HEADER_BYTES;
        int second = first + BundleIndex.FIXED_ENTRY_BYTES + 1;
        int secondName = second + BundleIndex.FIXED_ENTRY_BYTES;

        refused("b: wrong offset", two, b -> b.putLong(second, 1));
        refused("b: wrong offset", two, b -> b.putLong(first + 8, 2));
        refused("invalid name length 1 or entry length -1", two, b -> b.putLong(first + 8, -1));
        refused("invalid name length 1 or entry length 2147483648", two, b -> b.putLong(first + 8, 1L << 31));
        refused("invalid name length 65535", two, b -> b.putShort(second + 48, (short) -1));
        refused("not sorted", two, b -> b.put(secondName, (byte) 'a'));
        refused("not sorted", two, b -> b.put(secondName, (byte) 'A'));
        refused("entry 1: bundle entry name", two, b -> b.put(secondName, (byte) ' '));
        refused("extra bytes", two, b -> b.putInt(12, 1));
        refused("entries end at", two, b -> b.putLong(second + 8, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\\b", "ä", "a\n", "a:b"})
    void a_name_is_of_few_characters(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BundleWriter().add(name, new byte[0]))
                .withMessageStartingWith("bundle entry name: expected 1 to 512");
    }

    @Test
    void a_name_is_short_and_stands_once() {
        BundleWriter writer = new BundleWriter().add("a".repeat(512), new byte[0]);

        assertThatIllegalArgumentException().isThrownBy(() -> writer.add("a".repeat(513), new byte[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.add("a".repeat(512), new byte[0]))
                .withMessageEndingWith("added twice");
    }

    private static void refused(String message, byte[] bundle, Consumer<ByteBuffer> change) {
        byte[] changed = Arrays.copyOf(bundle, prefixOf(bundle));
        change.accept(ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN));
        assertThatThrownBy(() -> BundleIndex.parse(changed, bundle.length))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining(message);
    }

    private static int prefixOf(byte[] bundle) {
        try {
            return BundleIndex.prefixBytes(bundle);
        } catch (BundleException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] flip(byte[] bytes, int bit) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        return flipped;
    }

    private static Map<String, byte[]> random(Random random) {
        String letters = "abcXYZ019/._$-";
        Map<String, byte[]> entries = new TreeMap<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            StringBuilder name = new StringBuilder();
            for (int n = 1 + random.nextInt(12); n > 0; n--) {
                name.append(letters.charAt(random.nextInt(letters.length())));
            }
            byte[] content = new byte[random.nextInt(100)];
            random.nextBytes(content);
            entries.put(name.toString(), content);
        }
        return entries;
    }

    private static byte[] write(Map<String, byte[]> entries) {
        BundleWriter writer = new BundleWriter();
        entries.forEach(writer::add);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.writeTo(out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    private static BundleReader reader(byte[] bundle) throws Exception {
        int prefix = prefixOf(bundle);
        Payload payload = new Bytes(bundle);
        return new BundleReader(payload, BundleIndex.read(payload, prefix, Digest.of(Arrays.copyOf(bundle, prefix))));
    }

    private static byte[] read(BundleReader reader, String name) throws Exception {
        return reader.read(reader.index().find(name).orElseThrow());
    }

    /** A payload that becomes {@code next} when it is fetched again. */
    private static final class Bytes implements Payload {
        private byte[] bytes;
        private final byte[] next;
        private int fetched;

        Bytes(byte[] bytes) {
            this(bytes, new byte[0]);
        }

        Bytes(byte[] bytes, byte[] next) {
            this.bytes = bytes;
            this.next = next;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public byte[] read(long offset, int length) throws IOException {
            if (offset + length > bytes.length) {
                throw new EOFException("ends at " + bytes.length);
            }
            return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
        }

        @Override
        public boolean refetch() {
            if (next.length == 0) {
                return false;
            }
            fetched++;
            bytes = next;
            return true;
        }
    }
}
