/** Finds, starts, watches and stops servers as child processes on loopback. */
@NullMarked
package dev.precast.launcher;

import org.jspecify.annotations.NullMarked;
