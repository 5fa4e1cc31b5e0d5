package dev.precast.engine.endive.compile;

/** The counterpart of Chicory's {@code Rewriting}. Endive's compiler needs help with tail calls too. */
final class Rewriting {
    private Rewriting() {}

    /**
     * The class file for the artifact.
     *
     * @throws AssertionError if the class does not have a known form
     */
    static byte[] apply(String internalName, byte[] classFile) {
        byte[] written = IndirectCalls.mayBeIn(internalName) ? IndirectCalls.rewrite(classFile) : classFile;
        return ReferenceTailCalls.mayBeIn(written) ? ReferenceTailCalls.rewrite(written) : written;
    }
}
