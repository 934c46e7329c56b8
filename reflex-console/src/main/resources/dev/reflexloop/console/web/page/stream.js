/** The newest events as rows. There are never more than MOST of them: the oldest row becomes the newest one. */

import { clock, latency, make, percent, ranked, servedMark, signed, SERVED, SERVED_MEANS, whole } from "./format.js";

export const MOST = 200;
const FAST_ROWS_PER_SECOND = 4;
const SHOWN_PROBABILITIES = 4;

/** One row, made once and filled again and again. */
class Row {
  constructor(index) {
    this.clock = make("time", "when");
    this.entity = make("span", "entity");
    this.tick = make("span", "tick");
    this.name = make("span", "name");
    this.bar = make("span", "bar");
    this.bar.setAttribute("aria-hidden", "true");
    this.share = make("span", "share");
    this.words = make("span", "words");
    this.mark = servedMark("MODEL");
    this.latency = make("span", "latency");
    this.result = make("span", "result");
    this.element = make(
      "div", "row", this.clock, this.entity, this.tick, this.name, this.bar, this.share, this.words, this.mark, this.latency, this.result);
    this.element.id = `row-${index}`;
    this.element.setAttribute("role", "option");
    this.element.row = this;
    this.event = null;
  }

  fill(event, budgetMicros) {
    this.event = event;
    const element = this.element;
    const fields = event.fields;
    const isDecision = event.isDecision;
    element.dataset.id = fields.id ?? "";
    element.dataset.at = event.at;
    element.dataset.event = event.event;
    element.dataset.entity = event.entity;
    element.dataset.level = event.level;
    element.classList.toggle("decision", isDecision);
    this.clock.textContent = clock(event.millis);
    this.clock.dateTime = event.at;
    this.entity.textContent = event.entity;
    this.tick.textContent = event.tick < 0 ? "" : whole(event.tick);
    this.result.textContent = "";
    this.result.className = "result";
    if (isDecision) {
      this.#fillDecision(fields, budgetMicros);
    } else {
      this.name.textContent = `${event.source} ${event.event}`.replaceAll("_", " ");
      this.words.textContent = summary(event);
      this.share.textContent = "";
      this.bar.style.backgroundImage = "";
      this.latency.textContent = event.level === "INFO" || event.level === "DEBUG" ? "" : event.level.toLowerCase();
      this.latency.classList.remove("over");
    }
  }

  #fillDecision(fields, budgetMicros) {
    const action = String(fields.action ?? "");
    this.name.textContent = fields.target === undefined ? action : `${action} → ${fields.target}`;
    this.words.textContent = "";
    const chances = ranked(fields.probabilities);
    this.bar.style.backgroundImage = stripes(chances, action);
    const chosen = chances.find(([name]) => name === action);
    this.share.textContent = chosen ? percent(chosen[1]) : "";
    const served = String(fields.served ?? "");
    this.mark.dataset.served = SERVED.includes(served) ? served : "OTHER";
    this.mark.lastChild.textContent = served.toLowerCase();
    this.mark.title = [SERVED_MEANS[served], fields.because && `because ${fields.because}`].filter(Boolean).join("; ");
    this.latency.textContent = latency(fields.latencyMicros);
    this.latency.classList.toggle("over", fields.late === true || fields.latencyMicros > budgetMicros);
  }

  /** What came of the decision. */
  settle(outcome) {
    if (outcome.label === undefined && outcome.reward === undefined) {
      return;
    }
    this.result.textContent = Number.isFinite(outcome.reward) ? signed(outcome.reward) : String(outcome.label);
    const good = outcome.label ? outcome.label === "chosen" : outcome.reward > 0;
    const bad = outcome.label ? outcome.label === "rejected" : outcome.reward < 0;
    this.result.className = `result ${good ? "good" : bad ? "bad" : ""}`;
  }
}

/** The probabilities side by side, as one background: nothing has to be laid out for it. */
function stripes(chances, action) {
  const parts = [];
  let from = 0;
  for (const [name, share] of chances.slice(0, SHOWN_PROBABILITIES)) {
    const to = Math.min(100, from + 100 * share);
    const color = name === action ? "var(--chosen)" : `var(--other-${Math.min(3, parts.length / 2)})`;
    parts.push(`${color} ${from.toFixed(2)}% ${Math.max(from, to - 0.6).toFixed(2)}%`, `transparent ${Math.max(from, to - 0.6).toFixed(2)}% ${to.toFixed(2)}%`);
    from = to;
  }
  return parts.length ? `linear-gradient(90deg, ${parts.join(", ")}, transparent ${from.toFixed(2)}%)` : "";
}

const LEFT_OUT = new Set(["id", "session"]);

function summary(event) {
  const fields = event.fields;
  if (event.source === "escalation" || event.source === "guard") {
    return [fields.kind ?? fields.ending, fields.situation ?? fields.goal, fields.detail].filter(Boolean).join(": ");
  }
  return Object.entries(fields)
    .filter(([name, value]) => !LEFT_OUT.has(name) && typeof value !== "object")
    .map(([name, value]) => `${name} ${typeof value === "number" ? Number(value.toPrecision(6)) : value}`)
    .join(" · ");
}

