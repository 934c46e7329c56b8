package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.AlertSink;
import dev.reflexloop.escalation.relay.AlertRelay;
import dev.reflexloop.escalation.relay.RelayChannel;
import dev.reflexloop.escalation.relay.RelayException;
import dev.reflexloop.escalation.relay.Secret;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the relays that the environment of this process names; the log is always one of them. */
final class Relays {
    /** A Discord webhook's address. */
    static final String DISCORD = "HEARTBEAT_DISCORD";

    /** A Telegram bot's token; the chat stands in {@link #TELEGRAM_CHAT}. */
    static final String TELEGRAM = "HEARTBEAT_TELEGRAM_TOKEN";

    /** The Telegram chat's id. */
    static final String TELEGRAM_CHAT = "HEARTBEAT_TELEGRAM_CHAT";

    /** The address of any other webhook. */
    static final String WEBHOOK = "HEARTBEAT_WEBHOOK";

    /** A folder for message files. */
    static final String MESSAGES = "HEARTBEAT_MESSAGES";

    private static final Logger LOG = LoggerFactory.getLogger(Relays.class);

    private Relays() {}

    /**
     * Opens them. What could not be delivered waits in the spool for the next process; where the spool cannot be used, it waits in memory.
     *
     * @param spool a folder of the relays' own
     * @throws RelayException if a secret is none
     */
    static AlertSink open(Path spool) {
        AlertRelay.Builder relay = named();
        try {
            return relay.spool(spool).build();
        } catch (RelayException unusable) {
            LOG.error("Alerts that cannot be delivered at once will not survive this process", unusable);
            return named().build();
        }
    }

    private static AlertRelay.Builder named() {
        AlertRelay.Builder relay = AlertRelay.builder().channel("log", RelayChannel.log());
        if (isSet(DISCORD)) {
            relay.channel("discord", RelayChannel.discord(Secret.fromEnvironment(DISCORD)));
        }
        if (isSet(TELEGRAM)) {
            Secret chat = Secret.fromEnvironment(TELEGRAM_CHAT);
            relay.channel("telegram", RelayChannel.telegram(Secret.fromEnvironment(TELEGRAM), chat.reveal()));
        }
        if (isSet(WEBHOOK)) {
            relay.channel("webhook", RelayChannel.webhook(Secret.fromEnvironment(WEBHOOK)));
        }
        Optional.ofNullable(System.getenv(MESSAGES))
                .map(Path::of)
                .ifPresent(folder -> relay.channel("messages", RelayChannel.messageFiles(folder)));
        return relay;
    }

    private static boolean isSet(String variable) {
        return System.getenv(variable) != null;
    }
}
