/**
 * What a person who extends Reflex needs to test the extension.
 *
 * <p>Contract tests for each extension point, to be inherited by a test class of your own; a clock that moves only when told to;
 * models that answer from a script, or that fail in every way a real one can: late, never, illegally, or with an exception; a proxy that
 * spoils the exchanges between a client and a real model server.
 *
 * <p>The type to start from is {@code ReflexModelContractTest} for the author of a model, {@code ManualClock} and
 * {@code ScriptedModel} for the author of a bot.
 */
@NullMarked
package dev.reflexloop.testkit;

import org.jspecify.annotations.NullMarked;
