package dev.reflexloop.examples.robocode;

import java.util.List;
import java.util.Locale;

/** Who we meet. All opponents are Robocode's own samples. */
@SuppressWarnings("ImmutableEnumChecker") // the lists come from List.of
enum Arena {
    /** One against one, once with each of nine robots. */
    DUEL(List.of(
            List.of("sample.Corners"),
            List.of("sample.Crazy"),
            List.of("sample.Fire"),
            List.of("sample.RamFire"),
            List.of("sample.SpinBot"),
            List.of("sample.Tracker"),
            List.of("sample.TrackFire"),
            List.of("sample.VelociRobot"),
            List.of("sample.Walls"))),
    /** Everybody against everybody, six robots. */
    MELEE(List.of(List.of("sample.Crazy", "sample.RamFire", "sample.SpinBot", "sample.Tracker", "sample.Walls"))),
    /** Alone against a team: a leader that sees, and four strong droids that shoot where it tells them. */
    TEAM(List.of(List.of("sampleteam.MyFirstTeam")));

    private final List<List<String>> pairings;

    Arena(List<List<String>> pairings) {
        this.pairings = pairings;
    }

    /** The battles of this arena: the opponents of each. */
    List<List<String>> pairings() {
        return pairings;
    }

    /** The tactic that is best here when it is never changed, as {@link Evaluate} finds it by playing all of them. */
    Tactic bestFixed() {
        return this == MELEE ? Tactic.CHARGE : Tactic.CIRCLE_WALL;
    }

    /** The name used in tables, files and properties. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Width of the field, in pixels. */
    int width() {
        return this == DUEL ? 800 : 1000;
    }

    /** Height of the field, in pixels. */
    int height() {
        return this == DUEL ? 600 : this == MELEE ? 1000 : 800;
    }
}
