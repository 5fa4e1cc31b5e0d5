package dev.precast.artifact;

/** Text that came from outside: whether it is a name, and how it is shown in a message. */
final class Text {
    private static final int MAX_SHOWN = 80;

    private Text() {}

    /**
     * Whether a text is 1 to {@code max} of lower-case letters, digits and {@code others}, a letter first. Without a
     * pattern: a starting host reads names before it has run any.
     */
    static boolean isName(String text, int max, String others) {
        if (text.isEmpty() || text.length() > max || !isLower(text.charAt(0))) {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isLower(c) && !isDigit(c) && others.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** In quotes, short, and printable only. */
    static String quoted(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().limit(MAX_SHOWN).forEach(c -> shown.appendCodePoint(c < 0x20 || c == 0x7f ? '?' : c));
        return shown.append(text.length() > MAX_SHOWN ? "…\"" : "\"").toString();
    }
}
