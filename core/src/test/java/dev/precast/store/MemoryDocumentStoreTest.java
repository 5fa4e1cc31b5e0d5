package dev.precast.store;

class MemoryDocumentStoreTest extends DocumentStoreContract {
    @Override
    protected DocumentStore emptyStore() {
        return new MemoryDocumentStore();
    }
}
