package dev.precast.testkit.contract;

import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.MemoryDocumentStore;

class MemoryDocumentStoreTest extends DocumentStoreContract {
    @Override
    protected DocumentStore emptyStore() {
        return new MemoryDocumentStore();
    }
}
