/** The telemetry bus for those who have a monitoring system: Micrometer metrics and OpenTelemetry spans. */
@NullMarked
package dev.reflexloop.telemetry;

import org.jspecify.annotations.NullMarked;
