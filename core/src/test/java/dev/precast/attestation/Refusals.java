package dev.precast.attestation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Assertions about the check that a refusal names. */
public final class Refusals {
    private Refusals() {}

    public static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(Check check, ThrowingCallable call) {
        return assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> Assertions.assertThat(e.check()).isEqualTo(check));
    }
}
