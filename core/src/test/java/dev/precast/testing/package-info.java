/** How much the tests of all modules try, and with which random numbers. */
@NullMarked
package dev.precast.testing;

import org.jspecify.annotations.NullMarked;
