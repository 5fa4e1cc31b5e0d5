package dev.precast.testkit.contract;

import dev.precast.cache.store.DocumentChanges;
import dev.precast.cache.store.InProcessChanges;

class InProcessChangesTest extends DocumentChangesContract {
    @Override
    protected DocumentChanges freshChanges() {
        return new InProcessChanges();
    }
}
