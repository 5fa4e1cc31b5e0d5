/** A folder of verified artifacts that hosts load without a service, and the verification of an artifact as a whole. */
@NullMarked
package dev.precast.host.folder;

import org.jspecify.annotations.NullMarked;
