package dev.reflexloop.llm.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The contract of models, kept over a chat model that writes one of the actions that its prompt offers. */
class LangChain4jModelContractTest extends ReflexModelContractTest {
    private static final Pattern OFFER = Pattern.compile("Possible now: ([^,\n]+)");

    @Override
    protected ReflexModel createModel() {
        ChatModel chat = new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                String prompt = ((UserMessage) request.messages().get(0)).singleText();
                Matcher offer = OFFER.matcher(prompt);
                String action = "";
                while (offer.find()) {
                    action = offer.group(1);
                }
                return ChatResponse.builder()
                        .aiMessage(AiMessage.from("```json\n{\"action\": \"" + action + "\"}\n```"))
                        .build();
            }
        };
        return LangChain4jModel.builder(chat).build();
    }
}
