/** The decision that is open: at first as its event told it, then as its log does. */

import { detail, find, fromEvent, labelButtons } from "./decision.js";
import { button, make } from "./format.js";

const HINT = "Click a decision, or move with j and k and press Enter, to see what was perceived, asked, answered and chosen.";
const NO_LOG = "This server follows no trajectory log, so perception and prompt are not known here. Start it with the folder of the log: reflexloop serve FOLDER";
const NOT_LOGGED = "No log that this server follows has this decision, so perception and prompt are not known here.";

export class Opened {
  #box;
  #server;
  #review;
  #onOnly;
  #shown = null;

  /**
   * @param box where it is shown
   * @param server gives what the server can and the budget: {has, budgetMillis}
   * @param review labels it
   * @param onOnly told an entity that alone is to be looked at
   */
  constructor(box, server, review, onOnly) {
    this.#box = box;
    this.#server = server;
    this.#review = review;
    this.#onOnly = onOnly;
  }

  get id() {
    return this.#shown?.id ?? "";
  }

  open(id, event) {
    this.#shown = { id, event, decision: event ? fromEvent(event) : null, note: "" };
    this.show();
    this.lookUp();
  }

  close() {
    this.#shown = null;
    this.show();
  }

  /** Reads it from its log, once more if it was read already. */
  async lookUp() {
    const wanted = this.#shown;
    if (!wanted || !this.#server().isKnown) {
      return;
    }
    if (!this.#server().has.decisions) {
      wanted.note = NO_LOG;
    } else {
      try {
        const decision = await find(wanted.id, wanted.event);
        wanted.decision = decision ?? wanted.decision;
        wanted.note = decision ? "" : NOT_LOGGED;
      } catch (failure) {
        wanted.note = failure.message;
      }
    }
    if (wanted === this.#shown) {
      this.show();
    }
  }

  label(name) {
    if (this.#shown && this.#server().has.review) {
      this.#review().label(this.#shown.id, name);
    }
  }

  /** A decision was labelled, or its label taken back. */
  labelled(id, label) {
    if (this.id === id && this.#shown.decision) {
      this.#shown.decision.review = label;
      this.show();
    }
  }

  show() {
    document.body.classList.toggle("no-decision", !this.#shown);
    if (!this.#shown) {
      this.#box.replaceChildren(make("p", "empty", HINT));
      return;
    }
    const unfolded = new Set([...this.#box.querySelectorAll("details[open]")].map((each) => each.dataset.name));
    const { decision, note } = this.#shown;
    this.#box.replaceChildren(...(decision ? this.#parts(decision, note) : [make("p", "empty", note || "Looking it up …")]));
    for (const each of this.#box.querySelectorAll("details")) {
      each.open = unfolded.has(each.dataset.name);
    }
  }

  #parts(decision, note) {
    const { has, budgetMillis } = this.#server();
    const parts = detail(decision, budgetMillis);
    if (has.review) {
      parts.splice(1, 0, labelButtons(decision.review ?? null, (name) => this.label(name), () => this.#review().undo()));
    }
    if (note) {
      parts.push(make("p", "note", note));
    }
    if (decision.entity) {
      parts.push(button("quiet", `Only ${decision.entity}`, () => this.#onOnly(decision.entity)));
    }
    return parts;
  }
}
