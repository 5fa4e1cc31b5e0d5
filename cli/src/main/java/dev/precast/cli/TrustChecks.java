package dev.precast.cli;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.PolicyAge;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.service.ServiceClient;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The checks of {@code doctor} on the service's trust policy, and on the proof that the policy is current. */
final class TrustChecks {
    private static final String POLICY = "policy";
    private static final String PROOF = "proof";
    private static final String ONLINE_KEY = "online key";
    private static final String NEXT = "; sign the next version and publish it, see docs/how-to/rotate-keys.md";

    private final Instant now;
    private final List<DoctorFinding> findings = new ArrayList<>();

    private TrustChecks(Instant now) {
        this.now = now;
    }

    /** Reads and checks what the service has. */
    static List<DoctorFinding> of(ServiceClient service, TrustRoot root, Instant now) throws IOException {
        TrustChecks checks = new TrustChecks(now);
        byte[] envelope = service.trust().orElse(null);
        if (envelope == null) {
            return List.of(DoctorFinding.fail(POLICY, Exit.NOT_FOUND, "the service has none"));
        }
        try {
            TrustPolicy policy = root.open(envelope, 0);
            checks.policy(policy);
            checks.proof(service.current().orElse(null), root, envelope, policy);
        } catch (RefusedException e) {
            checks.refused(POLICY, e);
        }
        return checks.findings;
    }

    private void policy(TrustPolicy policy) throws RefusedException {
        policy.requireInForce(now, false);
        String detail = "version " + policy.version() + ", until " + policy.expiresAt();
        findings.add(
                PolicyAge.of(policy, now) == PolicyAge.FRESH
                        ? DoctorFinding.ok(POLICY, detail)
                        : DoctorFinding.warn(POLICY, detail + NEXT));
    }

    private void proof(byte @Nullable [] json, TrustRoot root, byte[] envelope, TrustPolicy policy) {
        if (json == null) {
            findings.add(DoctorFinding.warn(
                    PROOF,
                    "no online key has signed that the policy is current, so hosts that know no policy yet refuse it; "
                            + "see docs/how-to/rotate-keys.md"));
            return;
        }
        try {
            FreshnessProof.Verified verified = FreshnessProof.parse(json).verify(root, 0);
            verified.requireInForce(now);
            verified.requireCurrent(envelope, policy);
            findings.add(DoctorFinding.ok(
                    PROOF,
                    "policy " + verified.statement().version() + " is current, valid until "
                            + verified.statement().expiresAt()));
            Appointment appointment = verified.appointment();
            String detail = appointment.key().id() + ", appointment " + appointment.version() + ", until "
                    + appointment.expiresAt();
            findings.add(
                    PolicyAge.of(appointment, now) == PolicyAge.FRESH
                            ? DoctorFinding.ok(ONLINE_KEY, detail)
                            : DoctorFinding.warn(ONLINE_KEY, detail + NEXT));
        } catch (RefusedException e) {
            refused(PROOF, e);
        }
    }

    private void refused(String check, RefusedException e) {
        findings.add(DoctorFinding.fail(check, Exit.UNVERIFIED, e.getMessage() == null ? "refused" : e.getMessage()));
    }
}
