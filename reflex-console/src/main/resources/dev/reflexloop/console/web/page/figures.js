/** The decisions of the last minute, for everything that counts or draws them. */

import { SERVED } from "./format.js";

export const WINDOW_MILLIS = 60_000;
const ROOM = 16_384;

export class Figures {
  #ring = new Array(ROOM);
  #next = 0;
  #kept = 0;
  #ahead = 0;
  entities = new Map();
  actions = new Map();

  /** Forgets everything, because something else is looked at. */
  clear() {
    this.#ring.fill(undefined);
    this.#next = this.#kept = 0;
    this.entities.clear();
    this.actions.clear();
  }

  add(event) {
    const fields = event.fields;
    const decision = {
      id: String(fields.id ?? ""),
      at: event.millis,
      entity: event.entity,
      tick: event.tick,
      action: String(fields.action ?? ""),
      served: String(fields.served ?? ""),
      micros: Number(fields.latencyMicros ?? NaN),
      late: fields.late === true,
    };
    this.#ring[this.#next] = decision;
    this.#next = (this.#next + 1) % ROOM;
    this.#kept = Math.min(ROOM, this.#kept + 1);
    this.entities.set(decision.entity, decision.at);
    if (!this.actions.has(decision.action)) {
      this.actions.set(decision.action, this.actions.size);
    }
  }

  /** Learns how far the server's clock is ahead of this one; it is told in whole seconds, so little differences are none. */
  serverSays(millis) {
    const ahead = millis - Date.now();
    this.#ahead = Math.abs(ahead) > 2_000 ? ahead : 0;
  }

  /** The time now by the clock that stamps the events. */
  now() {
    return Date.now() + this.#ahead;
  }

  /** Calls for each decision of the window, the newest first. */
  forEach(now, callback) {
    for (let i = 1; i <= this.#kept; i++) {
      const decision = this.#ring[(this.#next - i + ROOM) % ROOM];
      if (decision.at < now - WINDOW_MILLIS) {
        // Loops publish side by side, so times are not quite in order; half a minute is.
        if (decision.at < now - 1.5 * WINDOW_MILLIS) {
          break;
        }
      } else {
        callback(decision);
      }
    }
  }

  /** Counts over the window. */
  summary(now, budgetMicros) {
    const served = Object.fromEntries(SERVED.map((kind) => [kind, 0]));
    const latencies = [];
    const bots = new Set();
    let decisions = 0;
    let over = 0;
    let lastSeconds = 0;
    this.forEach(now, (each) => {
      decisions++;
      bots.add(each.entity);
      served[each.served] = (served[each.served] ?? 0) + 1;
      if (Number.isFinite(each.micros)) {
        latencies.push(each.micros);
      }
      if (each.late || each.micros > budgetMicros) {
        over++;
      }
      if (each.at > now - 5_000) {
        lastSeconds++;
      }
    });
    const sorted = Float64Array.from(latencies).sort();
    const quantile = (share) => (sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] : NaN);
    return {
      decisions,
      bots: bots.size,
      served,
      over,
      perSecond: lastSeconds / 5,
      median: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99),
    };
  }
}
