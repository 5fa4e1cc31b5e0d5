package dev.precast.server;

import dev.precast.artifact.LaneId;
import dev.precast.cache.PolicySource;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.event.InProcessEvents;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.DeadLetters;
import dev.precast.cache.queue.InProcessDeadLetters;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.queue.LaneBacklog;
import dev.precast.cache.store.ContentLinks;
import dev.precast.cache.store.ContentListing;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.DocumentChanges;
import dev.precast.cache.store.DocumentListing;
import dev.precast.cache.store.DocumentNames;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.FileContentStore;
import dev.precast.cache.store.FileDocumentStore;
import dev.precast.cache.store.LimitedContentStore;
import dev.precast.cache.store.MeteredContentStore;
import dev.precast.cache.store.MeteredDocumentStore;
import dev.precast.cache.store.WatchedDocuments;
import dev.precast.cache.warmup.WarmupDocuments;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.Workers;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The stores and messaging of a node: in its data folder and memory, or shared by the nodes of a fleet.
 *
 * @param changes announcements of changed documents; empty in the embedded default
 * @param signs what tells whether the other machines answer
 * @param connections closes the connections of stores and messaging
 */
record Backend(
        Stores stores, Messaging messaging, Optional<DocumentChanges> changes, Signs signs, AutoCloseable connections) {
    /** The documents that nodes of a fleet watch. */
    private static final Set<String> WATCHED =
            Set.of(PolicySource.DOCUMENT, DocumentNames.LANES, WarmupDocuments.ACTIVE);

    /**
     * The stores.
     *
     * @param modules wasm bytes
     * @param payloads compiled code
     * @param documents attestations, outcomes, lanes, the trust policy
     * @param documentListing lists {@code documents}
     * @param payloadListing lists {@code payloads}
     * @param moduleListing lists {@code modules}
     * @param payloadLinks links to payloads; empty if clients are not redirected
     */
    record Stores(
            ContentStore modules,
            ContentStore payloads,
            DocumentStore documents,
            DocumentListing documentListing,
            ContentListing payloadListing,
            ContentListing moduleListing,
            Optional<ContentLinks> payloadLinks) {}

    /**
     * Messaging between nodes.
     *
     * @param queue the work queue
     * @param depth number of requests in the queue; throws {@code QueueUnavailableException} if the queue does not
     *     answer
     * @param purge drops all requests of a lane
     * @param events changes of keys' states
     * @param deadLetters requests that are not retried any more
     * @param workers heartbeats
     * @param endpoints serves endpoints by name until the result is closed; serves none in the embedded default
     */
    record Messaging(
            CompileQueue queue,
            LongSupplier depth,
            Consumer<LaneId> purge,
            CompileEvents events,
            DeadLetters deadLetters,
            Workers workers,
            Function<Map<String, Endpoint>, Serving> endpoints) {}

    /**
     * What tells whether the other machines answer, and how much work waits.
     *
     * @param queueProblem why the queue cannot be used now; empty if it can
     * @param clockAhead how far this machine's clock is ahead of the store's; negative if it is behind; empty if unknown
     * @param backlog what the queue holds for each lane; unlike the others, asks the queue, and throws {@code
     *     QueueUnavailableException} if it does not answer
     */
    record Signs(
            Supplier<Optional<String>> queueProblem,
            Supplier<Optional<Duration>> clockAhead,
            Supplier<List<LaneBacklog>> backlog) {}

    /** Serves endpoints until it is closed. */
    interface Serving extends AutoCloseable {}

    /** The embedded default: stores in the data folder, queue and events in memory. */
    static Backend embedded(DataFolder data, PrecastConfig config, InstantSource clock) throws IOException {
        FileContentStore modules = new FileContentStore(data.modules());
        FileContentStore payloads = new FileContentStore(data.payloads());
        FileDocumentStore documents = new FileDocumentStore(data.documents());
        InProcessQueue queue = new InProcessQueue(config.queue().capacity(), clock);
        return new Backend(
                new Stores(
                        new LimitedContentStore(modules, config.upload().quota().asLongValue(), modules.usedBytes()),
                        payloads,
                        documents,
                        documents,
                        payloads,
                        modules,
                        Optional.empty()),
                new Messaging(
                        queue,
                        queue::depth,
                        queue::retire,
                        new InProcessEvents(),
                        new InProcessDeadLetters(),
                        new InProcessWorkers(clock),
                        endpoints -> () -> {}),
                Optional.empty(),
                new Signs(Optional::empty, Optional::empty, queue::backlog),
                () -> {});
    }

    /**
     * This backend, with metrics for each call of a store, which {@code health} gets too; a fleet's documents are
     * watched.
     */
    Backend metered(MeterRegistry registry, StoreHealth health) {
        DocumentStore documents = new MeteredDocumentStore(
                stores.documents, health.and(new StoreMetrics(registry, "documents")), System::nanoTime);
        Stores metered = new Stores(
                new MeteredContentStore(
                        stores.modules, health.and(new StoreMetrics(registry, "modules")), System::nanoTime),
                new MeteredContentStore(
                        stores.payloads, health.and(new StoreMetrics(registry, "payloads")), System::nanoTime),
                changes.<DocumentStore>map(told -> new WatchedDocuments(documents, WATCHED, told, System::nanoTime))
                        .orElse(documents),
                stores.documentListing,
                stores.payloadListing,
                stores.moduleListing,
                stores.payloadLinks);
        return new Backend(metered, messaging, changes, signs, connections);
    }
}
