/**
 * Models behind a server: a question becomes one small request, the probabilities in the reply become the answer.
 *
 * <p>The type to start from is {@link dev.reflexloop.llm.server.Endpoint}: where the server listens, and how to be let in.
 */
@NullMarked
package dev.reflexloop.llm.server;

import org.jspecify.annotations.NullMarked;
