package dev.reflexloop.escalation.relay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Alert;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A Discord webhook. */
final class DiscordChannel extends HttpChannel {
    private static final int LONGEST = 2_000;
    private static final Pace PACE = new Pace(5, Duration.ofSeconds(2));
    /** What has a meaning in the middle of a line; there is but one line, and it begins with the level. */
    private static final String MARKDOWN = "\\*_~`|[]<@";

    private static final Set<String> HOSTS =
            Set.of("discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com");
    private static final String UNVERSIONED = "/api/webhooks/";

    private DiscordChannel(HttpDelivery delivery) {
        super(delivery);
    }

    static DiscordChannel create(Secret webhook) {
        URI address = HttpPost.address(webhook);
        return new DiscordChannel(new HttpDelivery(
                "Discord", new HttpPost(exact(address), Map.of()), "/retry_after", List.of(webhook.reveal())));
    }

    /**
     * The address that Discord hands out names no version of its API, and so means an old one, in which 429 counts milliseconds instead of seconds;
     * and without {@code wait} it answers before it has stored the message.
     */
    static URI exact(URI address) {
        String path = address.getRawPath() == null ? "" : address.getRawPath();
        boolean discords = HOSTS.contains(address.getHost()) && path.startsWith(UNVERSIONED);
        String versioned = discords ? "/api/v10/webhooks/" + path.substring(UNVERSIONED.length()) : path;
        String query = address.getRawQuery() == null ? "" : address.getRawQuery();
        boolean waits = List.of(query.split("&")).contains("wait=true");
        String waiting = waits ? query : query.isEmpty() ? "wait=true" : query + "&wait=true";
        return URI.create(address.getScheme() + "://" + address.getRawAuthority() + versioned + "?" + waiting);
    }

    @Override
    void write(Alert alert, ObjectNode message) {
        message.put("content", AlertText.of(alert, LONGEST, DiscordChannel::escaped));
        message.putObject("allowed_mentions").putArray("parse");
    }

    private static String escaped(int character) {
        String text = Character.toString(character);
        return MARKDOWN.contains(text) ? "\\" + text : text;
    }

    @Override
    public Pace pace() {
        return PACE;
    }
}
