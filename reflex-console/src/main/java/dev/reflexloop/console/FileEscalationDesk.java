package dev.reflexloop.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.ReflexException;
import dev.reflexloop.escalation.AnswerVerdict;
import dev.reflexloop.escalation.InboxEntry;
import dev.reflexloop.escalation.InboxFile;
import dev.reflexloop.escalation.StrategistReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/*
 * The inbox belongs to the bot's process, which has it locked; here it is only read. The answer goes the way of any strategist's: into the
 * file that the sink looks at, by a link that does not replace an answer that still lies there. What became of it is read in the inbox
 * again. An answer that nobody takes is withdrawn, so that it does not surprise the bot's next run.
 */
/** The desk of bots that run in other processes: their inboxes are read, and answers are files. Thread-safe. */
final class FileEscalationDesk implements EscalationDesk {
    private static final String INBOX = "-inbox.jsonl";
    private static final String ANSWER = "-answer.json";
    private static final long LOOK_MILLIS = 50;

    private final Path place;
    private final Duration patience;

    FileEscalationDesk(Path place, Duration patience) {
        this.place = place.toAbsolutePath();
        this.patience = patience;
    }

    @Override
    public List<InboxEntry> waiting() {
        List<InboxEntry> waiting = new ArrayList<>();
        inboxes().forEach(inbox -> waiting.addAll(InboxFile.read(inbox).pending()));
        waiting.sort(Comparator.comparing(InboxEntry::at));
        return waiting;
    }

