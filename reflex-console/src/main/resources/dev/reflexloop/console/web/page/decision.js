/** One decision in full: what was seen, asked, answered and chosen, and what came of it. */

import { button, clock, latency, make, percent, plain, ranked, servedMark, SERVED_MEANS, signed, whole } from "./format.js";
import { get } from "./server.js";

const TRIES = 8;
const TRY_MILLIS = 400;
const YOUNG_MILLIS = 10_000;

export const LABELS = [
  { label: "chosen", words: "Chosen", key: "c", means: "a good decision: learn to decide like this" },
  { label: "rejected", words: "Rejected", key: "r", means: "a bad decision: learn not to decide like this" },
  { label: "skip", words: "Skip", key: "s", means: "neither: leave it out" },
];

/** What an event tells of its decision, until the log tells the rest. */
export function fromEvent(event) {
  const { fields } = event;
  return { ...fields, at: event.at, entity: event.entity, tick: event.tick, partial: true };
}

/**
 * Finds a decision in the logs that the server follows.
 *
 * @param id which one
 * @param event the event that told of it, if that was seen
 * @returns the decision, or null where no log has it
 */
export async function find(id, event) {
  const isYoung = event && Date.now() - event.millis < YOUNG_MILLIS;
  // What has just happened may be on its way to the log's file.
  for (let i = 0; isYoung && i < TRIES; i++) {
    const query = new URLSearchParams({ limit: "200", ...(event.entity ? { entity: event.entity } : {}) });
    const { decisions = [] } = await get(`/decisions?${query}`);
    if (decisions.some((each) => each.id === id)) {
      break;
    }
    await new Promise((done) => setTimeout(done, TRY_MILLIS));
  }
  try {
    return await get(`/decisions/${encodeURIComponent(id)}`);
  } catch (failure) {
    if (failure.status === 404) {
      return null;
    }
    throw failure;
  }
}

/** The buttons that label a decision, the one in force pressed. */
export function labelButtons(review, onLabel, onUndo) {
  const row = make("div", "labels");
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Label this decision");
  for (const { label, words, key, means } of LABELS) {
    const each = button(`label ${label}`, words, () => onLabel(label));
    each.append(make("kbd", "", key));
    each.dataset.label = label;
    each.title = means;
    each.setAttribute("aria-pressed", String(review === label));
    row.append(each);
  }
  const undo = button("label undo", "Undo", onUndo);
  undo.append(make("kbd", "", "u"));
  undo.title = "take the last label back";
  row.append(undo);
  return row;
}

/** The decision as elements. */
export function detail(decision, budgetMillis) {
  const parts = [head(decision)];
  if (Object.keys(decision.probabilities ?? {}).length) {
    parts.push(section("Probabilities", probabilities(decision)));
  }
  parts.push(section("Served", served(decision, budgetMillis)));
  if (decision.outcome) {
    parts.push(section("Outcome", outcome(decision.outcome)));
  }
  if (decision.goal) {
    parts.push(section("Goal", make("p", "goal", decision.goal)));
  }
  const facts = Object.entries(decision.perception ?? {});
  if (facts.length) {
    parts.push(section("Perception", perception(facts)));
  }
  if (decision.prompt) {
    parts.push(folded("Prompt", make("pre", "prompt", decision.prompt)));
  }
  parts.push(folded("Where it is recorded", records(decision)));
  return parts;
}

function head(decision) {
  const title = make("h3", "choice", decision.action ?? "");
  if (decision.target) {
    title.append(make("span", "target", ` → ${decision.target}`));
  }
  const about = make("p", "about", make("strong", "", decision.entity ?? ""));
  if (decision.tick >= 0) {
    about.append(` · tick ${whole(decision.tick)}`);
  }
  about.append(` · ${clock(Date.parse(decision.at))}`);
  return make("header", "choice-head", title, about);
}

function section(title, ...content) {
  return make("section", "part", make("h4", "", title), ...content);
}

function folded(title, content) {
  const details = make("details", "part", make("summary", "", title), content);
  details.dataset.name = title;
  return details;
}

function probabilities(decision) {
  const list = make("ul", "chances");
  const shown = ranked(decision.probabilities);
  for (const [action, share] of shown) {
    const fill = make("span", "fill");
    fill.style.width = `${Math.max(0, Math.min(100, share * 100)).toFixed(2)}%`;
    const track = make("span", "track", fill);
    track.setAttribute("aria-hidden", "true");
    const name = make("span", "chance-name", action);
    const item = make("li", action === decision.action ? "chosen" : "", name, track, make("span", "number", percent(share, 1)));
    list.append(item);
  }
  const notes = [];
  if (shown.length > 1) {
    notes.push(`margin ${percent(shown[0][1] - shown[1][1], 1)}`);
  }
  if (Number.isFinite(decision.legalMass)) {
    notes.push(`legal mass ${percent(decision.legalMass, 1)}`);
  }
  if (decision.legal?.length) {
    notes.push(`${decision.legal.length} legal`);
  }
  return make("div", "", list, notes.length ? make("p", "note", notes.join(" · ")) : null);
}

function served(decision, budgetMillis) {
  const rows = [
    ["how", make("span", "", servedMark(decision.served ?? ""), ` ${SERVED_MEANS[decision.served] ?? ""}`)],
    ["because", decision.because],
    ["model", decision.model],
    ["adapter", decision.adapter],
    ["escalated", decision.escalated ? "yes" : null],
    ["situation", decision.situation],
    ["guidance", decision.guidance],
  ];
  if (Number.isFinite(decision.latencyMicros)) {
    const share = decision.latencyMicros / 1000 / budgetMillis;
    rows.splice(1, 0, ["latency", `${latency(decision.latencyMicros)}, ${percent(share, share < 0.1 ? 1 : 0)} of the budget`]);
  }
  return pairs(rows);
}

function outcome(closed) {
  const reasons = Array.isArray(closed.reasons) ? closed.reasons.join(", ") : closed.reasons;
  return pairs([
    ["reward", Number.isFinite(closed.reward) ? signed(closed.reward) : null],
    ["label", closed.label],
    ["reasons", reasons],
    ["closed by", closed.closedBy],
  ]);
}

function perception(facts) {
  const simple = facts.filter(([, value]) => !Array.isArray(value));
  const lists = facts.filter(([, value]) => Array.isArray(value));
  const parts = [pairs(simple.map(([name, value]) => [name, words(value)]), "facts")];
  for (const [name, records] of lists) {
    parts.push(make("h5", "", `${name} (${records.length})`));
    for (const record of records) {
      const text = record && typeof record === "object" ? Object.entries(record).map(([key, value]) => `${key} ${words(value)}`).join(" · ") : words(record);
      parts.push(make("p", "record", text));
    }
  }
  return make("div", "", ...parts);
}

function words(value) {
  if (typeof value === "number") {
    return plain(value);
  }
  return typeof value === "boolean" ? (value ? "yes" : "no") : typeof value === "object" ? JSON.stringify(value) : String(value);
}

function records(decision) {
  return pairs([
    ["id", decision.id],
    ["session", decision.session],
    ["file", decision.file],
    ["legal", (decision.legal ?? []).join(", ")],
  ]);
}

function pairs(rows, className = "") {
  const list = make("dl", `pairs ${className}`);
  for (const [name, value] of rows) {
    if (value !== null && value !== undefined && value !== "") {
      list.append(make("div", "", make("dt", "", name), make("dd", "", value)));
    }
  }
  return list;
}