export class Stream {
  #list;
  #empty;
  #pill;
  #rows = [];
  #byId = new Map();
  #waiting = [];
  #waitingCount = 0;
  #selected = null;
  #hovered = false;
  #scrolled = false;
  #arrivals = [];
  #onOpen;

  /**
   * @param list the element that scrolls
   * @param empty shown while there is nothing
   * @param pill the button that says how much is newer than what is shown
   * @param onOpen told the event whose decision is to be opened
   */
  constructor(list, empty, pill, onOpen) {
    this.#list = list;
    this.#empty = empty;
    this.#pill = pill;
    this.#onOpen = onOpen;
    list.addEventListener("pointerenter", (event) => (this.#hovered = event.pointerType === "mouse"));
    list.addEventListener("pointerleave", () => {
      this.#hovered = false;
    });
    list.addEventListener("scroll", () => (this.#scrolled = list.scrollTop > 8), { passive: true });
    list.addEventListener("click", (event) => {
      const row = event.target.closest?.(".row")?.row;
      if (row) {
        this.select(row);
        this.#onOpen(row.event);
      }
    });
    pill.addEventListener("click", () => this.follow());
  }

  /** Whether the rows stand still because somebody is reading them. */
  get isHeld() {
    return this.#scrolled || (this.#hovered && this.#isFast());
  }

  #isFast() {
    const now = performance.now();
    return this.#arrivals.reduce((sum, [at, count]) => sum + (now - at < 1_000 ? count : 0), 0) > FAST_ROWS_PER_SECOND;
  }

  clear() {
    this.#waiting = [];
    this.#waitingCount = 0;
    this.#byId.clear();
    this.select(null);
    this.#rows.forEach((row) => row.element.remove());
    this.#rows = [];
    this.#show();
  }

  /** Takes events in their order. Called once per frame. */
  add(events, budgetMicros) {
    if (events.length) {
      const now = performance.now();
      this.#arrivals = this.#arrivals.filter(([at]) => now - at < 1_000);
      this.#arrivals.push([now, events.length]);
      this.#waitingCount += events.length;
      this.#waiting = this.#waiting.length ? this.#waiting.concat(events).slice(-MOST) : events.slice(-MOST);
    }
    if (this.#waiting.length && !this.isHeld) {
      this.#place(this.#waiting, budgetMicros);
      this.#waiting = [];
      this.#waitingCount = 0;
    }
    this.#show();
  }

  #place(events, budgetMicros) {
    const fresh = document.createDocumentFragment();
    for (const event of events) {
      if (event.isOutcome) {
        this.#byId.get(event.fields.id)?.settle(event.fields);
      }
      const row = this.#rows.length < MOST ? new Row(this.#rows.length) : this.#rows.shift();
      if (row === this.#selected) {
        this.select(null);
      }
      if (row.event && this.#byId.get(row.event.fields.id) === row) {
        this.#byId.delete(row.event.fields.id);
      }
      row.fill(event, budgetMicros);
      if (event.isDecision) {
        this.#byId.set(event.fields.id, row);
      }
      this.#rows.push(row);
      fresh.prepend(row.element);
    }
    this.#list.prepend(fresh);
  }

  #show() {
    const isEmpty = this.#rows.length === 0;
    if (this.#empty.hidden === isEmpty) {
      this.#empty.hidden = !isEmpty;
    }
    const hide = this.#waitingCount === 0;
    if (this.#pill.hidden !== hide) {
      this.#pill.hidden = hide;
    }
    if (!hide) {
      this.#pill.textContent = `${whole(this.#waitingCount)} newer ↑`;
    }
  }

  /** Shows the newest again. */
  follow() {
    this.#hovered = false;
    this.#scrolled = false;
    this.#list.scrollTop = 0;
  }

  select(row) {
    if (this.#selected) {
      this.#selected.element.setAttribute("aria-selected", "false");
    }
    this.#selected = row;
    if (row) {
      row.element.setAttribute("aria-selected", "true");
      this.#list.setAttribute("aria-activedescendant", row.element.id);
    } else {
      this.#list.removeAttribute("aria-activedescendant");
    }
  }

  /** Moves the selection down the page, to older events, or up. */
  move(down) {
    const from = this.#selected ? this.#rows.indexOf(this.#selected) : this.#rows.length;
    const to = this.#selected || down ? from + (down ? -1 : 1) : this.#rows.length - 1;
    const row = this.#rows[Math.max(0, Math.min(this.#rows.length - 1, to))];
    if (row) {
      this.select(row);
      row.element.scrollIntoView({ block: "nearest" });
    }
    return row?.event ?? null;
  }

  openSelected() {
    if (this.#selected?.event) {
      this.#onOpen(this.#selected.event);
    }
  }
}
