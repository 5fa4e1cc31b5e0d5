package dev.precast.server;

import dev.precast.artifact.LaneId;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.event.InProcessEvents;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.DeadLetters;
import dev.precast.cache.queue.InProcessDeadLetters;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.store.ContentListing;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.DocumentListing;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.FileContentStore;
import dev.precast.cache.store.FileDocumentStore;
import dev.precast.cache.store.LimitedContentStore;
import dev.precast.cache.store.MeteredContentStore;
import dev.precast.cache.store.MeteredDocumentStore;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.Workers;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a node is built on: a folder and memory, or what the nodes of a fleet share.
 *
 * @param modules wasm bytes
 * @param payloads what was compiled
 * @param documents attestations, outcomes, lanes, the trust policy
 * @param listing lists documents
 * @param contents lists payloads
 * @param queue requests
 * @param depth how many requests the queue holds; throws {@code QueueUnavailableException} if it does not answer
 * @param purge drops what is asked for of a lane
 * @param events news for who waits
 * @param deadLetters requests that were given up
 * @param workers who is alive
 * @param doors opens another front door than REST, if there is one
 * @param closing ends connections
 */
record Backend(
        ContentStore modules,
        ContentStore payloads,
        DocumentStore documents,
        DocumentListing listing,
        ContentListing contents,
        CompileQueue queue,
        LongSupplier depth,
        Consumer<LaneId> purge,
        CompileEvents events,
        DeadLetters deadLetters,
        Workers workers,
        Doors doors,
        Closing closing)
        implements AutoCloseable {

    /** The embedded default: stores in the data folder, queue and events in memory. */
    static Backend embedded(DataFolder data, PrecastConfig config, InstantSource clock) throws IOException {
        InProcessQueue queue = new InProcessQueue(config.queue().capacity(), clock);
        FileContentStore modules = new FileContentStore(data.modules());
        FileContentStore payloads = new FileContentStore(data.payloads());
        FileDocumentStore documents = new FileDocumentStore(data.documents());
        return new Backend(
                new LimitedContentStore(modules, config.upload().quota().asLongValue(), modules.usedBytes()),
                payloads,
                documents,
                documents,
                payloads,
                queue,
                queue::depth,
                queue::retire,
                new InProcessEvents(),
                new InProcessDeadLetters(),
                new InProcessWorkers(clock),
                endpoints -> () -> {},
                () -> {});
    }

    /** The same with every call to the stores measured. */
    Backend metered(MeterRegistry registry) {
        return new Backend(
                metered(registry, "modules", modules),
                metered(registry, "payloads", payloads),
                new MeteredDocumentStore(documents, new StoreMetrics(registry, "documents"), System::nanoTime),
                listing,
                contents,
                queue,
                depth,
                purge,
                events,
                deadLetters,
                workers,
                doors,
                closing);
    }

    private static ContentStore metered(MeterRegistry registry, String name, ContentStore store) {
        return new MeteredContentStore(store, new StoreMetrics(registry, name), System::nanoTime);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        closing.close();
    }

    /** Opens a front door that carries messages. */
    interface Doors {
        /** Begins to answer; closing the result ends that. */
        Closing open(Map<String, Endpoint> endpoints);
    }

    /** Ends connections. */
    interface Closing {
        void close() throws IOException, InterruptedException;
    }
}
