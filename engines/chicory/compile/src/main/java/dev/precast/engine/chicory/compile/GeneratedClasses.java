package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.ClassCollector;
import dev.precast.engine.chicory.load.ChicoryFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects the classes that the compiler generates, under their internal names, rewrites them, and starts the check
 * of each.
 */
final class GeneratedClasses implements ClassCollector {
    private final ClassCollector resources = new ByteClassCollector();
    private final ClassChecks checks;
    private final TreeMap<String, byte[]> classes = new TreeMap<>();

    GeneratedClasses(ClassChecks checks) {
        this.checks = checks;
    }

    /** Class files by internal name, without the helper class. */
    Map<String, byte[]> bytes() {
        return classes;
    }

    @Override
    public String mainClassName() {
        return ChicoryFormat.MAIN_CLASS;
    }

    @Override
    public void putMainClass(String className, byte[] bytes) {
        put(className, bytes);
    }

    @Override
    public void put(String name, byte[] bytes) {
        // The compiler mixes dots and slashes in names.
        String internal = name.replace('.', '/');
        if (!internal.equals(ChicoryFormat.HELPER_CLASS)) {
            byte[] written = Rewriting.apply(internal, bytes);
            classes.put(internal, written);
            checks.submit(internal, written);
        }
    }

    @Override
    public void putAll(ClassCollector other) {
        classes.putAll(other.classBytes());
    }

    @Override
    public Map<String, byte[]> classBytes() {
        return classes;
    }

    @Override
    public byte[] resolve(Class<?> type) {
        return resources.resolve(type);
    }
}
