/** The command {@code precast}: one class a command, and what they share. */
@NullMarked
package dev.precast.cli;

import org.jspecify.annotations.NullMarked;
