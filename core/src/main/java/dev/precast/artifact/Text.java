package dev.precast.artifact;

/** How text that came from outside is shown in a message: quoted, short, and printable only. */
final class Text {
    private static final int MAX_SHOWN = 80;

    private Text() {}

    static String quoted(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(MAX_SHOWN).forEach(c -> shown.appendCodePoint(c < 0x20 || c == 0x7f ? '?' : c));
        return shown.append(text.length() > MAX_SHOWN ? "…\"" : "\"").toString();
    }
}
