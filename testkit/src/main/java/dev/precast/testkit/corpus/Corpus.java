package dev.precast.testkit.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The real modules of {@code testkit/corpus/corpus.txt}, which {@code testkit/corpus/fetch} downloads to a folder. */
public final class Corpus {
    private static final List<Entry> ENTRIES = read("corpus.txt")
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .map(Entry::parse)
            .toList();

    private final Path folder;

    private Corpus(Path folder) {
        this.folder = folder;
    }

    /** The corpus in a folder, which need not contain all modules. */
    public static Corpus in(Path folder) {
        return new Corpus(folder);
    }

    /**
     * The corpus in the folder that the environment variable {@code PRECAST_CORPUS} names, by default {@code
     * ~/.cache/precast/corpus}.
     */
    public static Corpus ofUser() {
        String folder = System.getenv("PRECAST_CORPUS");
        return in(
                folder == null || folder.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache", "precast", "corpus")
                        : Path.of(folder));
    }

    /** The names of all real modules, largest first. */
    public static List<String> names() {
        return ENTRIES.stream().map(Entry::name).toList();
    }

    /**
     * A module; empty if it was not downloaded.
     *
     * @throws IllegalArgumentException if the list does not contain the name
     * @throws IllegalStateException if the digest of the file is not the one in the list
     */
    public Optional<CorpusModule> module(String name) {
        Entry entry = ENTRIES.stream()
                .filter(e -> e.name.equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("corpus: expected one of " + names() + ", found " + name));
        Path file = folder.resolve(name + ".wasm");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            byte[] wasm = Files.readAllBytes(file);
            String found = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(wasm));
            if (!found.equals(entry.sha256)) {
                throw new IllegalStateException(file + ": expected SHA-256 " + entry.sha256 + ", found " + found);
            }
            return Optional.of(new CorpusModule(name, wasm, exercise(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The exercise of a module. */
    static Exercise exercise(String name) {
        return Exercise.parse(read("exercise/" + name + ".txt"));
    }

    private static String read(String resource) {
        try (var in = Objects.requireNonNull(Corpus.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Entry(String name, String sha256) {
        static Entry parse(String line) {
            String[] columns = line.strip().split(" +", -1);
            if (columns.length != 8) {
                throw new IllegalArgumentException(
                        "corpus.txt: expected 8 columns, found " + columns.length + ": " + line);
            }
            return new Entry(columns[0], columns[7]);
        }
    }
}
