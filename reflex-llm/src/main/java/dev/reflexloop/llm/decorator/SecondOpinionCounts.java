package dev.reflexloop.llm.decorator;

/**
 * How often a model was asked a second time, and what came of it. Immutable.
 *
 * @param firstOnly questions whose first answer left no doubt
 * @param inTime questions whose second answer came in time
 * @param late questions that were asked twice, but whose second answer did not come in time, so that the first one was given
 * @param noTime questions with a doubtful first answer that were not asked again, because too little time was left
 */
public record SecondOpinionCounts(long firstOnly, long inTime, long late, long noTime) {}
