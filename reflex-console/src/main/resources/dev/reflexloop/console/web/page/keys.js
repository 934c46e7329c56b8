/** What each key does, wherever no text is being written. */

const LABELS = { c: "chosen", r: "rejected", s: "skip" };
const TABS = { d: "decision", i: "inbox", v: "review" };
const WRITING = "input, select, textarea, [contenteditable]";

/** Binds the keys to what is done. */
export function bindKeys(does) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
      return;
    }
    if (event.target.closest?.(WRITING)) {
      if (event.key === "Escape") {
        event.target.blur();
      }
      return;
    }
    if (press(event.key, event, does)) {
      event.preventDefault();
    }
  });
}

/** Whether the key meant something. */
function press(key, event, does) {
  const onControl = event.target.closest?.("button, a, summary, [role=tab]");
  if (key in LABELS) {
    does.label(LABELS[key]);
  } else if (key in TABS) {
    does.goTo(TABS[key]);
  } else if (key === "j" || (key === "ArrowDown" && isStream(event))) {
    does.move(true);
  } else if (key === "k" || (key === "ArrowUp" && isStream(event))) {
    does.move(false);
  } else if (key === "Enter" && !onControl) {
    does.open();
  } else if (key === " " && !onControl) {
    does.pause();
  } else if ((key === "ArrowLeft" || key === "ArrowRight") && event.target.role === "tab") {
    turn(event.target, key === "ArrowRight");
  } else if (key === "u") {
    does.undo();
  } else if (key === "/") {
    does.filter();
  } else if (key === "?") {
    does.help();
  } else if (key === "t") {
    does.theme();
  } else if (key === "Escape") {
    does.close();
  } else {
    return false;
  }
  return true;
}

/** Arrows scroll the panel when it has the focus. */
function isStream(event) {
  return !event.target.closest?.("#panel");
}

function turn(tab, forward) {
  const tabs = [...tab.parentElement.querySelectorAll("[role=tab]:not([hidden])")];
  const next = tabs[(tabs.indexOf(tab) + (forward ? 1 : tabs.length - 1)) % tabs.length];
  next.focus();
  next.click();
}
