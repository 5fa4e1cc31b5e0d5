package dev.precast.engine.chicory.load;

import dev.precast.load.UnsupportedHostException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads class files and resources from the jars of given classes, or from their class loader if there is no jar. In a
 * cold JVM, reading the jars is much faster than the class loader, which opens a connection for each resource.
 */
final class ClassFiles implements AutoCloseable {
    private final Class<?>[] from;
    private final List<ZipFile> jars = new ArrayList<>();

    /** @param from one class of each jar */
    ClassFiles(Class<?>... from) throws IOException {
        this.from = from;
        for (Class<?> type : from) {
            Optional<File> jar = jar(type);
            if (jar.isPresent()) {
                jars.add(new ZipFile(jar.get()));
            }
        }
    }

    private static Optional<File> jar(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new File(source.getLocation().toURI())).filter(File::isFile);
        } catch (URISyntaxException | IllegalArgumentException e) {
            // The location is not a file, so the class loader reads the class files.
            return Optional.empty();
        }
    }

    /**
     * Reads the class file with this internal name.
     *
     * @throws UnsupportedHostException if it does not exist, for example because a tool removed or merged classes
     */
    byte[] read(String internalName) throws IOException {
        byte[] found = resource(internalName + ".class");
        if (found == null) {
            throw new UnsupportedHostException(internalName + ": class file not found");
        }
        return found;
    }

    /** Reads the resource with this absolute name; null if there is none. */
    byte @Nullable [] resource(String name) throws IOException {
        for (ZipFile jar : jars) {
            ZipEntry entry = jar.getEntry(name);
            if (entry != null) {
                try (InputStream in = jar.getInputStream(entry)) {
                    return in.readAllBytes();
                }
            }
        }
        for (Class<?> type : from) {
            try (InputStream in = type.getResourceAsStream("/" + name)) {
                if (in != null) {
                    return in.readAllBytes();
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        for (ZipFile jar : jars) {
            jar.close();
        }
    }
}
