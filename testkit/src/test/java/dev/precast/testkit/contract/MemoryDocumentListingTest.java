package dev.precast.testkit.contract;

import dev.precast.cache.store.MemoryDocumentStore;

class MemoryDocumentListingTest extends DocumentListingContract<MemoryDocumentStore> {
    @Override
    protected MemoryDocumentStore emptyStore() {
        return new MemoryDocumentStore();
    }
}
