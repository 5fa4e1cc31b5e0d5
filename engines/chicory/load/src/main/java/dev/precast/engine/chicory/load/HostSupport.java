package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import dev.precast.load.UnsupportedHostException;

/** Checks that this process can define generated classes and that they will find the engine. */
final class HostSupport {
    /** The name is joined at run time, so that tools that relocate packages do not rewrite it. */
    private static final String ENGINE = String.join(".", "com", "dylibso", "chicory", "runtime", "Instance");

    private HostSupport() {}

    /** @throws UnsupportedHostException if classes cannot be defined here, or the engine was relocated */
    static void require() {
        if (System.getProperty("org.graalvm.nativeimage.imagecode") != null) {
            throw new UnsupportedHostException("host: a native image cannot define classes at run time");
        }
        String runtime = System.getProperty("java.runtime.name", "") + ' ' + System.getProperty("java.vm.name", "");
        if (runtime.contains("Android") || runtime.contains("Dalvik")) {
            throw new UnsupportedHostException("host: Android cannot define JVM classes at run time");
        }
        requireOwnNames();
    }

    /** @throws UnsupportedHostException if the engine's packages were relocated */
    static void requireOwnNames() {
        requireName(Instance.class.getName());
    }

    /** @param found the name of the engine's class in this process */
    static void requireName(String found) {
        if (!found.equals(ENGINE)) {
            throw new UnsupportedHostException("engine: its packages were relocated (expected " + ENGINE + ", found "
                    + found + "); exclude them from relocation");
        }
    }
}
