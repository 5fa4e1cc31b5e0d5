package dev.precast.engine.chicory.load;

import java.util.ArrayList;
import java.util.List;

/** Descriptors of fields and methods (JVM specification, 4.3). */
final class Descriptors {
    private Descriptors() {}

    /** The internal names of the classes in a descriptor, including element classes of arrays. */
    static List<String> types(String descriptor) {
        int next = descriptor.indexOf('L');
        if (next < 0) {
            return List.of();
        }
        List<String> types = new ArrayList<>(3);
        while (next >= 0) {
            int end = descriptor.indexOf(';', next);
            if (end < 0) {
                throw new IllegalArgumentException("descriptor: truncated: " + descriptor);
            }
            types.add(descriptor.substring(next + 1, end));
            next = descriptor.indexOf('L', end);
        }
        return types;
    }
}
