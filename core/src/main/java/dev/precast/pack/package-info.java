/** Engine packs as folders: their digests, and the list of the packs in a folder. */
@NullMarked
package dev.precast.pack;

import org.jspecify.annotations.NullMarked;
