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

/** The real modules of {@code testkit/corpus/corpus.txt}, from the folder that {@code testkit/corpus/fetch} fills. */
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

    /** What is in a folder; modules that are not there can be asked for, and are absent. */
    public static Corpus in(Path folder) {
        return new Corpus(folder);
    }

    /** The folder of this user: {@code PRECAST_CORPUS}, else {@code ~/.cache/precast/corpus}. */
    public static Corpus ofUser() {
        String folder = System.getenv("PRECAST_CORPUS");
        return in(
                folder == null || folder.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache", "precast", "corpus")
                        : Path.of(folder));
    }

    /** The names of all real modules, the largest module first. */
    public static List<String> names() {
        return ENTRIES.stream().map(Entry::name).toList();
    }

    /**
     * One module, or nothing if it was not fetched.
     *
     * @throws IllegalArgumentException if the list has no such name
     * @throws IllegalStateException if the file is another one than the list says
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

    /** What is called in a module of the list. */
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
