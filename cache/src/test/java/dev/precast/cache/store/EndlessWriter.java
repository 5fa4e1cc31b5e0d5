package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** The main class of a process that writes until it is killed, and prints what it has stored. */
final class EndlessWriter {
    static final String DOCUMENT = "attestations/one";

    private EndlessWriter() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        FileContentStore content = new FileContentStore(folder.resolve("content"));
        FileDocumentStore documents = new FileDocumentStore(folder.resolve("documents"));
        Random random = new Random(Long.parseLong(arguments[1]));
        while (true) {
            byte[] bytes = new byte[1 + random.nextInt(500_000)];
            random.nextBytes(bytes);
            content.put(new ByteArrayInputStream(bytes), null, Long.MAX_VALUE);
            System.out.println(Digest.of(bytes));
            byte[] document = new byte[1 + random.nextInt(100_000)];
            Arrays.fill(document, (byte) random.nextInt());
            documents.put(
                    DOCUMENT,
                    document,
                    documents
                            .find(DOCUMENT)
                            .map(DocumentStore.Document::version)
                            .orElse(null));
        }
    }
}
