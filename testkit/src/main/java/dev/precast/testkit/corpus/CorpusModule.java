package dev.precast.testkit.corpus;

/**
 * A module for tests and benchmarks.
 *
 * @param name unique in the corpus
 * @param wasm the bytes of the module, not copied
 * @param exercise the steps to run in the module
 */
public record CorpusModule(String name, byte[] wasm, Exercise exercise) {
    @Override
    public String toString() {
        return name;
    }
}
