/** The command {@code precast}: one class for each command, and shared classes. */
@NullMarked
package dev.precast.cli;

import org.jspecify.annotations.NullMarked;
