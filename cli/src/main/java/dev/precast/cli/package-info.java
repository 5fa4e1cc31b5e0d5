/** The command line. */
@NullMarked
package dev.precast.cli;

import org.jspecify.annotations.NullMarked;
