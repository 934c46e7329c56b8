package dev.reflexloop.benchmarks;

import com.knuddels.jtokkit.Encodings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A byte-pair vocabulary from a file of ranks, as jtokkit brings them: the tokens in the writing of GPT-2, where every byte is a printable
 * character, and the merges that lead to them. A file of ranks does not tell the merges; a token's last one joins the two parts that remain
 * when it is merged with the ranks below its own.
 *
 * @param tokens in the order of their ranks
 * @param merges two tokens with a space between, in the order of the ranks of what they become
 */
record BytePairs(List<String> tokens, List<String> merges) {

    static BytePairs load(String name, int most) {
        Map<String, Integer> ranks = new HashMap<>();
        List<String> tokens = new ArrayList<>();
        for (byte[] bytes : read(name, most)) {
            String token = printable(bytes);
            ranks.put(token, tokens.size());
            tokens.add(token);
        }
        List<String> merges = new ArrayList<>();
        for (int rank = 0; rank < tokens.size(); rank++) {
            if (tokens.get(rank).length() > 1) {
                merges.add(String.join(" ", lastParts(tokens.get(rank), rank, ranks)));
            }
        }
        return new BytePairs(tokens, merges);
    }

    /** The tokens' bytes in the order of their ranks. */
    static List<byte[]> read(String name, int most) {
        List<byte[]> all = new ArrayList<>();
        try (InputStream in = Encodings.class.getResourceAsStream(name + ".tiktoken")) {
            if (in == null) {
                throw new IllegalStateException("jtokkit brings no " + name + ".tiktoken");
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            for (String line = lines.readLine(); line != null && all.size() < most; line = lines.readLine()) {
                String[] parts = line.split(" ", 2);
                if (Integer.parseInt(parts[1]) != all.size()) {
                    throw new IllegalStateException("rank " + all.size() + " is missing in " + name + ".tiktoken");
                }
                all.add(Base64.getDecoder().decode(parts[0]));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("the tokens of " + name + " cannot be read", failure);
        }
        return all;
    }

    private static List<String> lastParts(String token, int own, Map<String, Integer> ranks) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < token.length(); i++) {
            parts.add(token.substring(i, i + 1));
        }
        while (parts.size() > 2) {
            int best = own;
            int at = -1;
            for (int i = 0; i + 1 < parts.size(); i++) {
                Integer rank = ranks.get(parts.get(i).concat(parts.get(i + 1)));
                if (rank != null && rank < best) {
                    best = rank;
                    at = i;
                }
            }
            if (at < 0) {
                throw new IllegalStateException("no merges lead to the token '" + token + "'");
            }
            parts.set(at, parts.get(at).concat(parts.remove(at + 1)));
        }
        return parts;
    }

    /** GPT-2's writing: printable bytes are themselves, the others are the characters from 256 on. */
    private static String printable(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte each : bytes) {
            text.append(PRINTABLE[each & 0xff]);
        }
        return text.toString();
    }

    private static final char[] PRINTABLE = new char[256];

    static {
        char next = 256;
        for (int value = 0; value < 256; value++) {
            boolean itself = (value >= '!' && value <= '~') || (value >= 0xa1 && value <= 0xac) || value >= 0xae;
            PRINTABLE[value] = itself ? (char) value : next++;
        }
    }
}
