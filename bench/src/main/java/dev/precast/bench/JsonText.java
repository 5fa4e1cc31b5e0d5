package dev.precast.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes reports as JSON. Reports contain fractions, which the core's canonical JSON does not support. */
final class JsonText {
    private JsonText() {}

    /** The JSON text of a map, list, string, number, boolean or null. */
    static String of(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(@Nullable Object value, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case Map<?, ?> map -> {
                String before = "{";
                for (Map.Entry<?, ?> member : map.entrySet()) {
                    out.append(before)
                            .append(string(String.valueOf(member.getKey())))
                            .append(':');
                    write(member.getValue(), out);
                    before = ",";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            case List<?> list -> {
                String before = "[";
                for (Object item : list) {
                    out.append(before);
                    write(item, out);
                    before = ",";
                }
                out.append(list.isEmpty() ? "[]" : "]");
            }
            case Double number -> out.append(String.format(Locale.ROOT, "%.3f", number));
            case Number number -> out.append(number);
            case Boolean bool -> out.append(bool);
            default -> out.append(string(value.toString()));
        }
    }

    private static String string(String text) {
        return new dev.precast.json.Json.Text(text).canonical();
    }
}
