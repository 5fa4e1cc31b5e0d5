package dev.precast.api.rest;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The methods of each path, for the header {@code Allow} of a 405 (RFC 9110, 15.5.6). */
final class Methods {
    private static final List<Class<?>> RESOURCES = List.of(
            ArtifactsResource.class,
            CompilationsResource.class,
            DeadLettersResource.class,
            EnginesResource.class,
            LookupsResource.class,
            ModuleListsResource.class,
            ModulesResource.class,
            ReportsResource.class,
            RetirementsResource.class,
            ScrubsResource.class,
            TrustResource.class,
            UsageResource.class,
            WarmupsResource.class);

    private Methods() {}

    /** The methods of a path, such as {@code GET, PUT}. */
    static String of(String path) {
        Set<String> allowed = new TreeSet<>();
        for (Class<?> resource : RESOURCES) {
            for (Method method : resource.getMethods()) {
                if (path.matches((template(resource) + template(method)).replaceAll("\\{[^}]+}", "[^/]+"))) {
                    for (Annotation annotation : method.getAnnotations()) {
                        HttpMethod http = annotation.annotationType().getAnnotation(HttpMethod.class);
                        if (http != null) {
                            allowed.add(http.value());
                        }
                    }
                }
            }
        }
        return String.join(", ", allowed);
    }

    private static String template(AnnotatedElement element) {
        Path path = element.getAnnotation(Path.class);
        return path == null ? "" : path.value();
    }
}
