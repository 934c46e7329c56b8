/** What the drawings share: sharp pixels, colours of the theme, and a look under the pointer. */

export class Drawing {
  #canvas;
  #points = [];
  width = 0;
  height = 0;

  /**
   * @param canvas the element; it fills its box
   * @param readout says in words what is under the pointer
   * @param onOpen told the decision that was clicked
   */
  constructor(canvas, readout, describe, onOpen) {
    this.#canvas = canvas;
    this.context = canvas.getContext("2d");
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect)).observe(canvas);
    canvas.addEventListener("pointermove", (event) => {
      const found = this.#near(event);
      readout.textContent = found ? describe(found) : "";
      canvas.classList.toggle("pointing", Boolean(found));
    });
    canvas.addEventListener("pointerleave", () => (readout.textContent = ""));
    canvas.addEventListener("click", (event) => {
      const found = this.#near(event);
      if (found) {
        onOpen(found);
      }
    });
  }

  #resize({ width, height }) {
    const sharp = Math.min(3, devicePixelRatio || 1);
    this.#canvas.width = Math.round(width * sharp);
    this.#canvas.height = Math.round(height * sharp);
    this.context.setTransform(sharp, 0, 0, sharp, 0, 0);
    this.width = width;
    this.height = height;
    this.onResize?.();
  }

  begin() {
    this.context.clearRect(0, 0, this.width, this.height);
    this.#points = [];
    return this.width > 20 && this.height > 20;
  }

  /** Remembers where a decision was drawn. */
  mark(x, y, decision) {
    this.#points.push(x, y, decision);
  }

  describe(words) {
    this.#canvas.setAttribute("aria-label", words);
  }

  #near({ offsetX, offsetY }) {
    let best = null;
    let distance = 14 * 14;
    for (let i = 0; i < this.#points.length; i += 3) {
      const dx = this.#points[i] - offsetX;
      const dy = this.#points[i + 1] - offsetY;
      if (dx * dx + dy * dy < distance) {
        distance = dx * dx + dy * dy;
        best = this.#points[i + 2];
      }
    }
    return best;
  }
}

const NAMES = [
  "text", "muted", "line", "bad", "accent", "surface",
  "MODEL", "CACHE", "FORCED", "FALLBACK", "GUIDANCE", "SHIELD", "HOLD", "OTHER",
  "kind-0", "kind-1", "kind-2", "kind-3", "kind-4", "kind-5", "kind-6", "kind-7", "kind-8", "kind-9",
];

/** The theme's colours, read once per theme. */
export class Palette {
  #colors = {};

  read() {
    const style = getComputedStyle(document.documentElement);
    for (const name of NAMES) {
      this.#colors[name] = style.getPropertyValue(`--${name}`).trim();
    }
    this.font = `11px ${style.getPropertyValue("--sans").trim() || "sans-serif"}`;
  }

  get(name) {
    return this.#colors[name] ?? this.#colors.OTHER;
  }

  /** One of ten colours for the nth kind of something; more than ten share the last. */
  kind(index) {
    return this.#colors[`kind-${Math.min(9, index)}`];
  }
}
