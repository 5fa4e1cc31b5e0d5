package dev.precast.bench;

/**
 * A first call.
 *
 * @param name of what was called
 * @param outcome how it ended: returned, exit code, or the name of what was thrown
 * @param printed what the module wrote on either stream
 */
@SuppressWarnings("ArrayRecordComponent")
record Called(String name, String outcome, byte[] printed) {}
