package dev.precast.artifact;

/**
 * The platform of an artifact: {@code jvm}, a target triple with its CPU baseline, or {@code pulley64}.
 *
 * @param name 1 to 128 lower-case letters, digits and {@code _ . + -}, starting with a letter
 */
public record Target(String name) {
    private static final int MAX_NAME = 128;

    /** Any Java virtual machine. */
    public static final Target JVM = new Target("jvm");

    /** @throws IllegalArgumentException if the name has another form */
    public Target {
        if (!Text.isName(name, MAX_NAME, "_.+-")) {
            throw new IllegalArgumentException(
                    "target: expected jvm, pulley64 or a target triple, found " + Text.quoted(name));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
