package dev.precast.testkit.corpus;

/**
 * A module to measure or to compare on.
 *
 * @param name unique in the corpus
 * @param wasm its bytes, not copied
 * @param exercise what is called in it
 */
public record CorpusModule(String name, byte[] wasm, Exercise exercise) {
    @Override
    public String toString() {
        return name;
    }
}
