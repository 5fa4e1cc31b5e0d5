package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ByteRate;
import dev.precast.artifact.Digest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentCheck;
import dev.precast.cache.store.ContentCheck.Result;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.ContentStore.Before;
import dev.precast.cache.store.ContentStore.IfStored;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of {@link ContentStore}. The test of each adapter and decorator extends it. */
public abstract class ContentStoreContract {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final Digest HELLO_DIGEST = Digest.of(HELLO);
    private static final byte[] HALLO = "hallo".getBytes(StandardCharsets.UTF_8);

    private ContentStore store;

    /** An empty store; called once per test. */
    protected abstract ContentStore emptyStore() throws Exception;

    /**
     * Changes stored bytes beneath the store, as a failing disk does: the store is not told.
     *
     * @param bytes as many as are stored
     */
    protected abstract void rot(Digest digest, byte[] bytes) throws Exception;

    /**
     * Puts other bytes in the place of stored ones, as other software with access to the same place may do.
     *
     * @param bytes as many as are stored
     */
    protected void overwrite(Digest digest, byte[] bytes) throws Exception {
        rot(digest, bytes);
    }

    @BeforeEach
    void open() throws Exception {
        store = emptyStore();
    }

    @Test
    void stored_content_is_found() throws IOException {
        assertThat(put(HELLO)).isEqualTo(new ContentStore.Put.Stored(HELLO_DIGEST, 5, Before.ABSENT));
        assertThat(read(HELLO_DIGEST)).isEqualTo(HELLO);
        assertThat(store.find(HELLO_DIGEST).orElseThrow().size()).isEqualTo(5);
    }

    @Test
    void empty_content_is_valid() throws IOException {
        Digest nothing = Digest.of(new byte[0]);

        assertThat(put(new byte[0])).isEqualTo(new ContentStore.Put.Stored(nothing, 0, Before.ABSENT));
        assertThat(read(nothing)).isEmpty();
    }

    @Test
    void content_of_several_megabytes_comes_back_as_it_was() throws IOException {
        byte[] large = new byte[(5 << 20) + 17];
        new Random(1).nextBytes(large);

        put(large);

        assertThat(Digest.of(read(Digest.of(large)))).isEqualTo(Digest.of(large));
    }

    @Test
    void unknown_content_is_not_found() {
        assertThat(store.find(HELLO_DIGEST)).isEmpty();
    }

    @Test
    void putting_it_again_says_that_it_was_there() throws IOException {
        put(HELLO);

        assertThat(put(HELLO)).isEqualTo(new ContentStore.Put.Stored(HELLO_DIGEST, 5, Before.PRESENT));
        assertThat(read(HELLO_DIGEST)).isEqualTo(HELLO);
    }

    @Test
    void content_of_the_expected_digest_is_stored() throws IOException {
        assertThat(store.put(new ByteArrayInputStream(HELLO), HELLO_DIGEST, Long.MAX_VALUE))
                .isEqualTo(new ContentStore.Put.Stored(HELLO_DIGEST, 5, Before.ABSENT));
    }

    @Test
    void content_of_another_digest_is_not_kept() throws IOException {
        Digest other = Digest.of(new byte[] {1});

        assertThat(store.put(new ByteArrayInputStream(HELLO), other, 100))
                .isEqualTo(new ContentStore.Put.WrongDigest(HELLO_DIGEST));
        assertThat(store.find(HELLO_DIGEST)).isEmpty();
        assertThat(store.find(other)).isEmpty();
    }

    @Test
    void content_of_exactly_the_largest_size_is_stored() throws IOException {
        assertThat(store.put(new ByteArrayInputStream(HELLO), null, 5)).isInstanceOf(ContentStore.Put.Stored.class);
    }

    @Test
    void content_over_the_largest_size_is_not_kept() throws IOException {
        assertThat(store.put(new ByteArrayInputStream(HELLO), null, 4)).isEqualTo(new ContentStore.Put.TooLarge(4));
        assertThat(store.find(HELLO_DIGEST)).isEmpty();
        assertThat(store.find(Digest.of(new byte[] {'h', 'e', 'l', 'l'}))).isEmpty();
    }

    @Test
    void a_source_that_fails_is_an_io_exception_and_nothing_is_kept() throws IOException {
        InputStream failing = InputStream.nullInputStream();
        failing.close();
        InputStream cut = new SequenceInputStream(new ByteArrayInputStream(HELLO), failing);

        assertThatThrownBy(() -> store.put(cut, null, 100))
                .isInstanceOf(IOException.class)
                .hasMessage("Stream closed");
        assertThat(store.find(HELLO_DIGEST)).isEmpty();
    }

    @Test
    void deleted_content_is_absent_and_can_be_stored_again() throws IOException {
        put(HELLO);

        assertThat(store.delete(HELLO_DIGEST)).isTrue();
        assertThat(store.find(HELLO_DIGEST)).isEmpty();
        assertThat(store.delete(HELLO_DIGEST)).isFalse();
        assertThat(put(HELLO)).isEqualTo(new ContentStore.Put.Stored(HELLO_DIGEST, 5, Before.ABSENT));
    }

