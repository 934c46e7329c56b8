/**
 * What a decision costs: JMH benchmarks of the loop and of the nano engine, and a driver that ticks at a fixed rate.
 *
 * <p>The type to start from is {@code TickDriver} for latencies as a game would see them; its figures, and those of the
 * benchmarks, go to {@code benchmarks/results} with the machine, the JVM and the commit that they belong to.
 */
@NullMarked
package dev.reflexloop.benchmarks;

import org.jspecify.annotations.NullMarked;
