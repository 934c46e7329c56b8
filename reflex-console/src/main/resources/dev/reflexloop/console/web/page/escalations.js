/** What waits for somebody to decide. */

import { button, clock, make, span, whole } from "./format.js";
import { get, post } from "./server.js";

export class Escalations {
  #box;
  #badges;
  #say;
  #cards = new Map();
  #empty;

  /**
   * @param box where they are shown
   * @param badges elements that show how many wait
   * @param say tells the user something
   */
  constructor(box, badges, say) {
    this.#box = box;
    this.#badges = badges;
    this.#say = say;
    this.#empty = make("p", "empty", "Nobody waits for an answer. When a bot meets a situation that its loop escalates, it is shown here with its options.");
    box.append(this.#empty);
  }

  async look() {
    let waiting;
    try {
      ({ waiting = [] } = await get("/escalations"));
    } catch {
      return; // the stream says that the server is away
    }
    const present = new Set(waiting.map((each) => each.id));
    for (const [id, card] of this.#cards) {
      if (!present.has(id) && !card.answered) {
        card.element.remove();
        this.#cards.delete(id);
      }
    }
    for (const each of waiting) {
      if (!this.#cards.has(each.id)) {
        const card = this.#card(each);
        this.#cards.set(each.id, card);
        this.#box.prepend(card.element);
        this.#say(`${each.entity} asks: ${each.situation}`);
      }
    }
    this.#count(waiting.filter((each) => !this.#cards.get(each.id).answered).length);
    this.#tick();
  }

  #count(number) {
    for (const badge of this.#badges) {
      badge.textContent = number ? whole(number) : "";
      badge.hidden = number === 0;
    }
    this.#empty.hidden = this.#cards.size > 0;
  }

  #tick() {
    for (const { left, expires } of this.#cards.values()) {
      if (Number.isFinite(expires)) {
        left.textContent = `${span(expires - Date.now())} left`;
      }
    }
  }

  #card(entry) {
    const left = make("span", "left");
    const about = make("p", "about", make("strong", "", entry.entity), ` · tick ${whole(entry.tick)} · ${clock(Date.parse(entry.at))}`);
    if (entry.times > 1) {
      about.append(` · ${entry.times} times`);
    }
    const verdict = make("p", "verdict");
    verdict.setAttribute("role", "status");
    const card = { left, expires: Date.parse(entry.expiresAt), answered: false, element: null };
    const options = make("div", "options");
    (entry.options ?? []).forEach((option, index) => {
      const words = typeof option === "string" ? option : option.text || option.action;
      const each = button("option", "", () => this.#answer(entry.id, { option: index + 1 }, card, verdict));
      each.append(make("span", "option-number", String(index + 1)), make("span", "", words));
      options.append(each);
    });
    const kind = make("span", "kind", entry.kind.toLowerCase());
    card.element = make("article", "card escalation", make("header", "", kind, left), make("p", "situation", entry.situation), entry.goal ? make("p", "note", `Goal: ${entry.goal}`) : null, about, options, this.#goal(entry, card, verdict), verdict);
    card.element.dataset.id = entry.id;
    return card;
  }

  #goal(entry, card, verdict) {
    const input = make("input", "");
    input.type = "text";
    input.maxLength = 500;
    input.placeholder = "or set a goal";
    input.setAttribute("aria-label", `A goal for ${entry.entity}`);
    const send = make("button", "", "Send");
    send.type = "submit";
    const form = make("form", "goal-form", input, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const goal = input.value.trim();
      if (goal) {
        this.#answer(entry.id, { goal }, card, verdict);
      } else {
        input.focus();
      }
    });
    return form;
  }

  async #answer(id, answer, card, verdict) {
    const controls = [...card.element.querySelectorAll("button, input")];
    controls.forEach((each) => (each.disabled = true));
    verdict.className = "verdict";
    verdict.textContent = "Sending …";
    try {
      const said = await post(`/escalations/${encodeURIComponent(id)}/answer`, answer);
      verdict.textContent = said.taken ? `Taken. ${said.reason ?? ""}` : `Not taken: ${said.reason ?? said.verdict}`;
      verdict.classList.add(said.taken ? "good" : "bad");
      card.answered = said.taken;
      this.#say(verdict.textContent);
    } catch (failure) {
      verdict.textContent = failure.message;
      verdict.classList.add("bad");
    }
    if (card.answered) {
      card.element.classList.add("answered");
      card.expires = NaN;
      card.left.textContent = "answered";
      setTimeout(() => this.#remove(id), 4_000);
    } else {
      controls.forEach((each) => (each.disabled = false));
    }
    this.look();
  }

  #remove(id) {
    this.#cards.get(id)?.element.remove();
    this.#cards.delete(id);
    this.#count([...this.#cards.values()].filter((each) => !each.answered).length);
  }
}
