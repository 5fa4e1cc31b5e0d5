package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The methods of each path and their roles: for the header {@code Allow} of a 405 (RFC 9110, 15.5.6), and for an edge,
 * which forwards only what the API knows.
 */
final class Methods {
    private static final List<Class<?>> RESOURCES = List.of(
            ArtifactsResource.class,
            CompilationsResource.class,
            DeadLettersResource.class,
            EdgeArtifactsResource.class,
            EdgeDocumentsResource.class,
            EdgeLookupsResource.class,
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

    private static final List<Known> KNOWN = known();

    /** A method of paths of one form. */
    private record Known(Pattern path, String method, Role role) {}

    private Methods() {}

    private static List<Known> known() {
        List<Known> known = new ArrayList<>();
        for (Class<?> resource : RESOURCES) {
            for (Method method : resource.getMethods()) {
                Requires requires = method.getAnnotation(Requires.class);
                for (Annotation annotation : method.getAnnotations()) {
                    HttpMethod http = annotation.annotationType().getAnnotation(HttpMethod.class);
                    if (http != null && requires != null) {
                        String path = (template(resource) + template(method)).replaceAll("\\{[^}]+}", "[^/]+");
                        known.add(new Known(Pattern.compile(path), http.value(), requires.value()));
                    }
                }
            }
        }
        return List.copyOf(known);
    }

    /** The methods of a path, such as {@code GET, PUT}. */
    static String of(String path) {
        return String.join(", ", roles(path).keySet());
    }

    /** The methods of a path, with the roles that they require; empty if the path is unknown. */
    static SortedMap<String, Role> roles(String path) {
        SortedMap<String, Role> roles = new TreeMap<>();
        for (Known known : KNOWN) {
            if (known.path.matcher(path).matches()) {
                roles.put(known.method, known.role);
            }
        }
        return roles;
    }

    private static String template(AnnotatedElement element) {
        Path path = element.getAnnotation(Path.class);
        return path == null ? "" : path.value();
    }
}
