package dev.precast.store;

class MemoryDocumentListingTest extends DocumentListingContract<MemoryDocumentStore> {
    @Override
    protected MemoryDocumentStore emptyStore() {
        return new MemoryDocumentStore();
    }
}