    @Test
    void a_reader_can_finish_during_a_deletion() throws IOException {
        put(HELLO);
        try (InputStream in = store.find(HELLO_DIGEST).orElseThrow().open()) {
            assertThat(in.read()).isEqualTo('h');
            store.delete(HELLO_DIGEST);
            assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("ello");
        }
    }

    @Test
    void a_blob_is_read_any_number_of_times() throws IOException {
        put(HELLO);
        Blob blob = store.find(HELLO_DIGEST).orElseThrow();
        for (int i = 0; i < 3; i++) {
            try (InputStream in = blob.open()) {
                assertThat(in.readAllBytes()).isEqualTo(HELLO);
            }
        }
    }

    @Test
    void a_blob_is_read_from_an_offset_on() throws IOException {
        put(HELLO);
        Blob blob = store.find(HELLO_DIGEST).orElseThrow();
        for (int from = 0; from < HELLO.length; from++) {
            try (InputStream in = blob.open(from)) {
                assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(HELLO, from, HELLO.length));
            }
        }
    }

    @Test
    void of_concurrent_puts_of_equal_content_one_creates_it() throws Exception {
        byte[] same = new byte[100_000];
        List<ContentStore.Put> puts = Together.run(16, () -> put(same));

        assertThat(puts)
                .filteredOn(put -> put.equals(new ContentStore.Put.Stored(Digest.of(same), same.length, Before.ABSENT)))
                .hasSize(1);
        assertThat(puts)
                .filteredOn(
                        put -> put.equals(new ContentStore.Put.Stored(Digest.of(same), same.length, Before.PRESENT)))
                .hasSize(15);
    }

    @Test
    void damaged_content_is_found_by_reading_it() throws Exception {
        put(HELLO);
        assertThat(ContentCheck.of(store, HELLO_DIGEST, ByteRate.UNLIMITED)).isEqualTo(new Result.Whole(5));

        rot(HELLO_DIGEST, HALLO);

        assertThat(ContentCheck.of(store, HELLO_DIGEST, ByteRate.UNLIMITED))
                .isEqualTo(new Result.Damaged(Digest.of(HALLO), 5));
        store.delete(HELLO_DIGEST);
        assertThat(ContentCheck.of(store, HELLO_DIGEST, ByteRate.UNLIMITED)).isEqualTo(new Result.Missing());
    }

    @Test
    void damaged_content_is_replaced_when_that_is_asked_for() throws Exception {
        put(HELLO);
        rot(HELLO_DIGEST, HALLO);

        assertThat(store.put(new ByteArrayInputStream(HELLO), HELLO_DIGEST, 5, IfStored.REPLACE))
                .isInstanceOfSatisfying(
                        ContentStore.Put.Stored.class,
                        stored -> assertThat(stored.created()).isFalse());

        assertThat(read(HELLO_DIGEST)).isEqualTo(HELLO);
    }

    @Test
    void other_bytes_of_the_same_size_are_replaced_when_the_content_is_put_again() throws Exception {
        put(HELLO);
        overwrite(HELLO_DIGEST, HALLO);

        assertThat(put(HELLO)).isEqualTo(new ContentStore.Put.Stored(HELLO_DIGEST, 5, Before.DAMAGED));

        assertThat(read(HELLO_DIGEST)).isEqualTo(HELLO);
        assertThat(put(HELLO)).isEqualTo(new ContentStore.Put.Stored(HELLO_DIGEST, 5, Before.PRESENT));
    }

    @Test
    void a_reader_can_finish_during_a_replacement() throws Exception {
        put(HELLO);
        try (InputStream in = store.find(HELLO_DIGEST).orElseThrow().open()) {
            assertThat(in.read()).isEqualTo('h');
            store.put(new ByteArrayInputStream(HELLO), HELLO_DIGEST, 5, IfStored.REPLACE);
            assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("ello");
        }
    }

    /** Some servers remove an object for a moment while they replace it, so a reader may find nothing. */
    @Test
    void a_replacement_never_shows_half() throws Exception {
        byte[] content = new byte[200_000];
        new Random(2).nextBytes(content);
        Digest digest = Digest.of(content);
        put(content);
        Set<Result> seen = ConcurrentHashMap.newKeySet();
        AtomicBoolean done = new AtomicBoolean();
        Thread reader = Thread.ofVirtual().start(() -> {
            do {
                seen.add(ContentCheck.of(store, digest, ByteRate.UNLIMITED));
            } while (!done.get());
        });

        for (int i = 0; i < 50; i++) {
            store.put(new ByteArrayInputStream(content), digest, content.length, IfStored.REPLACE);
        }
        done.set(true);
        reader.join();

        assertThat(seen).contains(new Result.Whole(content.length));
        seen.remove(new Result.Missing());
        assertThat(seen).hasSize(1);
    }

    private ContentStore.Put put(byte[] content) throws IOException {
        return store.put(new ByteArrayInputStream(content), null, Long.MAX_VALUE);
    }

    private byte[] read(Digest digest) throws IOException {
        try (InputStream in = store.find(digest).orElseThrow().open()) {
            return in.readAllBytes();
        }
    }
}
