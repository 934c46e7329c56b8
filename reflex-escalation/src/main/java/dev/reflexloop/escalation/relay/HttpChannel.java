package dev.reflexloop.escalation.relay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Alert;
import dev.reflexloop.Deadline;

/** A channel that posts one JSON object for each alert. */
abstract class HttpChannel implements RelayChannel {
    private final HttpDelivery delivery;

    HttpChannel(HttpDelivery delivery) {
        this.delivery = delivery;
    }

    /** Writes into an empty object what the service is to be sent. */
    abstract void write(Alert alert, ObjectNode message);

    @Override
    public final Delivery deliver(Alert alert, Deadline deadline) {
        ObjectNode message = HttpDelivery.JSON.createObjectNode();
        write(alert, message);
        return delivery.deliver(message, deadline);
    }

    @Override
    public final void close() {
        delivery.close();
    }

    @Override
    public final String toString() {
        return delivery.toString();
    }
}
