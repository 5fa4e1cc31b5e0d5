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

/**
 * Reads class files from the jars that classes were defined from, and from their class loader where there is no jar. A
 * class loader opens a connection for each resource, which costs a cold JVM more than all the rest.
 */
final class ClassFiles implements AutoCloseable {
    private final ClassLoader loader;
    private final List<ZipFile> jars = new ArrayList<>();

    /** @param from one class of each jar */
    ClassFiles(Class<?>... from) throws IOException {
        loader = from[0].getClassLoader();
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
            // No file; the class loader knows how to read it.
            return Optional.empty();
        }
    }

    /**
     * The class file of that internal name.
     *
     * @throws UnsupportedHostException if it is not there, as when a tool has merged or removed classes
     */
    byte[] read(String internalName) throws IOException {
        String resource = internalName + ".class";
        for (ZipFile jar : jars) {
            ZipEntry entry = jar.getEntry(resource);
            if (entry != null) {
                try (InputStream in = jar.getInputStream(entry)) {
                    return in.readAllBytes();
                }
            }
        }
        try (InputStream in = loader.getResourceAsStream(resource)) {
            if (in == null) {
                throw new UnsupportedHostException("the class file of " + internalName + " cannot be read");
            }
            return in.readAllBytes();
        }
    }

    @Override
    public void close() throws IOException {
        for (ZipFile jar : jars) {
            jar.close();
        }
    }
}
