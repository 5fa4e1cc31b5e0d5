package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.event.InProcessEvents;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.CompileTerms;
import dev.precast.cache.outcome.Judge;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.InProcessDeadLetters;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.MemoryContentStore;
import dev.precast.cache.store.MemoryDocumentStore;
import dev.precast.cache.store.Outcomes;
import dev.precast.cache.store.UnfinishedStarts;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.module.Cap;
import dev.precast.module.StaticCaps;
import dev.precast.testing.Scale;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random workers of one lane and random modules, without child processes: requests end, and all agree on the answer. */
class OutcomesOfManyTest {
    private static final int MOST_DELIVERIES = 200;
    private static final Lane LANE = new Lane(
            EngineId.parse("shell@1.0.0+1"),
            new EngineHash(Digest.of(new byte[0])),
            CompileConfig.parse("{\"level\":1}"),
            Target.JVM);
    private static final ArtifactKey KEY = LANE.id().key(ModuleDigest.of(new byte[] {1}));

    @TempDir
    Path folder;

    private final Random random = Scale.random(OutcomesOfManyTest.class);
    private final SigningKey key = SigningKey.generate();
    private final TrustPolicy policy = Worker.policy(key);
    private EnginePack pack;
    private AotCaches aot;

    @BeforeEach
    void prepare() throws Exception {
        pack = ShellPack.write(folder.resolve("packs"), "shell", "");
        aot = new AotCaches(folder.resolve("aot"), folder.resolve("jobs"), List.of());
    }

    /** What a module needs, and the one pack that rejects it, if any. */
    private record Demand(int bytes, int functions, int memory, int cpu, int rejectedBy) {
        boolean isWithin(Member member) {
            return bytes <= member.caps.limit(Cap.MODULE_BYTES) && functions <= member.caps.limit(Cap.FUNCTIONS);
        }

        boolean compilesAt(Member member) {
            return isWithin(member)
                    && memory <= member.limits.memoryMb()
                    && cpu <= member.limits.cpuSeconds()
                    && member.pack != rejectedBy;
        }
    }

    /** A worker. */
    private record Member(int pack, Limits limits, StaticCaps caps) {
        Digest digest() {
            return Digest.of(new byte[] {(byte) pack});
        }

        CompileTerms terms() {
            return new CompileTerms(digest(), limits, caps.toJson());
        }
    }

    private int level() {
        return 10 * (1 + random.nextInt(4));
    }

    private Demand demand() {
        return new Demand(level(), level(), level(), level(), random.nextInt(3));
    }

    private static Member member(int pack, int bytes, int functions, int memory, int cpu) {
        return new Member(
                pack,
                new Limits(10, memory, cpu, 10, 10),
                StaticCaps.DEFAULT.with(Cap.MODULE_BYTES, bytes).with(Cap.FUNCTIONS, functions));
    }

    @Test
    void each_request_ends_and_workers_and_api_agree_on_its_answer() throws Exception {
        for (int i = 0; i < Scale.of(100, 2_000); i++) {
            List<Member> members = new ArrayList<>();
            for (int n = 1 + random.nextInt(5); n > 0; n--) {
                members.add(member(random.nextInt(2), level(), level(), level(), level()));
            }
            boolean unused = new Run(members, demand()).ends();
        }
    }

    @Test
    void among_workers_of_different_sizes_a_module_is_compiled_if_the_largest_can_compile_it() throws Exception {
        for (int i = 0; i < Scale.of(100, 2_000); i++) {
            List<Member> members = new ArrayList<>();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                int size = level();
                members.add(member(0, size, size, size, size));
            }
            Demand demand = demand();
            assertThat(new Run(members, demand).ends())
                    .as("%s is compiled by one of %s", demand, members)
                    .isEqualTo(members.stream().anyMatch(demand::compilesAt));
        }
    }

    /** One key in one fleet. Time stands still. */
    private final class Run {
        private final InstantSource clock = InstantSource.fixed(Instant.now());
        private final List<Member> members;
        private final Demand demand;
        private final int[] compilations;
        private final InProcessWorkers alive = new InProcessWorkers(clock);
        private final Precompiler.Stores stores;
        private boolean compiled;

        Run(List<Member> members, Demand demand) {
            this.members = members;
            this.demand = demand;
            this.compilations = new int[members.size()];
            AttestationVerifier verifier = new AttestationVerifier(() -> policy, clock);
            MemoryDocumentStore documents = new MemoryDocumentStore();
            MemoryContentStore payloads = new MemoryContentStore();
            this.stores = new Precompiler.Stores(
                    new MemoryContentStore(),
                    payloads,
                    new Artifacts(documents, payloads, verifier),
                    new Outcomes(documents, verifier, clock),
                    new Lanes(documents),
                    new Rechecks(documents, clock),
                    new UnfinishedStarts(documents, clock));
            Digest lane = KEY.lane().digest();
            for (int i = 0; i < members.size(); i++) {
                CompileTerms terms = members.get(i).terms();
                alive.announce(new WorkerNotice(
                        "w" + i, Set.of(lane), 1, terms.limits(), terms.caps(), Map.of(lane, terms.pack())));
            }
        }

        /** Delivers the request to one random worker after the other. Returns whether there is an artifact. */
        boolean ends() {
            int deliveries = 0;
            while (!(deliver(random.nextInt(members.size())) instanceof Answer.Done)) {
                deliveries++;
                assertThat(deliveries)
                        .as("deliveries of %s to %s", demand, members)
                        .isLessThan(MOST_DELIVERIES);
            }
            assertThat(Arrays.stream(compilations).max().orElse(0))
                    .as("compilations of %s by one of %s", demand, members)
                    .isLessThanOrEqualTo(2);
            if (!compiled) {
                List<CompileTerms> terms = members.stream().map(Member::terms).toList();
                assertThat(new Judge(terms, clock.instant())
                                .counts(stores.outcomes().find(KEY).orElseThrow()))
                        .as("the API accepts the answer to %s of %s", demand, members)
                        .isTrue();
                int[] before = compilations.clone();
                for (int i = 0; i < members.size(); i++) {
                    assertThat(deliver(i)).isInstanceOf(Answer.Done.class);
                }
                assertThat(compilations).as("after further requests").isEqualTo(before);
            }
            return compiled;
        }

        private Answer deliver(int to) {
            Member member = members.get(to);
            LaneOffer offer = new LaneOffer(
                    LANE, "default", ShellPack.FORMAT, member.digest(), member.limits, member.caps.toJson());
            Outcome outcome = new Outcome(bench(member), new ServedLane(pack, offer), KEY);
            Answer known = outcome.known();
            if (known != null) {
                return known;
            }
            compilations[to]++;
            if (!demand.isWithin(member)) {
                return outcome.rejected(new Rejection("over-cap", "too large"));
            }
            if (demand.memory > member.limits.memoryMb()) {
                return outcome.failed(Cause.MEMORY, "too little");
            }
            if (demand.cpu > member.limits.cpuSeconds()) {
                return outcome.failed(Cause.TIME, "too slow");
            }
            if (demand.rejectedBy == member.pack) {
                return outcome.rejected(new Rejection("invalid-module", "no"));
            }
            compiled = true;
            return outcome.compiled(1);
        }

        private Workbench bench(Member member) {
            PrecompilerConfig config = Worker.config(folder, 1, member.limits, member.caps, Duration.ZERO);
            Precompiler.Messages messages = new Precompiler.Messages(
                    new InProcessQueue(1, clock), new InProcessEvents(), new InProcessDeadLetters(), alive);
            return new Workbench(config, () -> key, stores, messages, clock, aot, new LeftToOthers());
        }
    }
}
