/** How long decisions took in the last minute, against the budget. */

import { Drawing } from "./canvas.js";
import { clock, latency } from "./format.js";
import { WINDOW_MILLIS } from "./figures.js";

const LEFT = 54;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 18;
const LEAST_MICROS = 50;
const MOST_MICROS = 1_000_000;
const LINES = [100, 1_000, 10_000, 100_000, 1_000_000];
const DECADES = Math.log(MOST_MICROS / LEAST_MICROS);

export class LatencyChart {
  #drawing;
  #palette;

  constructor(canvas, readout, palette, onOpen) {
    this.#palette = palette;
    const words = (each) => `${each.entity} ${each.action} · ${latency(each.micros)} · ${clock(each.at)}`;
    this.#drawing = new Drawing(canvas, readout, words, onOpen);
  }

  set onResize(callback) {
    this.#drawing.onResize = callback;
  }

  draw(figures, now, summary, budgetMillis) {
    const drawing = this.#drawing;
    if (!drawing.begin()) {
      return;
    }
    const budget = budgetMillis * 1_000;
    this.#axes(now);
    this.#dots(figures, now);
    this.#level(budget, `${budgetMillis} ms budget`, "bad", [5, 4]);
    if (summary.decisions) {
      this.#level(summary.median, "", "muted", [2, 3]);
    }
    drawing.describe(
      summary.decisions
        ? `Latency of the last minute: median ${latency(summary.median)}, 95th percentile ${latency(summary.p95)}, ${summary.over} of ${summary.decisions} over ${budgetMillis} ms`
        : "Latency: no decisions in the last minute");
  }

  #y(micros) {
    const share = Math.log(Math.min(MOST_MICROS, Math.max(LEAST_MICROS, micros)) / LEAST_MICROS) / DECADES;
    return TOP + (1 - share) * (this.#drawing.height - TOP - BOTTOM);
  }

  #x(at, now) {
    return LEFT + (1 - (now - at) / WINDOW_MILLIS) * (this.#drawing.width - LEFT - RIGHT);
  }

  #axes(now) {
    const { context, width, height } = this.#drawing;
    context.font = this.#palette.font;
    context.fillStyle = this.#palette.get("muted");
    context.strokeStyle = this.#palette.get("line");
    context.lineWidth = 1;
    context.textBaseline = "middle";
    context.textAlign = "right";
    context.beginPath();
    for (const micros of LINES) {
      const y = Math.round(this.#y(micros)) + 0.5;
      context.moveTo(LEFT, y);
      context.lineTo(width - RIGHT, y);
      context.fillText(micros < 1_000_000 ? `${micros / 1_000} ms` : "1 s", LEFT - 6, y);
    }
    context.stroke();
    context.textBaseline = "alphabetic";
    context.textAlign = "center";
    for (let seconds = 45; seconds >= 15; seconds -= 15) {
      context.fillText(`−${seconds} s`, this.#x(now - seconds * 1_000, now), height - 4);
    }
    context.textAlign = "left";
    context.fillText("−60 s", LEFT, height - 4);
    context.textAlign = "right";
    context.fillText("now", width - RIGHT, height - 4);
  }

  #dots(figures, now) {
    const { context } = this.#drawing;
    context.globalAlpha = 0.85;
    let color = "";
    figures.forEach(now, (each) => {
      if (!Number.isFinite(each.micros)) {
        return;
      }
      const x = this.#x(each.at, now);
      const y = this.#y(each.micros);
      const wanted = this.#palette.get(each.served);
      if (wanted !== color) {
        context.fillStyle = color = wanted;
      }
      context.fillRect(x - 1.5, y - 1.5, 3, 3);
      this.#drawing.mark(x, y, each);
    });
    context.globalAlpha = 1;
  }

  #level(micros, words, color, dashes) {
    const { context, width } = this.#drawing;
    const y = Math.round(this.#y(micros)) + 0.5;
    context.strokeStyle = this.#palette.get(color);
    context.lineWidth = 1.2;
    context.setLineDash(dashes);
    context.beginPath();
    context.moveTo(LEFT, y);
    context.lineTo(width - RIGHT, y);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = this.#palette.get(color);
    context.textAlign = "left";
    context.textBaseline = "bottom";
    context.fillText(words, LEFT + 6, y - 3);
  }
}
