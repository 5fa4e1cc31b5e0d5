/** The contract suite of engine packs, and a pack of shell scripts. */
@NullMarked
package dev.precast.testkit.pack;

import org.jspecify.annotations.NullMarked;
