package dev.reflexloop.llm.server;

import java.io.IOException;
import java.util.List;

/** Tokens by which options are scored, in the options' order. */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Labels(int[] tokens, List<String> texts) {

    /** The place of a token, or -1. */
    int indexOf(int token) {
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] == token) {
                return i;
            }
        }
        return -1;
    }

    /** Sees to it that the server means the same text by a label's token: another model may have taken its place. */
    void check(int index, String text) throws IOException {
        if (!texts.get(index).strip().equals(text.strip())) {
            throw new IOException("the server's vocabulary has another text for the token of label '" + texts.get(index)
                    + "'; its model was changed");
        }
    }
}
