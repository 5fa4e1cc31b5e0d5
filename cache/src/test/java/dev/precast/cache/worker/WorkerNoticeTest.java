package dev.precast.cache.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.CompileTerms;
import dev.precast.cache.outcome.Limits;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkerNoticeTest {
    private static final Digest LANE = Digest.of(new byte[] {1});
    private static final Digest OTHER = Digest.of(new byte[] {2});
    private static final Digest PACK = Digest.of(new byte[] {3});
    private static final JsonObject CAPS = JsonObject.EMPTY.with("functions", 1);
    private static final WorkerNotice NOTICE = notice(Map.of(LANE, PACK, OTHER, PACK));

    private static WorkerNotice notice(Map<Digest, Digest> packs) {
        return new WorkerNotice("one", Set.of(LANE, OTHER), 2, Limits.DEFAULT, CAPS, packs);
    }

    @Test
    void a_pack_is_written_once_with_the_positions_of_its_lanes() {
        assertThat(NOTICE.packsToJson())
                .isEqualTo(JsonObject.EMPTY.with(PACK.toString(), Json.of(List.of(Json.of(0), Json.of(1)))));
        assertThat(WorkerNotice.fromJson(NOTICE.toJson()).withPacks(NOTICE.packsToJson()))
                .isEqualTo(NOTICE);
    }

    @Test
    void packs_of_lanes_that_are_not_served_are_refused() {
        JsonObject json = JsonObject.EMPTY.with(PACK.toString(), Json.of(List.of(Json.of(2))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NOTICE.withPacks(json))
                .withMessage("pack " + PACK + ": expected positions from 0 to 1, found 2");
    }

    @Test
    void a_worker_that_does_not_tell_a_pack_has_the_registered_one() {
        CompileTerms told = new CompileTerms(PACK, Limits.DEFAULT, CAPS);
        CompileTerms registered = new CompileTerms(OTHER, Limits.DEFAULT, CAPS);
        List<WorkerNotice> workers = List.of(NOTICE, notice(Map.of(OTHER, PACK)));

        assertThat(WorkerNotice.terms(workers, LANE, OTHER)).containsExactly(told, registered);
        assertThat(WorkerNotice.terms(workers, PACK, OTHER)).isEmpty();
    }

    @Test
    void terms_of_workers_in_trouble_count_only_if_no_worker_takes_requests() {
        WorkerNotice troubled = new WorkerNotice(
                "two",
                Set.of(LANE),
                0,
                Limits.DEFAULT,
                JsonObject.EMPTY,
                Map.of(LANE, OTHER),
                Optional.of(new Trouble(Trouble.Kind.DISK, "full")));
        CompileTerms taking = new CompileTerms(PACK, Limits.DEFAULT, CAPS);
        CompileTerms waiting = new CompileTerms(OTHER, Limits.DEFAULT, JsonObject.EMPTY);

        assertThat(WorkerNotice.terms(List.of(NOTICE, troubled), LANE, PACK)).containsExactly(taking);
        assertThat(WorkerNotice.terms(List.of(troubled), LANE, PACK)).containsExactly(waiting);
    }
}
