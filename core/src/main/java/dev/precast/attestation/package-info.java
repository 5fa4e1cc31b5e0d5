/**
 * Proof that a payload belongs to an artifact key: DSSE envelope, in-toto statement, signer, verifier and the signed
 * trust policy.
 */
@NullMarked
package dev.precast.attestation;

import org.jspecify.annotations.NullMarked;
