package dev.precast.json;

/** A text is not strict JSON, or its JSON does not have the expected form. The message is for people. */
public final class JsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public JsonException(String message) {
        super(message);
    }

    static JsonException expected(String what, String expected, Json found) {
        String shown = found.canonical();
        return new JsonException(what + ": expected " + expected + ", found "
                + (shown.length() > 80 ? shown.substring(0, 80) + "…" : shown));
    }
}
