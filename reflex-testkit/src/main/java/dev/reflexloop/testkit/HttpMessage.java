package dev.reflexloop.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request or a reply of HTTP/1.1 as it came over the wire.
 *
 * @param head the first line and the headers, with the empty line
 * @param body what follows, chunk sizes included; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // made and used in one place
record HttpMessage(String head, byte[] body) {
    private static final int MAX_HEAD = 1 << 16;

    static @Nullable HttpMessage readRequest(InputStream in) throws IOException {
        String head = readHead(in);
        return head == null ? null : new HttpMessage(head, readBody(head, in, 0));
    }

    static HttpMessage readReply(InputStream in) throws IOException {
        String head = readHead(in);
        if (head == null) {
            throw new EOFException("the server closed the connection without an answer");
        }
        boolean without = head.startsWith("204", "HTTP/1.1 ".length()) || head.startsWith("304", "HTTP/1.1 ".length());
        return new HttpMessage(head, without ? new byte[0] : readBody(head, in, -1));
    }

    /** What a request asks for, without its query. */
    String path() {
        String[] words = head.split("[ ?\r]", 4);
        return words.length > 1 ? words[1] : "";
    }

    /** Whether no further message follows on the connection. */
    boolean isLast() {
        return "close".equalsIgnoreCase(header(head, "connection"))
                || (header(head, "content-length") == null
                        && header(head, "transfer-encoding") == null
                        && body.length > 0);
    }

    byte[] bytes() {
        byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[start.length + body.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(body, 0, all, start.length, body.length);
        return all;
    }

    /** Null at the end of the stream, if not a byte came. */
    private static @Nullable String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!endsHead(head)) {
            int next = in.read();
            if (next < 0) {
                if (head.isEmpty()) {
                    return null;
                }
                throw new EOFException("the connection ended within the headers");
            }
            head.append((char) next);
            if (head.length() > MAX_HEAD) {
                throw new IOException("the headers are longer than " + MAX_HEAD + " bytes");
            }
        }
        return head.toString();
    }

    private static boolean endsHead(StringBuilder head) {
        int end = head.length();
        return end >= 4 && head.charAt(end - 1) == '\n' && head.charAt(end - 3) == '\n';
    }

    private static byte[] readBody(String head, InputStream in, int lengthOtherwise) throws IOException {
        String length = header(head, "content-length");
        if (length != null) {
            return exactly(in, Integer.parseInt(length));
        }
        if ("chunked".equalsIgnoreCase(header(head, "transfer-encoding"))) {
            return readChunks(in);
        }
        return lengthOtherwise < 0 ? in.readAllBytes() : exactly(in, lengthOtherwise);
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended within the body");
        }
        return bytes;
    }

    private static byte[] readChunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String line = readLine(in);
            body.writeBytes(line.getBytes(StandardCharsets.ISO_8859_1));
            int size = Integer.parseInt(line.split("[;\r]", 2)[0].strip(), 16);
            if (size > 0) {
                body.writeBytes(exactly(in, size + 2));
                continue;
            }
            do { // trailers, up to an empty line
                line = readLine(in);
                body.writeBytes(line.getBytes(StandardCharsets.ISO_8859_1));
            } while (!line.isBlank());
            return body.toByteArray();
        }
    }

    private static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next;
        do {
            next = in.read();
            if (next < 0 || line.length() > MAX_HEAD) {
                throw new EOFException("the connection ended within the body");
            }
            line.append((char) next);
        } while (next != '\n');
        return line.toString();
    }

    private static @Nullable String header(String head, String name) {
        for (String line : head.split("\r?\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
                return line.substring(colon + 1).strip();
            }
        }
        return null;
    }
}
