/** Labels: of the decision that is open, and of one after another, the most uncertain first. */

import { detail, labelButtons } from "./decision.js";
import { make, percent, whole } from "./format.js";
import { get, post } from "./server.js";

export class Review {
  #box;
  #budgetMillis;
  #say;
  #onLabelled;
  #state = null;
  #busy = false;

  /**
   * @param box where it is shown
   * @param budgetMillis asked for the budget
   * @param say tells the user something
   * @param onLabelled told the id and label whenever one was given or taken back
   */
  constructor(box, budgetMillis, say, onLabelled) {
    this.#box = box;
    this.#budgetMillis = budgetMillis;
    this.#say = say;
    this.#onLabelled = onLabelled;
  }

  async show() {
    try {
      this.#take(await get("/review"));
    } catch (failure) {
      this.#box.replaceChildren(make("p", "empty", failure.message));
    }
  }

  /** Labels the decision that is shown here. */
  async labelShown(label) {
    if (this.#state?.next) {
      await this.label(this.#state.next.id, label);
    }
  }

  async label(id, label) {
    await this.#change("/review/labels", { id, label }, () => {
      this.#say(`Labelled ${label}.`);
      this.#onLabelled(id, label);
    });
  }

  async undo() {
    await this.#change("/review/undo", {}, (state) => {
      this.#say(state.undone ? "The last label was taken back." : "There is no label to take back.");
      if (state.undone) {
        this.#onLabelled(state.undone, null);
      }
    });
  }

  async #change(path, body, done) {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    try {
      const state = await post(path, body);
      this.#take(state);
      done(state);
    } catch (failure) {
      this.#say(failure.message, true);
    } finally {
      this.#busy = false;
    }
  }

  #take(state) {
    this.#state = state;
    const { progress, next } = state;
    const parts = [progressBar(progress)];
    if (next) {
      parts.push(
        labelButtons(next.review ?? null, (label) => this.labelShown(label), () => this.undo()),
        ...detail(next, this.#budgetMillis()));
    } else {
      const words = progress.total ? "Every decision that a model made has a label." : "No decisions to label yet. They come from the trajectory logs and heartbeat ticks that this server was given: reflexloop serve FOLDER.";
      parts.push(make("p", "empty", words));
    }
    this.#box.replaceChildren(...parts);
  }
}

function progressBar(progress) {
  const done = progress.chosen + progress.rejected + progress.skipped;
  const bar = make("div", "progress");
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-valuemin", "0");
  bar.setAttribute("aria-valuemax", String(progress.total));
  bar.setAttribute("aria-valuenow", String(done));
  bar.setAttribute("aria-label", "Decisions labelled");
  for (const name of ["chosen", "rejected", "skipped", "left"]) {
    const part = make("span", name);
    part.style.flexGrow = String(progress[name]);
    bar.append(part);
  }
  const share = progress.total ? ` (${percent(done / progress.total)})` : "";
  const words = `${whole(done)} of ${whole(progress.total)} labelled${share}: ${whole(progress.chosen)} chosen, ${whole(progress.rejected)} rejected, ${whole(progress.skipped)} skipped`;
  return make("div", "review-head", bar, make("p", "note", words), make("p", "note", "The most uncertain comes first."));
}
