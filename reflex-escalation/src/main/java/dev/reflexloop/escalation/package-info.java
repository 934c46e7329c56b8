/**
 * Where situations go that the reflex hands over, and how the answers come back.
 *
 * <p>An {@code EscalationInbox} keeps what was handed over until it is answered. Start from {@code FileEscalationSink} where the strategist is a
 * program that reads and writes files, and from {@code StrategistDesk} where it is a {@code Strategist}: a chat model or a command. Both
 * work on one inbox, and may share it.
 */
@NullMarked
package dev.reflexloop.escalation;

import org.jspecify.annotations.NullMarked;
