package dev.reflexloop.benchmarks;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.server.Endpoint;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Function;

/**
 * One kind of model over the wire.
 *
 * @param name names its figures
 * @param server where the server listens that it is made for
 * @param schema what it is asked about
 * @param perceptions what it is shown
 * @param model makes it, for a proxy in front of the server
 */
record FaultAdapter(
        String name,
        InetSocketAddress server,
        ActionSchema schema,
        List<Perception> perceptions,
        Function<Endpoint, ReflexModel> model) {}
