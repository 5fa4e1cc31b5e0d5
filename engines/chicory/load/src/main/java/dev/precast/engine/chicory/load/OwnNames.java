package dev.precast.engine.chicory.load;

import java.util.List;

/**
 * Checks names of generated classes and methods. Uses no regular expressions, because a cold host checks tens of
 * thousands of names.
 */
final class OwnNames {
    private static final String INDIRECT_CLASS = "Indirect_";
    private static final String VALUES = "value_";

    private OwnNames() {}

    /** Whether a bundle may contain a class with this internal name. */
    static boolean isClass(String internalName) {
        if (!internalName.startsWith(ChicoryFormat.MAIN_CLASS)) {
            return false;
        }
        int start = ChicoryFormat.MAIN_CLASS.length();
        if (internalName.length() == start || internalName.startsWith("MachineCall", start)) {
            return internalName.length() == start || internalName.length() == start + "MachineCall".length();
        }
        if (internalName.startsWith(INDIRECT_CLASS, start)) {
            int type = start + INDIRECT_CLASS.length();
            int end = digits(internalName, type);
            return end > type
                    && end < internalName.length()
                    && internalName.charAt(end) == '_'
                    && isNumber(internalName, end + 1);
        }
        return isNumbered(internalName, start, EngineNames.NUMBERED_CLASSES);
    }

    /** The kind of a generated class: its name without {@code precast/} and numbers. */
    static String kindOfClass(String internalName) {
        int start = ChicoryFormat.MAIN_CLASS.length();
        int end = start;
        while (end < internalName.length() && !isDigit(internalName.charAt(end))) {
            end++;
        }
        return end == start ? "Module" : internalName.substring(start, end);
    }

    /** The kind of a generated method: its name without a number or types. */
    static String kindOfMethod(String name) {
        if (name.startsWith(VALUES)) {
            return VALUES;
        }
        int end = name.length();
        while (end > 0 && isDigit(name.charAt(end - 1))) {
            end--;
        }
        return name.substring(0, end);
    }

    /** Whether a generated class may have a method with this name. */
    static boolean isMethod(String name) {
        return isNumbered(name, 0, EngineNames.NUMBERED_METHODS)
                || EngineNames.METHODS.contains(name)
                || isValues(name);
    }

    private static boolean isNumbered(String name, int start, List<String> prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix, start)) {
                return isNumber(name, start + prefix.length());
            }
        }
        return false;
    }

    private static boolean isValues(String name) {
        if (!name.startsWith(VALUES)) {
            return false;
        }
        for (int i = VALUES.length(); i < name.length(); i++) {
            char c = name.charAt(i);
            if (!(c >= 'a' && c <= 'z') && !isDigit(c) && c != '_') {
                return false;
            }
        }
        return name.length() > VALUES.length();
    }

    private static boolean isNumber(String name, int start) {
        return start < name.length() && digits(name, start) == name.length();
    }

    private static int digits(String name, int start) {
        int i = start;
        while (i < name.length() && isDigit(name.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
