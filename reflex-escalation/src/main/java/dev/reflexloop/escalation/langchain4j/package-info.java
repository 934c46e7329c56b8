/**
 * Strategists on the chat models of LangChain4j, an optional dependency that whoever uses this package adds. Start from
 * {@code ChatStrategist}.
 */
@NullMarked
package dev.reflexloop.escalation.langchain4j;

import org.jspecify.annotations.NullMarked;
