/**
 * Models behind a server: a question becomes one small request, the probabilities in the reply become the answer.
 *
 * <p>The type to start from is {@link dev.reflexloop.llm.server.LlamaServerModel}, for any plain model behind a llama-server, or {@link
 * dev.reflexloop.llm.server.SystemOneModel}, for decision models. {@link dev.reflexloop.llm.server.Endpoint} says where a server listens and how
 * to be let in, {@link dev.reflexloop.llm.server.LlamaServer} starts one.
 */
@NullMarked
package dev.reflexloop.llm.server;

import org.jspecify.annotations.NullMarked;
