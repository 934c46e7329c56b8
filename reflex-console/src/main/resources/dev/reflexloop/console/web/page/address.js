/** What is looked at stands behind the # of the address, so that back, forward, reload and a copied link keep it. */

export const FILTERS = ["source", "level", "event", "entity", "tick"];
const TABS = ["decision", "inbox", "review"];
const TOKEN = "reflex.token";

/** What the address says. */
export function read() {
  const words = new URLSearchParams(location.hash.slice(1));
  const filters = {};
  for (const name of FILTERS) {
    const value = (words.get(name) ?? "").trim();
    if (value) {
      filters[name] = value;
    }
  }
  const tab = words.get("tab");
  return { filters, id: words.get("id") ?? "", tab: TABS.includes(tab) ? tab : "" };
}

function fragment({ filters, id, tab }) {
  const words = new URLSearchParams(filters);
  if (id) {
    words.set("id", id);
  }
  if (tab) {
    words.set("tab", tab);
  }
  return words.toString();
}

/** Puts it there as a step that "back" undoes. */
export function write(view) {
  const text = fragment(view);
  if (text !== location.hash.slice(1)) {
    history.pushState(null, "", text ? `#${text}` : location.pathname);
  }
}

/**
 * Takes the token out of the address, where a screenshot or a copied link would show it, and keeps it for as long as this tab lives.
 * It is never part of a request's address.
 */
export function takeToken() {
  const words = new URLSearchParams(location.hash.slice(1));
  const given = words.get("token");
  if (given) {
    sessionStorage.setItem(TOKEN, given);
    history.replaceState(null, "", `#${fragment(read())}`);
  }
  return sessionStorage.getItem(TOKEN) ?? "";
}
