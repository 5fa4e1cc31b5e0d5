package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SourcesTest {
    /** A wrapper that inherited a default would hide what the wrapped source has. */
    @Test
    void each_source_says_itself_whether_it_has_a_proof_of_the_current_policy() throws Exception {
        List<Class<?>> sources = sources();

        assertThat(sources).hasSizeGreaterThanOrEqualTo(4);
        for (Class<?> source : sources) {
            assertThat(source.getMethod("current").getDeclaringClass()).isEqualTo(source);
        }
    }

    private static List<Class<?>> sources() throws IOException, URISyntaxException, ClassNotFoundException {
        Path classes = Path.of(ArtifactSource.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<Class<?>> sources = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                String name = classes.relativize(file).toString().replace('/', '.');
                if (name.equals("module-info.class")) {
                    continue;
                }
                Class<?> found = Class.forName(
                        name.substring(0, name.length() - ".class".length()),
                        false,
                        SourcesTest.class.getClassLoader());
                if (ArtifactSource.class.isAssignableFrom(found) && !Modifier.isAbstract(found.getModifiers())) {
                    sources.add(found);
                }
            }
        }
        return sources;
    }
}
