package dev.precast.test;

import static java.util.Objects.requireNonNull;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A parsed source file with its documentation comments, which class files do not have. */
final class JavaSource {
    private static final Pattern INLINE_CODE = Pattern.compile("\\{@code ([^}]*)}");
    private static final Pattern LINK = Pattern.compile("\\{@link(?:plain)? #?([^} ]*)(?: ([^}]*))?}");

    private final Map<Tree, String> comments = new HashMap<>();
    private final Map<String, ClassTree> types = new HashMap<>();

    private JavaSource() {}

    /** Parses {@code file}, a path in the checkout. */
    static JavaSource parse(String file) throws IOException {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        JavaSource source = new JavaSource();
        try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) javac.getTask(
                    null,
                    files,
                    null,
                    List.of(),
                    null,
                    files.getJavaFileObjects(Path.of(LocalService.HOME.toString(), file)));
            for (CompilationUnitTree unit : task.parse()) {
                source.read(unit, Trees.instance(task));
            }
        }
        return source;
    }

    private void read(CompilationUnitTree unit, Trees trees) {
        new TreePathScanner<Void, Void>() {
            @Override
            public Void scan(Tree tree, Void none) {
                if (tree instanceof ClassTree type) {
                    types.put(type.getSimpleName().toString(), type);
                }
                if (tree != null && getCurrentPath() != null) {
                    String comment = trees.getDocComment(new TreePath(getCurrentPath(), tree));
                    if (comment != null) {
                        comments.put(tree, markdown(comment));
                    }
                }
                return super.scan(tree, none);
            }
        }.scan(unit, null);
    }

    /** The type of that simple name, nested or not. */
    Optional<ClassTree> type(String simpleName) {
        return Optional.ofNullable(types.get(simpleName));
    }

    /** The comment on {@code tree} as Markdown on one line; empty if there is none. */
    String comment(Tree tree) {
        return comments.getOrDefault(tree, "");
    }

    /** The one literal argument of an annotation, if the annotation is there. */
    static Optional<String> annotation(ModifiersTree modifiers, String simpleName) {
        return modifiers.getAnnotations().stream()
                .filter(annotation -> annotation.getAnnotationType().toString().equals(simpleName))
                .map(AnnotationTree::getArguments)
                .filter(arguments -> !arguments.isEmpty())
                .map(arguments -> literal(arguments.getFirst().toString()))
                .findFirst();
    }

    /** The constants of an enum, in order. */
    static List<VariableTree> constants(ClassTree type) {
        return type.getMembers().stream()
                .filter(VariableTree.class::isInstance)
                .map(VariableTree.class::cast)
                .filter(field ->
                        field.getType().toString().equals(type.getSimpleName().toString()))
                .toList();
    }

    /** The arguments of an enum constant, strings without their quotation marks. */
    static List<String> arguments(VariableTree constant) {
        return ((NewClassTree) requireNonNull(constant.getInitializer()))
                .getArguments().stream()
                        .map(argument -> literal(argument.toString()))
                        .toList();
    }

    private static String literal(String expression) {
        String value = expression.substring(expression.indexOf('=') + 1).strip();
        return value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
    }

    private static String markdown(String comment) {
        String text = comment.strip().replaceAll("\\s*\\R\\s*", " ");
        text = INLINE_CODE.matcher(text).replaceAll("`$1`");
        return LINK.matcher(text).replaceAll("`$1`");
    }
}
