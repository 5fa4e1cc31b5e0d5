package dev.precast.testkit.contract;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.MemoryContentStore;

class MemoryContentStoreTest extends ContentStoreContract {
    private final MemoryContentStore store = new MemoryContentStore();

    @Override
    protected ContentStore emptyStore() {
        return store;
    }

    @Override
    protected void rot(Digest digest, byte[] bytes) {
        store.damage(digest, bytes);
    }
}
