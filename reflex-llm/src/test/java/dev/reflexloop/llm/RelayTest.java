package dev.reflexloop.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class RelayTest {
    private final Relay<String> relay = new Relay<>();
    private final CompletableFuture<String> first = new CompletableFuture<>();
    private final CompletableFuture<String> second = new CompletableFuture<>();

    @Test
    void cancel_afterSeveralCalls_cancelsTheLast() {
        relay.follow(first, answer -> relay.follow(second, relay::complete));
        first.complete("half");
        relay.cancel(true);

        assertThat(first).isCompletedWithValue("half");
        assertThat(second).isCancelled();
        assertThat(relay).isCancelled();
    }

    @Test
    void follow_whenSettledAlready_cancelsTheCallAndTakesNoStep() {
        relay.complete("settled");
        relay.follow(first, answer -> relay.follow(second));

        assertThat(first).isCancelled();
        assertThat(second).isNotDone();
        assertThat(relay).isCompletedWithValue("settled");
    }

    @Test
    void follow_callsThatAnswer_passesTheLastAnswerOn() {
        relay.follow(first, answer -> relay.follow(second, more -> relay.complete(answer + " " + more)));
        first.complete("a");
        second.complete("b");

        assertThat(relay).isCompletedWithValue("a b");
    }

    @Test
    void follow_stepThatThrows_failsWithIt() {
        relay.follow(first, answer -> {
            throw new IllegalStateException("a user's renderer");
        });
        first.complete("a");

        assertThat(relay)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void follow_callThatFails_goesOnWithTheOtherStepOrFailsWithTheRoot() {
        relay.follow(first, relay::complete, failure -> relay.follow(second.thenApply(String::trim), relay::complete));
        first.completeExceptionally(new IllegalArgumentException("no"));
        assertThat(relay).isNotDone();
        second.completeExceptionally(new IllegalStateException("neither"));

        assertThat(Relay.root(new CompletionException(new IllegalStateException())))
                .isInstanceOf(IllegalStateException.class);
        assertThat(relay)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(IllegalStateException.class)
                .withMessage("neither");
    }

    @Test
    void of_answerThatCannotBeChanged_failsWithWhatTheChangeThrew() {
        Relay<String> changed = Relay.of(first, answer -> answer + "!");
        Relay<String> broken = Relay.of(first, answer -> {
            throw new IllegalStateException("a user's calibration");
        });
        first.complete("a");

        assertThat(changed).isCompletedWithValue("a!");
        assertThat(broken).isCompletedExceptionally();
    }
}
