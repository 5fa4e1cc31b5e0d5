/**
 * Proof that a payload is an artifact: DSSE envelope, in-toto statement, signer, verifier and the signed trust policy.
 */
@NullMarked
package dev.precast.attestation;

import org.jspecify.annotations.NullMarked;
