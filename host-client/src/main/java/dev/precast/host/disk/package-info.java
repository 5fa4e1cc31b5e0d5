/** The disk cache: verified attestations, payloads and the trust policy in a folder of one user. */
@NullMarked
package dev.precast.host.disk;

import org.jspecify.annotations.NullMarked;
