package dev.precast.host.service;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.host.ArtifactSource;
import dev.precast.host.CompileService;
import dev.precast.host.Finding;
import dev.precast.host.LaneSource;
import dev.precast.host.UsageService;
import dev.precast.host.WasmBytes;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One service at several addresses, such as replicas or regions that share their stores. A call goes to the first address;
 * if that does not answer, or answers that it cannot serve now (status 429, 502, 503, 504), to the next. An address that
 * failed is then asked after the others, for as long as its {@code Retry-After} says, up to a minute; for 1 s if it did not
 * answer. All other answers are final, so a module that one address does not know is not looked up at another. If all
 * addresses fail, the call is repeated as {@link ServiceClientBuilder#retryFor} says. Thread safe.
 */
public final class ServiceGroup implements ArtifactSource, CompileService, LaneSource, UsageService {
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);
    private static final Duration FIRST_REST = Duration.ofSeconds(1);

    private final List<Member> members;
    private final Retries retries;

    private ServiceGroup(List<Member> members, Retries retries) {
        this.members = members;
        this.retries = retries;
    }

    /**
     * Makes a group.
     *
     * @param clients one client for each address, the preferred one first; at least one
     * @throws IllegalArgumentException if there is none
     */
    public static ServiceGroup of(List<ServiceClient> clients) {
        if (clients.isEmpty()) {
            throw new IllegalArgumentException("service: expected at least one address, found none");
        }
        return new ServiceGroup(
                clients.stream().map(client -> new Member(client.once())).toList(), Retries.longest(clients));
    }

    /** A client, and until when the others are asked before it. */
    private static final class Member {
        private final ServiceClient client;
        private volatile long restsUntil = System.nanoTime();

        Member(ServiceClient client) {
            this.client = client;
        }

        boolean rests() {
            return System.nanoTime() - restsUntil < 0;
        }

        /** Makes a call. After a failure of the address, the others are asked before it for a while. */
        <T> T make(Call<T> call) throws IOException {
            try {
                return call.on(client);
            } catch (IOException e) {
                failed(e);
                throw e;
            }
        }

        /** Lets the address rest if another one may succeed after this failure. */
        void failed(IOException e) {
            if (!mayHelp(e)) {
                return;
            }
            Duration rest = e instanceof ServiceException.Problem problem ? problem.retryAfter() : FIRST_REST;
            restsUntil = System.nanoTime() + (rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest).toNanos();
        }
    }

    /** A call to one address. */
    private interface Call<T> {
        T on(ServiceClient client) throws IOException;
    }

    private <T> T first(Call<T> call) throws IOException {
        return retries.run(() -> once(call));
    }

    private <T> T once(Call<T> call) throws IOException {
        IOException last = null;
        for (Member member : inOrder()) {
            try {
                return member.make(call);
            } catch (IOException e) {
                if (last != null) {
                    e.addSuppressed(last);
                }
                if (!mayHelp(e)) {
                    throw e;
                }
                last = e;
            }
        }
        throw last == null ? new IOException("service: no address") : last;
    }

    /** The members that work, then those that failed a short time ago. */
    private List<Member> inOrder() {
        List<Member> ordered = new ArrayList<>(members.size());
        List<Member> resting = new ArrayList<>();
        for (Member member : members) {
            (member.rests() ? resting : ordered).add(member);
        }
        ordered.addAll(resting);
        return ordered;
    }

    /** Whether another address may succeed after this failure. */
    private static boolean mayHelp(IOException e) {
        return e instanceof ServiceException.NoAnswer
                || (e instanceof ServiceException.Problem problem
                        && switch (problem.status()) {
                            case 429, 502, 503, 504 -> true;
                            default -> false;
                        });
    }

    @Override
    public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
        return first(client -> client.find(modules, lanes));
    }

    @Override
    public Optional<byte[]> trust() throws IOException {
        return first(ServiceClient::trust);
    }

    @Override
    public Optional<byte[]> current() throws IOException {
        return first(ServiceClient::current);
    }

    @Override
    public List<OfferedLane> lanes() throws IOException {
        return first(ServiceClient::lanes);
    }

    /** Opens the payload. If an address fails in the middle of it, the next one delivers the rest. */
    @Override
    public InputStream open(Attestation attestation) throws IOException {
        return opened(client -> client.open(attestation));
    }

    @Override
    public InputStream openPlain(Attestation attestation) throws IOException {
        return opened(client -> client.openPlain(attestation));
    }

    private InputStream opened(Call<InputStream> call) throws IOException {
        return retries.run(() -> openedOnce(call));
    }

    private InputStream openedOnce(Call<InputStream> call) throws IOException {
        List<FallbackStream.Place> places = new ArrayList<>();
        for (Member member : inOrder()) {
            places.add(new FallbackStream.Place() {
                @Override
                public InputStream open() throws IOException {
                    return call.on(member.client);
                }

                @Override
                public void failed(IOException failure) {
                    member.failed(failure);
                }
            });
        }
        return FallbackStream.of(places, ServiceGroup::mayHelp);
    }

    @Override
    public KeyState compile(ArtifactKey key, WasmBytes wasm, Duration wait) throws IOException {
        long deadline = System.nanoTime() + wait.toNanos();
        return first(client -> {
            long left = Math.max(0, deadline - System.nanoTime());
            return client.compile(key, wasm, Duration.ofNanos(left));
        });
    }

    @Override
    public boolean reportDamage(Attestation attestation, Duration wait) {
        return inOrder().get(0).client.reportDamage(attestation, wait);
    }

    @Override
    public void reportUnloadable(Attestation attestation) {
        inOrder().get(0).client.reportUnloadable(attestation);
    }

    @Override
    public void report(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) throws IOException {
        first(client -> {
            client.report(group, loads);
            return loads;
        });
    }

    @Override
    public List<ModuleDigest> used(Optional<String> group, Duration within) throws IOException {
        return first(client -> client.used(group, within));
    }

    @Override
    public String toString() {
        return members.stream().map(member -> member.client.toString()).collect(Collectors.joining(" or "));
    }
}
