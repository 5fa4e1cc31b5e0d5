package dev.precast.host.prefetch;

import dev.precast.artifact.ByteRate;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Limits the total rate of all payloads that are read through it. Thread safe. */
public final class Throttle {
    /** Minimum rate of a download in bytes per second. Sources abort slower downloads. */
    public static final long LEAST_BYTES_A_DOWNLOAD = 256 << 10;

    /** Null without a limit, so that a starting host loads no class for it. */
    private final @Nullable ByteRate rate;

    /** @param bytesPerSecond at least 1; {@link Long#MAX_VALUE} for no limit */
    public Throttle(long bytesPerSecond) {
        this.rate = bytesPerSecond == Long.MAX_VALUE ? null : ByteRate.of(bytesPerSecond);
    }

    /** Wraps a source, so that its payloads count towards the rate limit. */
    ArtifactSource on(ArtifactSource source) {
        return rate == null ? source : new Slower(rate, source);
    }

    private record Slower(ByteRate rate, ArtifactSource source) implements ArtifactSource {
        @Override
        public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
            return source.find(modules, lanes);
        }

        @Override
        public InputStream open(Attestation attestation) throws IOException {
            return rate.on(source.open(attestation));
        }

        @Override
        public InputStream openPlain(Attestation attestation) throws IOException {
            return rate.on(source.openPlain(attestation));
        }

        @Override
        public boolean reportDamage(Attestation attestation, Duration wait) {
            return source.reportDamage(attestation, wait);
        }

        @Override
        public Optional<byte[]> trust() throws IOException {
            return source.trust();
        }

        @Override
        public Optional<byte[]> current() throws IOException {
            return source.current();
        }

        @Override
        public String toString() {
            return source.toString();
        }
    }
}
