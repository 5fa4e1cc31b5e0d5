package dev.precast.testkit.contract;

import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.MemoryContentStore;

class MemoryContentStoreTest extends ContentStoreContract {
    @Override
    protected ContentStore emptyStore() {
        return new MemoryContentStore();
    }
}
