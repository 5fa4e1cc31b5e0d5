/** Servers as child processes on loopback: how they are found, started, watched and stopped. */
@NullMarked
package dev.precast.launcher;

import org.jspecify.annotations.NullMarked;
