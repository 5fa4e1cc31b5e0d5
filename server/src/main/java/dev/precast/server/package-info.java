/** The application that assembles the roles. */
@NullMarked
package dev.precast.server;

import org.jspecify.annotations.NullMarked;
