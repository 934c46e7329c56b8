package dev.reflexloop.console.web;

import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryQuery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/** {@code /telemetry}: turns a connection into a reader's WebSocket. Thread-safe. */
final class TelemetryEndpoint {
    private static final Set<String> PARAMETERS = EventFilter.and("before");
    private static final int DEFAULT_BEFORE = 200;
    private static final int MOST_BEFORE = 5_000;
    private static final int MOST_SAID = 1_024;
    private static final Duration IDLE = Duration.ofMinutes(5);

    private final TelemetryBus bus;
    private final TelemetryPump pump;
    private final ServerWebSocketContainer container;

    TelemetryEndpoint(TelemetryBus bus, TelemetryPump pump, Server server) {
        this.bus = bus;
        this.pump = pump;
        this.container = ServerWebSocketContainer.ensure(server);
        container.setIdleTimeout(IDLE); // a reader that lives answers a ping long before
        container.setMaxTextMessageSize(MOST_SAID);
        container.setMaxBinaryMessageSize(MOST_SAID);
        container.setMaxFrameSize(MOST_SAID);
    }

    void open(Exchange exchange) {
        Map<String, String> parameters = exchange.parameters(PARAMETERS);
        TelemetryQuery query = EventFilter.of(parameters);
        int before = (int) Exchange.number(parameters, "before", 0, MOST_BEFORE).orElse(DEFAULT_BEFORE);
        String upgrade = exchange.request.getHeaders().get(HttpHeader.UPGRADE);
        if (!"websocket".equalsIgnoreCase(upgrade)) {
            throw new Refusal(400, "this path is a WebSocket; connect with one, or use /logs");
        }
        if (pump.readers() >= TelemetryPump.MOST_READERS) {
            throw new Refusal(429, "there are " + TelemetryPump.MOST_READERS + " readers already; close one");
        }
        boolean taken = container.upgrade(
                (request, response, callback) -> reader(request, response, query, before),
                exchange.request,
                exchange.response,
                exchange.callback);
        if (!taken) {
            throw new Refusal(400, "this is no WebSocket handshake; use a client that speaks RFC 6455");
        }
    }

    private TelemetrySocket reader(
            ServerUpgradeRequest request, ServerUpgradeResponse response, TelemetryQuery query, int before) {
        response.setExtensions(List.of()); // compressing costs more than a loopback
        if (request.hasSubProtocol(Access.PROTOCOL)) {
            response.setAcceptedSubProtocol(Access.PROTOCOL);
        }
        return new TelemetrySocket(pump, bus.subscribe(query, Integer.MAX_VALUE), before);
    }
}
