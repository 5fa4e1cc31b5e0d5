/** Engine packs as folders: their digest, which attestations name, and the list of those that a build put together. */
@NullMarked
package dev.precast.pack;

import org.jspecify.annotations.NullMarked;
