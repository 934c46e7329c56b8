/** Light, dark, or as the system says. */

const KEY = "reflex.theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const system = matchMedia("(prefers-color-scheme: dark)");
let changed = () => {};

export function followTheme(onChange) {
  changed = onChange;
  system.addEventListener("change", onChange);
  onChange();
}

/** Takes the next theme and gives its name. */
export function nextTheme() {
  const root = document.documentElement;
  const theme = NEXT[root.dataset.theme ?? "auto"];
  if (theme === "auto") {
    delete root.dataset.theme;
    localStorage.removeItem(KEY);
  } else {
    root.dataset.theme = theme;
    localStorage.setItem(KEY, theme);
  }
  changed();
  return theme === "auto" ? "as the system says" : theme;
}
