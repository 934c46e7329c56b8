/**
 * Any chat model of LangChain4j as a reflex's model. Needs langchain4j-core, which is an optional dependency.
 *
 * <p>The type to start from is {@link dev.reflexloop.llm.langchain4j.LangChain4jModel}.
 */
@NullMarked
package dev.reflexloop.llm.langchain4j;

import org.jspecify.annotations.NullMarked;
