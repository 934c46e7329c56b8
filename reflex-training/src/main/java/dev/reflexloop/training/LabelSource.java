package dev.reflexloop.training;

/** Which action of a logged step is taken for the right one. */
public enum LabelSource {
    /** The action that was served. */
    ACTION,
    /** The action that the teacher named; the served one in steps without a teacher. */
    TEACHER
}
