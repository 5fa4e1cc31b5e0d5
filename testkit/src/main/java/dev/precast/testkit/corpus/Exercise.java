package dev.precast.testkit.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is called in a module without the JavaScript around it: steps, one a line, each of words parted by blanks.
 *
 * <pre>
 * args WORD…              arguments of a WASI command, the program's name first; the command runs at start
 * env NAME VALUE          a variable of the WASI environment
 * stdin "text"            what a WASI program reads
 * call NAME VALUE…        calls an export and tells its results, or how it trapped
 * write ADDRESS "text"    stores a text as UTF-8
 * i32 ADDRESS VALUE       stores 32 bits
 * load ADDRESS            tells 32 bits
 * memory ADDRESS LENGTH   tells bytes
 * text ADDRESS [LENGTH]   tells a text in UTF-8; without a length, one that ends with NUL
 * global NAME             tells an exported global
 * memcpy MODULE.NAME       an import that copies memory: to, from, length; any other answers with zeros
 * $NAME = STEP            keeps the step's first result, for write the length of the text
 * </pre>
 *
 * A value is a number, {@code $NAME} or {@code $NAME+VALUE}. A word may be put in double quotes, with the escapes
 * {@code \n \r \0 \" \\}. Clock and random numbers stand still, so a transcript is the same at every run and on every
 * engine that is right. Immutable.
 */
public final class Exercise {
    private static final Pattern WORD = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");

    private final List<List<String>> steps;

    private Exercise(List<List<String>> steps) {
        this.steps = steps;
    }

    /** Steps of a text; blank lines and those that begin with {@code #} are left out. */
    public static Exercise parse(String text) {
        return new Exercise(text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Exercise::words)
                .toList());
    }

    /** Each of words, the first one its kind. */
    List<List<String>> steps() {
        return steps;
    }

    /** Of a WASI command, the program's name first; empty if none are given. */
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

    /** What a WASI program reads; empty if it is given nothing. */
    public String stdin() {
        return steps.stream()
                .filter(step -> step.getFirst().equals("stdin"))
                .map(step -> step.get(1))
                .collect(Collectors.joining());
    }

    /** Imports, as {@code module.name}, that copy memory. */
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
