/** What a precompiler is asked for and what it answers: requests, outcomes, limits, the queue and event ports. */
@NullMarked
package dev.precast.compile;

import org.jspecify.annotations.NullMarked;
