package dev.precast.test;

import dev.precast.testkit.corpus.JvmEngine;

/** The engines for the JVM that the end-to-end tests use. */
final class JvmEngines {
    static final JvmEngine CHICORY = JvmEngine.named("chicory");
    static final JvmEngine ENDIVE = JvmEngine.named("endive");

    private JvmEngines() {}
}
