/** What each bot chose in the last minute; for one bot alone, a lane for each action. */

import { Drawing } from "./canvas.js";
import { clock, count, make } from "./format.js";
import { WINDOW_MILLIS } from "./figures.js";

const RIGHT = 10;
const TOP = 6;
const BOTTOM = 18;
const LEAST_LANE = 2.4;
const NAMED_LANE = 12;
const MOST_LANE = 24;
const LONGEST_NAME = 14;
const BY_NAME = new Intl.Collator("en", { numeric: true }).compare;

export class Timeline {
  #drawing;
  #palette;
  #legend;
  #legendFor = "";

  constructor(canvas, readout, legend, palette, onOpen) {
    this.#palette = palette;
    this.#legend = legend;
    const words = (each) => `${each.entity} ${each.action} · ${each.served.toLowerCase()} · ${clock(each.at)}`;
    this.#drawing = new Drawing(canvas, readout, words, onOpen);
  }

  set onResize(callback) {
    this.#drawing.onResize = callback;
  }

  draw(figures, now) {
    const drawing = this.#drawing;
    if (!drawing.begin()) {
      return;
    }
    const entities = [...figures.entities].filter(([, at]) => at > now - WINDOW_MILLIS).map(([name]) => name);
    const alone = entities.length === 1;
    const room = Math.max(1, Math.floor((drawing.height - TOP - BOTTOM) / LEAST_LANE));
    const names = (alone ? [...figures.actions.keys()] : entities.sort(BY_NAME)).slice(0, room);
    const hidden = (alone ? figures.actions.size : entities.length) - names.length;
    const lane = Math.min(MOST_LANE, (drawing.height - TOP - BOTTOM) / Math.max(1, names.length));
    const left = 12 + 6.2 * Math.min(LONGEST_NAME, Math.max(3, ...names.map((name) => name.length)));
    this.#lanes(names, lane, left);
    const lanes = new Map(names.map((name, index) => [name, TOP + (index + 0.5) * lane]));
    const { context, width } = drawing;
    const tall = lane > 8 ? lane - 5 : Math.max(2, lane - 1);
    figures.forEach(now, (each) => {
      const y = lanes.get(alone ? each.action : each.entity);
      if (y === undefined) {
        return;
      }
      const x = left + (1 - (now - each.at) / WINDOW_MILLIS) * (width - left - RIGHT);
      context.fillStyle = alone ? this.#palette.get(each.served) : this.#palette.kind(figures.actions.get(each.action));
      context.fillRect(x - 1.25, y - tall / 2, 2.5, tall);
      drawing.mark(x, y, each);
    });
    this.#explain(figures, alone, entities.length, hidden);
  }

  #lanes(names, lane, left) {
    const { context, width, height } = this.#drawing;
    context.font = this.#palette.font;
    context.strokeStyle = this.#palette.get("line");
    context.lineWidth = 1;
    context.fillStyle = this.#palette.get("muted");
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.beginPath();
    const every = Math.ceil(NAMED_LANE / lane);
    names.forEach((name, index) => {
      if (index % every) {
        return;
      }
      const y = Math.round(TOP + (index + 0.5) * lane) + 0.5;
      context.moveTo(left, y);
      context.lineTo(width - RIGHT, y);
      context.fillText(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name, left - 6, y);
    });
    context.stroke();
    context.textBaseline = "alphabetic";
    context.fillText("now", width - RIGHT, height - 4);
    context.textAlign = "left";
    context.fillText("−60 s", left, height - 4);
  }

  #explain(figures, alone, bots, hidden) {
    this.#drawing.describe(
      bots === 0 ? "Timeline: no decisions in the last minute" : alone ? "Timeline of one bot, a lane for each action" : `Timeline of ${count(bots, "bot")}, coloured by action`);
    const wanted = bots === 0 ? "" : `${alone}|${hidden}|${alone ? "" : [...figures.actions.keys()].join("|")}`;
    if (wanted === this.#legendFor) {
      return;
    }
    this.#legendFor = wanted;
    const parts = [];
    if (!alone && bots > 0) {
      for (const [action, index] of figures.actions) {
        const swatch = make("span", "swatch");
        swatch.dataset.kind = String(Math.min(9, index));
        parts.push(make("span", "legend-entry", swatch, action));
      }
    }
    if (hidden > 0) {
      parts.push(make("span", "legend-entry", `${hidden} more: filter by entity to see one`));
    }
    this.#legend.replaceChildren(...parts);
  }
}
