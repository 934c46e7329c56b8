/** Where the bots are, for games whose perceptions say so. */

import { Drawing } from "./canvas.js";
import { clock, count, plain } from "./format.js";
import { get } from "./server.js";

const LOOK_MILLIS = 1_000;
const TRAIL = 40;
const MOST_PLACES = 240;
const LOOKED_AT = 200;
const PAD = 18;
const LEAST_CELL = 32;
const PAIRS = [["x", "y"], ["posX", "posY"], ["pos_x", "pos_y"], ["positionX", "positionY"], ["position_x", "position_y"], ["x", "z"]];
const TEXTS = ["position", "pos", "location", "coordinates"];

/** The place that facts tell of, or null. */
export function placeOf(facts) {
  for (const [x, y] of PAIRS) {
    if (Number.isFinite(facts[x]) && Number.isFinite(facts[y])) {
      return { x: facts[x], y: facts[y] };
    }
  }
  for (const name of TEXTS) {
    const fact = Array.isArray(facts[name]) ? facts[name][0] : facts[name];
    if (fact && typeof fact === "object") {
      const inner = placeOf(fact);
      if (inner) {
        return inner;
      }
    }
    const numbers = typeof fact === "string" ? fact.match(/-?\d+(\.\d+)?/g) : null;
    if (numbers && numbers.length >= 2) {
      return { x: Number(numbers[0]), y: Number(numbers[1]) };
    }
  }
  return null;
}

export class BotMap {
  #drawing;
  #palette;
  #trails = new Map();
  #bounds = null;
  #looked = 0;
  #looking = false;
  isKnown = false;

  constructor(canvas, readout, palette, onOpen) {
    this.#palette = palette;
    const words = (each) => `${each.entity} ${each.action} at ${plain(each.x)}, ${plain(each.y)} · ${clock(each.at)}`;
    this.#drawing = new Drawing(canvas, readout, words, onOpen);
  }

  set onResize(callback) {
    this.#drawing.onResize = callback;
  }

  clear() {
    this.#trails.clear();
    this.#bounds = null;
    this.isKnown = false;
  }

  /** Asks where the bots are, at most once a second. */
  async look(entity) {
    if (this.#looking || performance.now() - this.#looked < LOOK_MILLIS) {
      return;
    }
    this.#looking = true;
    try {
      const query = new URLSearchParams({ limit: String(LOOKED_AT), ...(entity ? { entity } : {}) });
      const found = await get(`/decisions?${query}`);
      this.#take(found.decisions ?? []);
    } catch {
      // The stream says that the server is away; the map keeps what it has.
    } finally {
      this.#looking = false;
      this.#looked = performance.now();
    }
  }

  #take(decisions) {
    for (const decision of [...decisions].reverse()) {
      const place = placeOf(decision.perception ?? {});
      if (!place) {
        continue;
      }
      const trail = this.#trails.get(decision.entity) ?? [];
      const at = Date.parse(decision.at);
      const last = trail[trail.length - 1];
      if (!last || at > last.at) {
        trail.push({ ...place, at, id: decision.id, entity: decision.entity, action: decision.action, served: decision.served, tick: decision.tick });
        trail.splice(0, trail.length - TRAIL);
        this.#trails.set(decision.entity, trail);
        this.#widen(place);
        this.isKnown = true;
      }
    }
  }

  #widen({ x, y }) {
    const bounds = this.#bounds;
    this.#bounds = bounds
      ? { left: Math.min(bounds.left, x), right: Math.max(bounds.right, x), low: Math.min(bounds.low, y), high: Math.max(bounds.high, y) }
      : { left: x, right: x, low: y, high: y };
  }

  draw() {
    const drawing = this.#drawing;
    if (!drawing.begin() || !this.#bounds) {
      return;
    }
    const { left, right, low, high } = this.#bounds;
    const scale = Math.min((drawing.width - 2 * PAD) / Math.max(1, right - left), (drawing.height - 2 * PAD) / Math.max(1, high - low));
    const middle = { x: (left + right) / 2, y: (low + high) / 2 };
    const x = (place) => drawing.width / 2 + (place.x - middle.x) * scale;
    const y = (place) => drawing.height / 2 - (place.y - middle.y) * scale;
    this.#grid(scale, middle);
    const length = Math.max(3, Math.round(MOST_PLACES / this.#trails.size));
    for (const trail of this.#trails.values()) {
      this.#trail(trail.slice(-length), x, y);
    }
    drawing.describe(`Map of ${count(this.#trails.size, "bot")}, from ${plain(left)}, ${plain(low)} to ${plain(right)}, ${plain(high)}`);
  }

  #grid(scale, middle) {
    const { context, width, height } = this.#drawing;
    const power = 10 ** Math.floor(Math.log10(LEAST_CELL / scale));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each * scale >= LEAST_CELL);
    context.strokeStyle = this.#palette.get("line");
    context.lineWidth = 1;
    context.beginPath();
    for (let x = Math.ceil((middle.x - width / 2 / scale) / step) * step; x < middle.x + width / 2 / scale; x += step) {
      const at = Math.round(width / 2 + (x - middle.x) * scale) + 0.5;
      context.moveTo(at, 0);
      context.lineTo(at, height);
    }
    for (let y = Math.ceil((middle.y - height / 2 / scale) / step) * step; y < middle.y + height / 2 / scale; y += step) {
      const at = Math.round(height / 2 - (y - middle.y) * scale) + 0.5;
      context.moveTo(0, at);
      context.lineTo(width, at);
    }
    context.stroke();
  }

  #trail(trail, x, y) {
    const { context } = this.#drawing;
    trail.forEach((place, index) => {
      context.globalAlpha = 0.15 + (0.6 * index) / trail.length;
      context.fillStyle = context.strokeStyle = this.#palette.get(place.served);
      if (index > 0) {
        context.lineWidth = 1.5;
        context.beginPath();
        context.moveTo(x(trail[index - 1]), y(trail[index - 1]));
        context.lineTo(x(place), y(place));
        context.stroke();
      }
      context.beginPath();
      context.arc(x(place), y(place), 2, 0, 2 * Math.PI);
      context.fill();
      this.#drawing.mark(x(place), y(place), place);
    });
    const now = trail[trail.length - 1];
    context.globalAlpha = 1;
    context.fillStyle = this.#palette.get(now.served);
    context.beginPath();
    context.arc(x(now), y(now), 5, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = this.#palette.get("text");
    context.font = this.#palette.font;
    context.textAlign = x(now) > this.#drawing.width - 90 ? "right" : "left";
    context.textBaseline = "middle";
    if (this.#trails.size <= 12) {
      context.fillText(now.entity, x(now) + (context.textAlign === "right" ? -9 : 9), y(now));
    }
  }
}
