/** How things are written, and how elements are made. Whatever came from a game becomes a text node, never markup. */

export const SERVED = ["MODEL", "CACHE", "FORCED", "FALLBACK", "GUIDANCE", "SHIELD", "HOLD"];

export const SERVED_MEANS = {
  MODEL: "chosen from the model's answer",
  CACHE: "an earlier answer to the same question",
  FORCED: "only one action was legal",
  FALLBACK: "the answer that was there before the model was asked",
  GUIDANCE: "said by the strategist",
  SHIELD: "put in the place of a vetoed action",
  HOLD: "held while somebody is asked, or stopped",
};

const WHOLE = new Intl.NumberFormat("en");

export function whole(number) {
  return WHOLE.format(Math.round(number));
}

/** The singular or plural of a word behind its number. */
export function count(number, one, many = one + "s") {
  return `${whole(number)} ${number === 1 ? one : many}`;
}

/** Three digits at most before the unit, so that columns stay narrow. */
export function latency(micros) {
  if (!Number.isFinite(micros)) {
    return "–";
  }
  const millis = micros / 1000;
  if (millis >= 1000) {
    return `${(millis / 1000).toFixed(2)} s`;
  }
  return `${millis.toFixed(millis < 1 ? 2 : millis < 10 ? 1 : 0)} ms`;
}

export function percent(share, digits = 0) {
  if (!Number.isFinite(share)) {
    return "–";
  }
  const text = (share * 100).toFixed(digits);
  return `${share > 0 && Number(text) === 0 ? `< ${digits ? "0.1" : "1"}` : text} %`;
}

export function signed(number) {
  return `${number > 0 ? "+" : ""}${Number(number.toFixed(2))}`;
}

/** A number as it was perceived, without the noise of a double's last digits. */
export function plain(number) {
  return Number.isInteger(number) ? String(number) : String(Number(number.toPrecision(6)));
}

function two(number) {
  return number < 10 ? `0${number}` : `${number}`;
}

export function clock(millis) {
  if (!Number.isFinite(millis)) {
    return "";
  }
  const at = new Date(millis);
  const rest = at.getMilliseconds();
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${rest < 100 ? `0${two(rest)}` : rest}`;
}

/** A time span that is counted down. */
export function span(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function button(className, words, onClick) {
  const element = make("button", className, words);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

/** The mark by which a way of serving is known everywhere: a coloured square and its name. */
export function servedMark(served) {
  const mark = make("span", "served", make("span", "swatch"), make("span", "served-name", served.toLowerCase()));
  mark.dataset.served = SERVED.includes(served) ? served : "OTHER";
  mark.title = SERVED_MEANS[served] ?? "";
  return mark;
}

/** Actions from the likeliest to the least. */
export function ranked(probabilities) {
  return Object.entries(probabilities ?? {})
    .filter(([, value]) => Number.isFinite(value))
    .sort((a, b) => b[1] - a[1]);
}
