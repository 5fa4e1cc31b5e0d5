package dev.precast.artifact;

/**
 * Makes untrusted text safe to print. Characters that control a terminal, reorder text or are invisible are shown as
 * JSON escapes such as <code>&#92;u001b</code>, so that a JSON document keeps its meaning. Thread safe.
 */
public final class VisibleText {
    private VisibleText() {}

    /** The text with escapes; keeps line feeds and tabs. */
    public static String of(String text) {
        return escaped(text, true);
    }

    /** The text with escapes, also for line feeds and tabs. */
    public static String line(String text) {
        return escaped(text, false);
    }

    private static String escaped(String text, boolean lines) {
        int at = 0;
        while (at < text.length() && isPlain(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length() + 16).append(text, 0, at);
        while (at < text.length()) {
            int c = text.codePointAt(at);
            int length = Character.charCount(c);
            if (isVisible(c) || (lines && (c == '\n' || c == '\t'))) {
                shown.appendCodePoint(c);
            } else {
                for (int i = at; i < at + length; i++) {
                    escape(shown, text.charAt(i));
                }
            }
            at += length;
        }
        return shown.toString();
    }

    private static boolean isPlain(char c) {
        return c >= ' ' && c < 0x7f;
    }

    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE -> false;
            default -> true;
        };
    }

    private static void escape(StringBuilder shown, char c) {
        shown.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            shown.append(Character.forDigit(c >> shift & 0xf, 16));
        }
    }
}
