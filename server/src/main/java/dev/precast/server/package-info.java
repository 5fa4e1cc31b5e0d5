/** The Quarkus application with the roles API and worker. */
@NullMarked
package dev.precast.server;

import org.jspecify.annotations.NullMarked;
