/** Real servers for tests, found or installed by {@code build/find-server}. Each is a process on a port of loopback. */
@NullMarked
package dev.precast.testkit.server;

import org.jspecify.annotations.NullMarked;
