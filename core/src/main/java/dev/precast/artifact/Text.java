package dev.precast.artifact;

/** Checks untrusted text and formats it for messages. */
final class Text {
    private static final int MAX_SHOWN = 80;

    private Text() {}

    /**
     * Whether a text has 1 to {@code max} characters, each a lower-case letter, a digit or one of {@code others},
     * starting with a letter. Uses no regular expression, because loading the classes for regular expressions slows the
     * start of a host.
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

    /** The text in quotes, shortened to 80 characters, as {@link VisibleText} shows it. */
    static String quoted(String text) {
        boolean all = text.length() <= MAX_SHOWN;
        return '"' + VisibleText.line(all ? text : text.substring(0, MAX_SHOWN)) + (all ? "\"" : "…\"");
    }
}
