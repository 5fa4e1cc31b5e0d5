/** Real servers for tests. {@code build/find-server} finds or installs them. Each is a process on a loopback port. */
@NullMarked
package dev.precast.testkit.server;

import org.jspecify.annotations.NullMarked;
