/**
 * Models around models: each adds one thing to any {@link dev.reflexloop.ReflexModel} and is one itself, so that they can be used
 * alone or inside each other.
 *
 * <ul>
 *   <li>{@link dev.reflexloop.llm.decorator.ModelPool}: several servers as one model;
 *   <li>{@link dev.reflexloop.llm.decorator.ModelRouter}: another model for each scenario or tier;
 *   <li>{@link dev.reflexloop.llm.decorator.AdaptiveLimitModel}: as many calls in flight as the model bears (needs concurrency-limits-core);
 *   <li>{@link dev.reflexloop.llm.decorator.DecisionCacheModel}: nobody is asked twice (needs Caffeine);
 *   <li>{@link dev.reflexloop.llm.decorator.CircuitBreakerModel}: a broken model is left alone for a while (needs resilience4j-circuitbreaker);
 *   <li>{@link dev.reflexloop.llm.decorator.CalibratedModel}: probabilities that mean what they say;
 *   <li>{@link dev.reflexloop.llm.decorator.OrderSwapModel}: asks again in reversed order where the order may have decided;
 *   <li>{@link dev.reflexloop.llm.decorator.CascadeModel}: a cheap model first, a larger one in doubt;
 *   <li>{@link dev.reflexloop.llm.decorator.SideQuestionsModel}: answers side questions for models that do not.
 * </ul>
 *
 * <p>What they have in common: {@code ask} returns at once, whatever the models inside do; cancelling a call cancels the calls that it
 * stands for; a hint to prepare is passed on; closing one closes what is inside. The three that need a library name it in the class, and
 * nothing else in this module loads it. A decorator of your own hands cancelling on with a {@link dev.reflexloop.llm.Relay}.
 */
@NullMarked
package dev.reflexloop.llm.decorator;

import org.jspecify.annotations.NullMarked;
