package dev.precast.store;

class MemoryContentStoreTest extends ContentStoreContract {
    @Override
    protected ContentStore emptyStore() {
        return new MemoryContentStore();
    }
}
