package dev.precast.api.rest;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.File;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MethodsTest {
    @Test
    void each_path_has_the_methods_of_its_resource() throws Exception {
        List<Class<?>> resources = resources();
        assertThat(resources).contains(ModulesResource.class, DeadLettersResource.class);
        for (Class<?> resource : resources) {
            for (Method method : resource.getMethods()) {
                for (Annotation annotation : method.getAnnotations()) {
                    HttpMethod http = annotation.annotationType().getAnnotation(HttpMethod.class);
                    if (http != null) {
                        String path = (template(resource) + template(method)).replaceAll("\\{[^}]+}", "x");
                        assertThat(Methods.of(path).split(", ")).as(path).contains(http.value());
                    }
                }
            }
        }
    }

    @Test
    void an_unknown_path_has_no_methods() {
        assertThat(Methods.of("/v1/nothing")).isEmpty();
    }

    /** Lists the folder of classes, so that new classes are included. */
    private static List<Class<?>> resources() throws Exception {
        URL here = Objects.requireNonNull(Methods.class.getResource("Methods.class"));
        File[] files =
                Objects.requireNonNull(new File(here.toURI()).getParentFile().listFiles());
        List<Class<?>> resources = new ArrayList<>();
        for (File file : files) {
            Class<?> type = Class.forName(
                    Methods.class.getPackageName() + "." + file.getName().replace(".class", ""));
            if (type.isAnnotationPresent(Path.class)) {
                resources.add(type);
            }
        }
        return resources;
    }

    private static String template(AnnotatedElement element) {
        return Optional.ofNullable(element.getAnnotation(Path.class))
                .map(Path::value)
                .orElse("");
    }
}
