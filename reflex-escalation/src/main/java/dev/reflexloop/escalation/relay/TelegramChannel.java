package dev.reflexloop.escalation.relay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Alert;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A Telegram bot that writes into one chat. */
final class TelegramChannel extends HttpChannel {
    private static final int LONGEST = 4_096;
    private static final Pace PACE = new Pace(1, Duration.ofSeconds(1));
    private static final Pattern TOKEN = Pattern.compile("\\w+(:[\\w-]+)?");
    private static final String UNSEEN = "\u200b";

    private final String chat;

    private TelegramChannel(HttpDelivery delivery, String chat) {
        super(delivery);
        this.chat = chat;
    }

    static TelegramChannel create(Secret token, String chat, URI server) {
        if (!TOKEN.matcher(token.reveal()).matches()) {
            throw new RelayException(
                    token.toString(),
                    "What " + token
                            + " holds is no token of a Telegram bot; put there what @BotFather said, digits, a colon and"
                            + " letters",
                    null);
        }
        if (chat.isBlank()) {
            throw new IllegalArgumentException("chat of a Telegram channel is blank; give the chat's id or @name");
        }
        String base = server.toString().replaceFirst("/+$", "");
        URI address = HttpPost.address(Secret.of(base + "/bot" + token.reveal() + "/sendMessage"));
        return new TelegramChannel(
                new HttpDelivery(
                        "Telegram",
                        new HttpPost(address, Map.of()),
                        "/parameters/retry_after",
                        List.of(token.reveal())),
                chat);
    }

    @Override
    void write(Alert alert, ObjectNode message) {
        message.put("chat_id", chat);
        message.put("text", AlertText.of(alert, LONGEST, TelegramChannel::unmentioned));
    }

    /** Telegram finds mentions in plain text, too; with nothing to be seen after the sign it does not. */
    private static String unmentioned(int character) {
        return character == '@' ? "@" + UNSEEN : Character.toString(character);
    }

    @Override
    public Pace pace() {
        return PACE;
    }
}
