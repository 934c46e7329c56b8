package dev.reflexloop.examples.morrowind;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.testkit.ActionSchemaContractTest;
import java.util.List;

class TacticContractTest extends ActionSchemaContractTest {
    @Override
    protected ActionSchema createSchema() {
        return Tactic.schema(1);
    }

    @Override
    protected List<Perception> perceptions() {
        return List.of(
                Sights.at(1).npc("a", 1).npc("a", 2).npc("b", 20).build(),
                Sights.at(2).enemy("rat", 3).door("d", 1).build(),
                Sights.at(3)
                        .option("x", "talk", "Yes")
                        .option("y", "flee", "No")
                        .build());
    }
}