    /** The inboxes in a folder, beside an escalation's file, or the one that is named. */
    private List<Path> inboxes() {
        if (Files.isDirectory(place)) {
            List<Path> inboxes = new ArrayList<>();
            try (DirectoryStream<Path> files = Files.newDirectoryStream(place, "*" + INBOX)) {
                files.forEach(inboxes::add);
            } catch (IOException failure) {
                throw new ReflexException(
                        place.toString(), "The folder " + place + " cannot be read (" + failure + ").", failure);
            }
            inboxes.sort(Comparator.naturalOrder());
            return inboxes;
        }
        String name = String.valueOf(place.getFileName());
        int dot = name.lastIndexOf('.');
        Path beside = place.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + INBOX);
        boolean isInbox = name.endsWith(INBOX) || !Files.exists(beside);
        return List.of(isInbox ? place : beside);
    }

    @Override
    public AnswerVerdict answer(String escalation, StrategistReply reply, String by) {
        for (Path inbox : inboxes()) {
            Optional<InboxEntry> entry = find(inbox, escalation);
            if (entry.isPresent()) {
                return answer(inbox, entry.get(), reply);
            }
        }
        return refused(AnswerVerdict.Kind.UNKNOWN, "no escalation in " + place + " has the id '" + escalation + "'");
    }

    private static Optional<InboxEntry> find(Path inbox, String escalation) {
        return InboxFile.read(inbox).entries().stream()
                .filter(entry -> entry.id().equals(escalation))
                .findFirst();
    }

    private static AnswerVerdict refused(AnswerVerdict.Kind kind, String reason) {
        return new AnswerVerdict(kind, reason, Optional.empty());
    }

    private AnswerVerdict answer(Path inbox, InboxEntry entry, StrategistReply reply) {
        if (entry.state() != InboxEntry.State.PENDING) {
            boolean isAnswered = entry.state() == InboxEntry.State.ANSWERED;
            return refused(
                    isAnswered ? AnswerVerdict.Kind.ALREADY_ANSWERED : AnswerVerdict.Kind.EXPIRED,
                    isAnswered ? "another answer came first" : "the escalation waited too long");
        }
        String name = String.valueOf(inbox.getFileName());
        if (!name.endsWith(INBOX)) {
            return refused(
                    AnswerVerdict.Kind.NOBODY_LISTENS,
                    "no sink is known to read answers for " + inbox + ", because its name does not end in " + INBOX);
        }
        Path file = inbox.resolveSibling(name.substring(0, name.length() - INBOX.length()) + ANSWER);
        return new Delivery(inbox, file, entry.id(), json(entry.id(), reply)).run();
    }

    private static byte[] json(String escalation, StrategistReply reply) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", escalation);
        reply.answer().ifPresent(answer -> json.put("answer", answer));
        reply.goal().ifPresent(goal -> json.put("goal", goal));
        if (!reply.actions().isEmpty()) {
            reply.actions().forEach(json.putArray("actions")::add);
        }
        reply.summary().ifPresent(summary -> json.put("summary", summary));
        json.put("exit_code", reply.signal().exitCode());
        return (json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** One answer on its way. */
    private final class Delivery {
        private final Path inbox;
        private final Path file;
        private final String escalation;
        private final byte[] json;
        private long end = System.nanoTime() + patience.toNanos();

        Delivery(Path inbox, Path file, String escalation, byte[] json) {
            this.inbox = inbox;
            this.file = file;
            this.escalation = escalation;
            this.json = json;
        }

        AnswerVerdict run() {
            Instant begun = Instant.now();
            try {
                if (!place()) {
                    return refused(
                            AnswerVerdict.Kind.NOBODY_LISTENS,
                            "an earlier answer lies unread in " + file + "; see that the bot runs, or take it away");
                }
                Optional<AnswerVerdict> verdict = await(begun);
                if (verdict.isPresent()) {
                    return verdict.get();
                }
                if (withdrawn()) {
                    return refused(
                            AnswerVerdict.Kind.NOBODY_LISTENS,
                            "nobody took the answer within " + patience.toSeconds()
                                    + " s, so it was withdrawn; see that the bot runs");
                }
                end = System.nanoTime() + patience.toNanos(); // it was taken a moment ago
                return await(begun)
                        .orElseGet(() -> refused(
                                AnswerVerdict.Kind.NOBODY_LISTENS,
                                "somebody took the answer, but " + inbox + " says nothing of it"));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return refused(AnswerVerdict.Kind.CLOSED, "it was interrupted while the answer lay in " + file);
            } catch (IOException failure) {
                throw new ReflexException(
                        file.toString(),
                        "The answer " + file + " cannot be written (" + failure
                                + "); see that the folder is there and may be written.",
                        failure);
            }
        }

        /** Puts the answer where the sink looks, once there is no other; false if there was one all the time. */
        private boolean place() throws IOException, InterruptedException {
            Path beside = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".tmp");
            try {
                Files.write(beside, json);
                while (!placed(beside)) {
                    if (System.nanoTime() - end >= 0) {
                        return false;
                    }
                    pause();
                }
                return true;
            } finally {
                Files.deleteIfExists(beside);
            }
        }

        private boolean placed(Path beside) throws IOException {
            try {
                Files.createLink(file, beside);
                return true;
            } catch (FileAlreadyExistsException occupied) {
                return false;
            } catch (UnsupportedOperationException | IOException noLinks) {
                return moved(beside);
            }
        }

        private boolean moved(Path beside) throws IOException {
            try {
                Files.move(beside, file);
                return true;
            } catch (FileAlreadyExistsException occupied) {
                return false;
            }
        }

        private Optional<AnswerVerdict> await(Instant begun) throws InterruptedException {
            Optional<AnswerVerdict> verdict = look(begun);
            while (verdict.isEmpty() && System.nanoTime() - end < 0) {
                pause();
                verdict = look(begun);
            }
            return verdict;
        }

        /** Takes the answer back; false if it is not there any more. */
        private boolean withdrawn() throws IOException {
            try {
                return Arrays.equals(Files.readAllBytes(file), json) && Files.deleteIfExists(file);
            } catch (NoSuchFileException taken) {
                return false;
            }
        }

        private Optional<AnswerVerdict> look(Instant begun) {
            InboxFile seen = InboxFile.read(inbox);
            Optional<AnswerVerdict> taken = seen.entries().stream()
                    .filter(entry -> entry.id().equals(escalation))
                    .flatMap(entry -> entry.response().stream())
                    .map(response -> new AnswerVerdict(
                            AnswerVerdict.Kind.TAKEN, "it became guidance " + response.guidance(), Optional.empty()))
                    .findFirst();
            Stream<AnswerVerdict> refusals = seen.refusals().stream()
                    .filter(refusal ->
                            refusal.escalation().filter(escalation::equals).isPresent())
                    .filter(refusal -> !refusal.at().isBefore(begun))
                    .map(InboxFile.Refusal::verdict);
            return taken.or(refusals::findFirst);
        }

        private void pause() throws InterruptedException {
            Thread.sleep(LOOK_MILLIS);
        }
    }
}
