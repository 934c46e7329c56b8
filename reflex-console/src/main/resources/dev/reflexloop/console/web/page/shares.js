/** How the decisions of the last minute were served, and the figures above everything. */

import { latency, make, percent, SERVED, SERVED_MEANS, servedMark, whole } from "./format.js";

export class Shares {
  #bar;
  #rows = new Map();
  #vitals = {};

  constructor(bar, table, vitals) {
    this.#bar = bar;
    for (const kind of SERVED) {
      const segment = make("span", "segment");
      segment.dataset.served = kind;
      bar.append(segment);
      const number = make("td", "number");
      const share = make("td", "number strong");
      const head = make("th", "", servedMark(kind));
      head.scope = "row";
      head.title = SERVED_MEANS[kind];
      const row = make("tr", "none", head, number, share);
      table.append(row);
      this.#rows.set(kind, { segment, row, number, share });
    }
    for (const value of vitals.querySelectorAll("[data-vital]")) {
      this.#vitals[value.dataset.vital] = value;
    }
  }

  show(summary) {
    const all = summary.decisions;
    for (const [kind, { segment, row, number, share }] of this.#rows) {
      const count = summary.served[kind] ?? 0;
      segment.style.flexGrow = String(count);
      segment.hidden = count === 0;
      row.classList.toggle("none", count === 0);
      put(number, count ? whole(count) : "–");
      put(share, count ? percent(count / all, 1) : "");
    }
    this.#bar.classList.toggle("none", all === 0);
    const vitals = this.#vitals;
    put(vitals.rate, summary.perSecond ? summary.perSecond.toFixed(summary.perSecond < 10 ? 1 : 0) : "0");
    put(vitals.bots, whole(summary.bots));
    put(vitals.median, latency(summary.median));
    put(vitals.p95, latency(summary.p95));
    put(vitals.p99, latency(summary.p99));
    put(vitals.over, all ? whole(summary.over) : "–");
    vitals.over.classList.toggle("bad", summary.over > 0);
    put(vitals.model, all ? percent((summary.served.MODEL + summary.served.CACHE) / all) : "–");
  }
}

function put(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
