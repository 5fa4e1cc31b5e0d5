/** The payload container of the JVM engines: an index that is signed, and entries that are verified when touched. */
@NullMarked
package dev.precast.bundle;

import org.jspecify.annotations.NullMarked;
