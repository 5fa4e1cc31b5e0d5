package dev.precast.testkit.contract;

import dev.precast.cache.store.MemoryContentStore;
import java.time.Duration;
import java.time.InstantSource;

class MemoryContentListingTest extends ContentListingContract<MemoryContentStore> {
    private InstantSource clock = InstantSource.system();

    @Override
    protected MemoryContentStore emptyStore() {
        return new MemoryContentStore(() -> clock.instant());
    }

    @Override
    protected void letPass(Duration time) {
        clock = InstantSource.fixed(clock.instant().plus(time));
    }
}
