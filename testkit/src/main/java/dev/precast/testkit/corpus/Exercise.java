package dev.precast.testkit.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Steps to run in a module without the JavaScript around it. Each line is one step, whose words are separated by
 * blanks.
 *
 * <pre>
 * args WORD…              arguments of a WASI command, the program's name first; the command runs on instantiation
 * env NAME VALUE          a variable of the WASI environment
 * stdin "text"            standard input of a WASI program
 * call NAME VALUE…        calls an export and records its results or its trap
 * write ADDRESS "text"    writes a text to the memory as UTF-8
 * i32 ADDRESS VALUE       writes 32 bits to the memory
 * load ADDRESS            records 32 bits of the memory
 * memory ADDRESS LENGTH   records bytes of the memory
 * text ADDRESS [LENGTH]   records a text in UTF-8 from the memory; without LENGTH, up to the first NUL
 * global NAME             records an exported global
 * memcpy MODULE.NAME      declares that an import with the parameters to, from, length copies memory
 * $NAME = STEP            runs STEP and keeps its first result; for write, this is the length of the text
 * </pre>
 *
 * A value is a number, {@code $NAME} or {@code $NAME+VALUE}. A word may be put in double quotes, with the escapes
 * {@code \n \r \0 \" \\}. On Chicory the clock stands still and random numbers have a fixed seed, so that every run
 * gives the same transcript. Immutable.
 */
public final class Exercise {
    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");

    private final List<List<String>> steps;

    private Exercise(List<List<String>> steps) {
        this.steps = steps;
    }

    /** Parses a text. Skips blank lines and lines that start with {@code #}. */
    public static Exercise parse(String text) {
        return new Exercise(text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Exercise::words)
                .toList());
    }

    /** The steps as lists of words; the first word is the kind of the step, or the name of its variable. */
    List<List<String>> steps() {
        return steps;
    }

    /** The arguments of a WASI command, the program's name first; empty if the exercise has none. */
    public List<String> arguments() {
        return steps.stream()
                .filter(step -> step.getFirst().equals("args"))
                .findFirst()
                .map(step -> step.subList(1, step.size()))
                .orElse(List.of());
    }

    /** Variables of the WASI environment. */
    public Map<String, String> environment() {
        return steps.stream()
                .filter(step -> step.getFirst().equals("env"))
                .collect(Collectors.toUnmodifiableMap(step -> step.get(1), step -> step.get(2)));
    }

    /** The standard input of a WASI program; empty if the exercise has none. */
    public String stdin() {
        return steps.stream()
                .filter(step -> step.getFirst().equals("stdin"))
                .map(step -> step.get(1))
                .collect(Collectors.joining());
    }

    /** The imports, as {@code module.name}, that copy memory. */
    Set<String> copying() {
        return steps.stream()
                .filter(step -> step.getFirst().equals("memcpy"))
                .map(step -> step.get(1))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<String> words(String line) {
        Matcher words = WORD.matcher(line);
        var found = new ArrayList<String>();
        while (words.find()) {
            found.add(words.group(1) != null ? unescaped(words.group(1)) : words.group(2));
        }
        return List.copyOf(found);
    }

    private static String unescaped(String quoted) {
        return quoted.replace("\\\\", "\u0001")
                .replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\0", "\0")
                .replace("\\\"", "\"")
                .replace("\u0001", "\\");
    }
}
