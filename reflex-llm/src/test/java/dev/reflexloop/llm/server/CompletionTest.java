package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CompletionTest {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Labels LABELS = new Labels(new int[] {7, 9}, List.of(" A", " B"));

    private static JsonParser read(String json) throws IOException {
        return JSON.createParser(json.replace('\'', '"'));
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8).replace('"', '\'');
    }

    @Test
    void score_withoutMass_biasesExactlyTheLabels() {
        assertThat(text(Completion.score(new int[] {1, 5, 6}, 3, LABELS, false)))
                .isEqualTo("{'prompt':[1,5,6],'n_predict':1,'id_slot':3,'cache_prompt':true,'temperature':1,"
                        + "'samplers':['top_k','temperature'],'top_k':2,'n_probs':2,'post_sampling_probs':true,"
                        + "'logit_bias':[[7,100],[9,100]],'response_fields':['completion_probabilities','timings']}");
    }

    @Test
    void score_withMass_asksForWhatIsMostProbable() {
        assertThat(text(Completion.score(new int[] {1}, 0, LABELS, true)))
                .contains("'samplers':['top_k'],'top_k':1,'n_probs':128,'post_sampling_probs':false");
    }

    @Test
    void warm_partOfAPrompt_predictsNothing() {
        assertThat(text(Completion.warm(new int[] {1, 5, 6}, 2, 0)))
                .isEqualTo(
                        "{'prompt':[1,5],'n_predict':0,'id_slot':0,'cache_prompt':true,'response_fields':['timings']}");
    }

    @Test
    void tokenize_text_formsNoSpecialToken() {
        assertThat(text(Completion.tokenize("a\n'", false)))
                .isEqualTo("{'content':'a\\n'','add_special':true,'parse_special':false,'with_pieces':false}");
    }

    @Test
    void scores_probabilities_areInTheLabelsOrderAndSumToOne() throws Exception {
        Completion.Scores scores = Completion.scores(
                read("{'completion_probabilities':[{'top_probs':[{'id':9,'token':' B','prob':0.7499},"
                        + "{'id':7,'token':' A','prob':0.25}]}],"
                        + "'timings':{'prompt_n':4,'cache_n':30,'prompt_ms':2.5,'predicted_ms':0.5}}"),
                LABELS,
                false);

        assertThat(scores.probabilities()[0]).isCloseTo(0.25, within(1e-3));
        assertThat(scores.probabilities()[0] + scores.probabilities()[1]).isCloseTo(1, within(1e-12));
        assertThat(scores.best()).isEqualTo(1);
        assertThat(scores.legalMass()).isEmpty();
        assertThat(scores.cost()).isEqualTo(new Completion.Cost(4, 30, 3_000_000));
    }

    @Test
    void scores_labelOutsideTheList_isBoundedAndLeftOutOfTheMass() throws Exception {
        Completion.Scores scores = Completion.scores(
                read("{'completion_probabilities':[{'top_logprobs':[{'id':1,'token':'x','logprob':-0.7},"
                        + "{'id':9,'token':' B','logprob':-1.2039728},{'id':2,'token':'y','logprob':-2.3025851}]}]}"),
                LABELS,
                true);

        assertThat(scores.legalMass().orElseThrow()).isCloseTo(0.3, within(1e-6));
        assertThat(scores.probabilities()[0]).isCloseTo(0.25, within(1e-6));
        assertThat(scores.probabilities()[1]).isCloseTo(0.75, within(1e-6));
        assertThat(scores.cost()).isEqualTo(Completion.Cost.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{'completion_probabilities':[]}",
                "{'completion_probabilities':[{'top_probs':[]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':1}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':0.5},{'id':7,'token':' A','prob':0.5}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':0.5},{'id':8,'token':' B','prob':0.5}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':0.5},{'id':9,'token':'fight','prob':0.5}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':-0.5},{'id':9,'token':' B','prob':1.5}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':'NaN'},{'id':9,'token':' B','prob':1}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':null},{'id':9,'token':' B','prob':1}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':0},{'id':9,'token':' B','prob':0}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':1},{'id':9,'token':' B','prob':1}]}]}",
                "{'completion_probabilities':[{'top_probs':[{'id':7,'token':' A','prob':0.5},{'id':9,'token':' B','prob':0.5},"
                        + "{'id':10,'token':' C','prob':0}]}]}",
                "{'completion_probabilities':{'top_probs':{'id':7}}}"
            })
    void scores_hostileReply_isRefused(String reply) {
        assertThatThrownBy(() -> Completion.scores(read(reply), LABELS, false)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'completion_probabilities':[{'top_logprobs':[]}]}",
                "{'completion_probabilities':[{'top_logprobs':[{'id':7,'token':' A','logprob':3}]}]}",
                "{'completion_probabilities':[{'top_logprobs':[{'id':7,'token':' A','logprob':null}]}]}",
                "{'completion_probabilities':[{'top_logprobs':[{'id':7,'token':' A','logprob':-1},{'id':7,'token':' A','logprob':-1}]}]}",
                "{'completion_probabilities':[{'top_logprobs':[{'id':7,'token':' A','logprob':0},{'id':9,'token':' B','logprob':0}]}]}",
                "{'completion_probabilities':[{'top_logprobs':[{'id':7,'token':'Z','logprob':-1}]}]}"
            })
    void scores_hostileReplyWithMass_isRefused(String reply) {
        assertThatThrownBy(() -> Completion.scores(read(reply), LABELS, true)).isInstanceOf(IOException.class);
    }
}
