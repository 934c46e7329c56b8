package dev.reflexloop.examples.heartbeat;

/**
 * What the hard-coded rules make of one probe. Immutable.
 *
 * @param severity how bad it is
 * @param words what is the matter, without the probe's name
 */
record Finding(Severity severity, String words) {}
