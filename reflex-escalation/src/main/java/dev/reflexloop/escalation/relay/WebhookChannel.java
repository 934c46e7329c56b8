package dev.reflexloop.escalation.relay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Alert;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Any server that takes alerts as JSON. */
final class WebhookChannel extends HttpChannel {
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    private WebhookChannel(HttpDelivery delivery) {
        super(delivery);
    }

    static WebhookChannel create(Secret address) {
        return create(address, Map.of(), List.of(address.reveal()));
    }

    static WebhookChannel create(Secret address, String header, Secret value) {
        if (!HEADER.matcher(header).matches()) {
            throw new IllegalArgumentException(
                    "header of a webhook is '" + header + "'; give a name such as Authorization");
        }
        return create(address, Map.of(header, value.reveal()), List.of(address.reveal(), value.reveal()));
    }

    private static WebhookChannel create(Secret address, Map<String, String> headers, List<String> secrets) {
        return new WebhookChannel(new HttpDelivery(
                "the webhook", new HttpPost(HttpPost.address(address), headers), "/retry_after", secrets));
    }

    @Override
    void write(Alert alert, ObjectNode message) {
        message.put("id", alert.id());
        message.put("level", alert.level().name());
        message.put("mission", alert.mission());
        message.put("text", alert.text());
        message.put("at", alert.at().toString());
    }
}
