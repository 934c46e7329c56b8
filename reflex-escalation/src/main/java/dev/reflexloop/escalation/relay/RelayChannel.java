package dev.reflexloop.escalation.relay;

import dev.reflexloop.Alert;
import dev.reflexloop.Deadline;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One way on which alerts reach people. Extend the relay by writing one: {@link #deliver} is all it needs.
 *
 * <p>A relay calls a channel on one thread that belongs to this channel alone, one alert at a time, in the order in which they were raised,
 * and closes it. The channel may block; the deadline says until when it should. What it throws counts as a failed attempt.
 *
 * <p>The same alert may come again when this process died between its delivery and the note of it: deliver it again, or fold it by its id.
 */
@FunctionalInterface
public interface RelayChannel extends AutoCloseable {

    /**
     * Tries once to deliver an alert; repeating is the relay's part.
     *
     * @param alert the alert; its mission and text may hold words of the game, and so anything
     * @param deadline until when it should be done
     * @return how it ended
     */
    Delivery deliver(Alert alert, Deadline deadline);

    /**
     * How often it may be used.
     *
     * @return at most 10 attempts a second by default
     */
    default Pace pace() {
        return new Pace(10, Duration.ofSeconds(1));
    }

    /** Frees what the channel holds, and cuts a delivery under way short. Called from another thread; idempotent; returns at once. */
    @Override
    default void close() {}

    /**
     * A Discord webhook, at most 5 messages in 2 seconds. Nobody is mentioned and no Markdown takes effect, whatever the text says; it is cut to
     * 2,000 characters.
     *
     * @param webhook the webhook's whole address, which is the secret; a query such as {@code thread_id} may follow it
     * @return the channel
     * @throws RelayException if the secret is no address
     */
    static RelayChannel discord(Secret webhook) {
        return DiscordChannel.create(webhook);
    }

    /**
     * A chat with a Telegram bot, at most one message a second. The text is sent as it is, without any markup, and cut to 4,096 characters.
     *
     * @param token the bot's token
     * @param chat the chat's id, or {@code @name} of a channel
     * @return the channel
     */
    static RelayChannel telegram(Secret token, String chat) {
        return telegram(token, chat, URI.create("https://api.telegram.org"));
    }

    /**
     * The same through a Bot API server of one's own.
     *
     * @param token the bot's token
     * @param chat the chat's id, or {@code @name} of a channel
     * @param server where the Bot API listens, {@code http} or {@code https}
     * @return the channel
     */
    static RelayChannel telegram(Secret token, String chat, URI server) {
        return TelegramChannel.create(token, chat, server);
    }

    /**
     * Any other server: posts {@code {"id","level","mission","text","at"}}; every 2xx answer means that it has arrived.
     *
     * @param address where to, {@code http} or {@code https}
     * @return the channel
     * @throws RelayException if the secret is no address
     */
    static RelayChannel webhook(Secret address) {
        return WebhookChannel.create(address);
    }

    /**
     * The same with a header by which the server knows us.
     *
     * @param address where to, {@code http} or {@code https}
     * @param header the header's name, such as {@code Authorization}
     * @param value the header's value, whole
     * @return the channel
     * @throws RelayException if the secret is no address
     */
    static RelayChannel webhook(Secret address, String header, Secret value) {
        return WebhookChannel.create(address, header, value);
    }

    /**
     * A folder into which every alert is put as a file {@code TIME-HASH.msg}, whole or not at all; names sort by the alerts' times, and an alert
     * that is delivered again replaces its file. Holds {@code {"type":"send_packet_incoming","content":{"msg":"...","formatted_msg":"..."}}},
     * which {@link MessagePacket} reads. While 10,000 files lie there unread, alerts wait.
     *
     * @param folder the folder; created when it is missing
     * @return the channel
     */
    static RelayChannel messageFiles(Path folder) {
        return new MessageFileChannel(folder);
    }

    /**
     * The log: SLF4J's logger {@code dev.reflexloop.alerts}, at INFO, WARN or ERROR by the alert's level.
     *
     * @return the channel
     */
    static RelayChannel log() {
        return new LogChannel();
    }
}
