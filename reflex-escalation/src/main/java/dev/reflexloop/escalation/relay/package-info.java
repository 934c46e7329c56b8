/**
 * Passes alerts on to people: Discord, Telegram, any webhook, a folder of message files, the log.
 *
 * <p>The type to start from is {@link dev.reflexloop.escalation.relay.AlertRelay}; whoever wants another way out writes a
 * {@link dev.reflexloop.escalation.relay.RelayChannel}.
 */
@NullMarked
package dev.reflexloop.escalation.relay;

import org.jspecify.annotations.NullMarked;
