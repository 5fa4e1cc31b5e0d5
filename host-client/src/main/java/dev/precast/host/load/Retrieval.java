package dev.precast.host.load;

import com.github.luben.zstd.ZstdIOException;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.host.PayloadSource;
import dev.precast.host.disk.DiskTroubleException;
import dev.precast.host.service.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Downloads a payload. If its bytes are damaged, tries the other stored form, then reports the damage, and, if the
 * source says that the payload is whole now, downloads it once more.
 */
public final class Retrieval {
    /** How long a load waits for the service to check a payload. */
    private static final Duration WAIT = Duration.ofSeconds(3);

    private Retrieval() {}

    /**
     * What the caller does with the bytes.
     *
     * @param <T> the result
     */
    public interface Use<T> {
        /**
         * Reads the payload to its end and verifies it.
         *
         * @throws RefusedException if the bytes are not the attested ones
         */
        T of(InputStream payload) throws IOException, RefusedException;

        /** The bytes of the first download were damaged. */
        default void damaged(Exception why) {}
    }

    /**
     * Downloads a payload from a source.
     *
     * @throws RefusedException if the source has no undamaged payload
     * @throws IOException if the source fails, or {@code use} fails
     */
    public static <T> T of(PayloadSource source, Attestation attestation, Use<T> use)
            throws IOException, RefusedException {
        try (InputStream in = source.open(attestation)) {
            return use.of(in);
        } catch (RefusedException | ServiceException.BadAnswer e) {
            T rescued = isDamage(e) ? rescued(source, attestation, use, e) : null;
            if (rescued == null) {
                throw e;
            }
            return rescued;
        }
    }

    private static boolean isDamage(Exception e) {
        return e instanceof RefusedException refused
                ? refused.check() == Check.PAYLOAD
                : e.getCause() instanceof ZstdIOException;
    }

    /** The result of a further download; null if the source has no undamaged payload. */
    private static <T> @Nullable T rescued(PayloadSource source, Attestation attestation, Use<T> use, Exception first)
            throws DiskTroubleException {
        use.damaged(first);
        T other = attestation.compressed().isPresent() ? plain(source, attestation, use, first) : null;
        if (other != null) {
            source.reportDamage(attestation, Duration.ZERO);
            return other;
        }
        return source.reportDamage(attestation, WAIT) ? plain(source, attestation, use, first) : null;
    }

    private static <T> @Nullable T plain(PayloadSource source, Attestation attestation, Use<T> use, Exception first)
            throws DiskTroubleException {
        try (InputStream in = source.openPlain(attestation)) {
            return use.of(in);
        } catch (DiskTroubleException e) {
            throw e;
        } catch (RefusedException | IOException e) {
            first.addSuppressed(e);
            return null;
        }
    }
}
