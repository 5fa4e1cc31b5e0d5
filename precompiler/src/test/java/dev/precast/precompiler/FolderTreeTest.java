package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deletes trees that a taken-over compiler could leave. */
class FolderTreeTest {
    @TempDir
    Path parent;

    private Path tree;

    @BeforeEach
    void make_a_tree() throws IOException {
        tree = Files.createDirectory(parent.resolve("tree"));
        Files.writeString(tree.resolve("file"), "text");
    }

    @Test
    void files_and_folders_are_deleted() throws Exception {
        Files.createDirectories(tree.resolve("a/b/c"));
        Files.writeString(tree.resolve("a/b/file"), "text");
        assertDeleted();
    }

    @Test
    void folders_whose_path_is_too_long_for_the_kernel_are_deleted() throws Exception {
        nest("n".repeat(200), 60);
        assertDeleted();
    }

    @Test
    void thousands_of_nested_folders_are_deleted() throws Exception {
        nest("n", 1_200);
        assertDeleted();
    }

    @Test
    void folders_without_permissions_are_deleted() throws Exception {
        shell(
                "mkdir -p none/inner writable/inner readable/inner; touch none/inner/file writable/inner/file readable/file; "
                        + "chmod 000 none/inner none; chmod 300 writable/inner writable; chmod 500 readable/inner readable; "
                        + "chmod 000 .");
        assertDeleted();
    }

    @Test
    void names_that_are_not_text_are_deleted() throws Exception {
        shell(
                "f=$(printf '\\377%%zz\\001'); mkdir -p \"$f/$f/$f\"; touch \"$f/$f/file $f\"; chmod 000 \"$f/$f\" \"$f\"");
        assertDeleted();
    }

    @Test
    void many_files_and_folders_are_deleted() throws Exception {
        shell("mkdir many; cd many; seq 1 3000 | xargs touch; seq 3001 3100 | xargs mkdir");
        assertDeleted();
    }

    @Test
    void links_are_not_followed() throws Exception {
        Path outside = Files.createDirectories(parent.resolve("outside/inner")).getParent();
        Files.writeString(outside.resolve("file"), "text");
        Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("r-xr-x---"));
        Files.createSymbolicLink(tree.resolve("folder"), outside);
        Files.createSymbolicLink(tree.resolve("file-link"), outside.resolve("file"));
        Files.createSymbolicLink(tree.resolve("loop"), tree);
        Files.createSymbolicLink(tree.resolve("nowhere"), Path.of("none"));
        assertDeleted();
        assertThat(outside.resolve("file")).hasContent("text");
        assertThat(outside.resolve("inner")).isDirectory();
        assertThat(Files.getPosixFilePermissions(outside)).isEqualTo(PosixFilePermissions.fromString("r-xr-x---"));
    }

    @Test
    void a_link_is_deleted_and_not_its_target() throws Exception {
        Path link = Files.createSymbolicLink(parent.resolve("link"), tree);
        FolderTree.delete(link);
        assertThat(link).doesNotExist();
        assertThat(tree.resolve("file")).hasContent("text");
    }

    @Test
    void something_that_does_not_exist_is_no_mistake() throws Exception {
        FolderTree.delete(parent.resolve("none"));
        assertDeleted();
    }

    private void assertDeleted() throws IOException {
        FolderTree.delete(tree);
        assertThat(tree).doesNotExist();
    }

    /** Nests folders, in parts, because a path of all is too long. */
    private void nest(String name, int depth) throws IOException {
        int part = depth / 12;
        Path deep = tree.resolve("deep");
        for (int i = 0; i < 12; i++) {
            Path outer = Files.createDirectory(tree.resolve("outer-" + i));
            Path inner = Files.createDirectories(outer.resolve((name + "/").repeat(part)));
            Files.writeString(inner.resolve("file"), "text");
            if (i > 0) {
                Files.move(deep, inner.resolve("deep"));
            }
            Files.move(outer, deep);
        }
    }

    private void shell(String script) throws Exception {
        Process shell = new ProcessBuilder(List.of("/bin/sh", "-c", script))
                .directory(tree.toFile())
                .inheritIO()
                .start();
        assertThat(shell.waitFor()).isZero();
    }
}
