/** The payload format of the JVM engines: a signed index and entries that are verified at their first use. */
@NullMarked
package dev.precast.bundle;

import org.jspecify.annotations.NullMarked;
