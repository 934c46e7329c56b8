package dev.reflexloop.llm;

import dev.reflexloop.Perception;
import java.util.List;
import java.util.Map;

/**
 * In which order the facts of a perception stand in a prompt. A model pays for every token behind the first one that changed, so
 * stable facts belong in front. Implementations are thread-safe.
 */
public interface FactOrder {

    /**
     * The order for one perception.
     *
     * @param perception what is seen; asked about once or more in each tick
     * @param shown by fact name, in the perception's order, how the fact is going to be shown
     * @return the names in the order to show them in; those left out are not shown
     */
    List<String> arrange(Perception perception, Map<String, String> shown);

    /**
     * What tells this order from another one, for the record of what decides.
     *
     * @return a short text, always the same for the same order; the class's name by default, of a lambda that of the class that made it
     */
    default String settings() {
        String name = getClass().getName();
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : name.substring(0, lambda);
    }

    /**
     * The perception's own order.
     *
     * @return an order that learns nothing
     */
    static FactOrder given() {
        return new GivenFactOrder();
    }

    /**
     * An order that is learned for each entity from what was seen to change in the last 64 ticks: facts that change rarely come first, and
     * of those that change equally often the one of which most stays, such as a long name, because the first change is where the work begins.
     *
     * <p>A new order costs once what stands from the first moved fact on. So it is looked for every 16 ticks, and taken only when it would
     * have saved more than twice that within the ticks that are remembered, measured in characters. Facts that were never seen before stand last until
     * then. The same perceptions give the same orders. It remembers 256 entities and 256 facts of each; the entity that was not seen for
     * longest is forgotten, further facts stay last.
     *
     * @return a new order that has learned nothing yet; for one renderer only
     */
    static FactOrder learned() {
        return new LearnedFactOrder();
    }
}
