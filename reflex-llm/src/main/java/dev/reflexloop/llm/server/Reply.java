package dev.reflexloop.llm.server;

/**
 * What a server sent back. Its body is hostile.
 *
 * @param status the HTTP status
 * @param body the whole body, no longer than the endpoint allows; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // read once by one reader, then dropped; a copy would only cost
record Reply(int status, byte[] body) {}
