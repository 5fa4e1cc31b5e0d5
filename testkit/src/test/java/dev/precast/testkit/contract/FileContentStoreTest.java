package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ByteRate;
import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentCheck;
import dev.precast.cache.store.ContentCheck.Result;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.FileContentStore;
import dev.precast.cache.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileContentStoreTest extends ContentStoreContract {
    @TempDir
    private Path folder;

    @Override
    protected ContentStore emptyStore() {
        return new FileContentStore(folder.resolve("made/when/needed"));
    }

    @Override
    protected void rot(Digest digest, byte[] bytes) throws IOException {
        write(folder.resolve("made/when/needed"), digest, bytes);
    }

    static void write(Path folder, Digest digest, byte[] bytes) throws IOException {
        Files.write(place(folder, digest), bytes);
    }

    private static Path place(Path folder, Digest digest) {
        return folder.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    }

    /** Reading a process's memory at address 0 is an input/output error, which a failing disk reports too. */
    @Test
    void a_file_that_cannot_be_read_is_replaced_when_it_is_put_again() throws Exception {
        Digest digest = Digest.of(new byte[0]);
        FileContentStore store = new FileContentStore(folder);
        store.put(InputStream.nullInputStream(), null, 0);
        Files.delete(place(folder, digest));
        Files.createSymbolicLink(place(folder, digest), Path.of("/proc/self/mem"));
        assertThat(ContentCheck.of(store, digest, ByteRate.UNLIMITED)).isInstanceOf(Result.Unreadable.class);

        assertThat(store.put(InputStream.nullInputStream(), null, 0))
                .isEqualTo(new ContentStore.Put.Stored(digest, 0, ContentStore.Before.DAMAGED));

        assertThat(ContentCheck.of(store, digest, ByteRate.UNLIMITED)).isEqualTo(new Result.Whole(0));
    }

    @Test
    void content_that_was_cut_short_on_disk_is_replaced_when_it_is_put_again() throws Exception {
        byte[] content = {1, 2, 3};
        Digest digest = Digest.of(content);
        FileContentStore store = new FileContentStore(folder);
        store.put(new ByteArrayInputStream(content), null, 3);
        write(folder, digest, new byte[] {1});

        store.put(new ByteArrayInputStream(content), null, 3);

        try (InputStream in = store.find(digest).orElseThrow().open()) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void temporaries_are_gone_after_every_kind_of_put() throws Exception {
        FileContentStore store = new FileContentStore(folder);
        store.put(new ByteArrayInputStream(new byte[10]), null, 100);
        store.put(new ByteArrayInputStream(new byte[10]), null, 100);
        store.put(new ByteArrayInputStream(new byte[10]), null, 5);
        store.put(new ByteArrayInputStream(new byte[10]), Digest.of(new byte[1]), 100);

        assertThat(folder.resolve("tmp")).isEmptyDirectory();
    }

    @Test
    void temporaries_that_a_crash_left_are_removed_after_an_hour() throws Exception {
        Path tmp = Files.createDirectories(folder.resolve("tmp"));
        Path old = Files.write(tmp.resolve("1.part"), new byte[3]);
        Path young = Files.write(tmp.resolve("2.part"), new byte[3]);
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(3700)));

        new FileContentStore(folder);

        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void a_disk_that_fails_is_a_store_exception() throws Exception {
        FileContentStore store = new FileContentStore(folder);
        Files.delete(folder.resolve("tmp"));

        assertThatThrownBy(() -> store.put(new ByteArrayInputStream(new byte[1]), null, 1))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.retryable()).isTrue())
                .hasMessageContaining(folder.toString());
    }

    @Test
    void a_folder_that_cannot_be_made_is_named() throws Exception {
        Path file = Files.write(folder.resolve("file"), new byte[1]);

        assertThatThrownBy(() -> new FileContentStore(file))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.retryable()).isFalse())
                .hasMessageContaining(file.toString());
    }

    @Test
    void stored_bytes_are_counted() throws Exception {
        FileContentStore store = new FileContentStore(folder);
        assertThat(store.usedBytes()).isZero();

        store.put(new ByteArrayInputStream(new byte[10]), null, 100);
        store.put(new ByteArrayInputStream(new byte[32]), null, 100);

        assertThat(store.usedBytes()).isEqualTo(42);
    }

    @Test
    void content_is_readable_by_its_owner_only() throws Exception {
        Digest digest = Digest.of(new byte[1]);
        new FileContentStore(folder).put(new ByteArrayInputStream(new byte[1]), null, 1);

        try (Stream<Path> files = Files.walk(folder)) {
            Path file = files.filter(f -> f.endsWith(digest.hex())).findFirst().orElseThrow();
            assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
        }
    }
}
