/** The page: brings events from the socket to the rows and drawings, once per frame, and keys and clicks to what they mean. */

import { read, takeToken, write } from "./address.js";
import { Palette } from "./canvas.js";
import { LatencyChart } from "./chart.js";
import { Escalations } from "./escalations.js";
import { Figures } from "./figures.js";
import { Filters } from "./filters.js";
import { count, make, span, whole } from "./format.js";
import { bindKeys } from "./keys.js";
import { BotMap } from "./map.js";
import { Opened } from "./opened.js";
import { Review } from "./review.js";
import { state, Telemetry, useToken } from "./server.js";
import { Shares } from "./shares.js";
import { Stream } from "./stream.js";
import { followTheme, nextTheme } from "./themes.js";
import { Timeline } from "./timeline.js";

const BEFORE = 1_000;
const MOST_PENDING = 5_000;
const REMEMBERED = 4_000;
const DRAW_MILLIS = 100;
const CALM_DRAW_MILLIS = 1_000;
const COUNT_MILLIS = 400;
const LOOK_MILLIS = 1_000;
const SAID_MILLIS = 4_000;
const TABS = ["decision", "inbox", "review"];

const at = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const narrow = matchMedia("(max-width: 999px)");

useToken(takeToken());

let server = { budgetMillis: 200, has: {} };
let view = read();
let paused = false;
let pending = [];
let arrived = 0;
let scheduled = false;
let drawn = 0;
let counted = 0;
let lostBefore = 0;
let lostNow = 0;
let unseen = 0;
let whereChosen = "";
let lookedAtEscalations = 0;
let silence = 0;
const remembered = new Set();

const palette = new Palette();
const figures = new Figures();
let summary = figures.summary(figures.now(), 0);
const shares = new Shares(at("shares-bar"), at("shares-table"), at("vitals"));
const chart = new LatencyChart(at("latency"), at("latency-readout"), palette, openDrawn);
const timeline = new Timeline(at("timeline"), at("where-readout"), at("timeline-legend"), palette, openDrawn);
const map = new BotMap(at("map"), at("where-readout"), palette, openDrawn);
const opened = new Opened(at("decision"), () => server, () => review, (entity) => setFilters({ ...view.filters, entity }));
const review = new Review(at("review"), () => server.budgetMillis, say, (id, label) => opened.labelled(id, label));
const escalations = new Escalations(at("inbox"), document.querySelectorAll("[data-badge]"), say);
const stream = new Stream(at("rows"), at("stream-empty"), at("newer"), openEvent);
const filters = new Filters(at, setFilters, (failure) => say(failure.message, true));
const telemetry = new Telemetry(onFrame, onLink);

// ---- from the socket to the page

function onFrame(frame) {
  for (const event of frame.events) {
    event.fields ??= {};
    const key = `${event.at} ${event.source} ${event.event} ${event.entity} ${event.tick} ${event.fields.id ?? ""}`;
    if (!remembered.has(key)) { // others are known from before the connection was lost
      remembered.add(key);
      event.millis = Date.parse(event.at);
      event.isDecision = event.source === "loop" && event.event === "decision";
      event.isOutcome = event.source === "loop" && event.event === "outcome";
      pending.push(event);
      arrived++;
    }
  }
  for (const old of remembered) {
    if (remembered.size <= REMEMBERED) {
      break;
    }
    remembered.delete(old);
  }
  if (pending.length > MOST_PENDING) {
    unseen += pending.length - MOST_PENDING;
    pending = pending.slice(-MOST_PENDING);
  }
  lostNow = frame.lost;
  showLost();
  schedule();
}

function schedule() {
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(frame);
  }
}

function frame(time) {
  scheduled = false;
  if (paused) {
    showPause();
    return;
  }
  const events = pending;
  pending = [];
  events.forEach(notice);
  const budgetMicros = server.budgetMillis * 1_000;
  stream.add(events, budgetMicros);
  if (time - drawn < (calm.matches ? CALM_DRAW_MILLIS : DRAW_MILLIS)) {
    schedule();
    return;
  }
  drawn = time;
  draw(time, budgetMicros);
}

function draw(time, budgetMicros) {
  const now = figures.now();
  if (time - counted > COUNT_MILLIS) {
    counted = time;
    summary = figures.summary(now, budgetMicros);
    shares.show(summary);
  }
  chart.draw(figures, now, summary, server.budgetMillis);
  if (at("map").hidden) {
    timeline.draw(figures, now);
  } else {
    map.draw();
  }
  if (summary.decisions) {
    schedule(); // what was drawn goes on moving to the left
  }
}

function notice(event) {
  filters.notice(event);
  if (event.isDecision) {
    figures.add(event);
  } else if (event.isOutcome && event.fields.id === opened.id) {
    opened.lookUp();
  } else if (event.source === "escalation" || event.source === "guidance") {
    lookAtEscalations();
  }
}

// ---- the connection

function onLink(link) {
  const box = at("link");
  box.dataset.link = link.state;
  box.dataset.until = link.until ?? "";
  at("link-words").textContent = { connecting: "Connecting", live: "Live", waiting: "" }[link.state];
  if (link.state === "connecting") {
    lostBefore += lostNow;
    lostNow = 0;
  } else if (link.state === "live") {
    learnServer();
  }
  showLink();
}

function showLink() {
  const box = at("link");
  box.dataset.state = paused && box.dataset.link === "live" ? "paused" : box.dataset.link;
  if (box.dataset.link === "waiting") {
    at("link-words").textContent = `No connection, again in ${span(Number(box.dataset.until) - Date.now())}`;
  }
}

function showLost() {
  const lost = lostBefore + lostNow + unseen;
  const words = lost ? `${count(lost, "event")} lost` : "";
  if (at("lost").textContent !== words) {
    at("lost").hidden = lost === 0;
    at("lost").textContent = words;
    at("lost").title = `${whole(lostBefore + lostNow)} were overwritten before this page took them; ${whole(unseen)} came while it was paused or hidden and were too many to keep.`;
  }
}

async function learnServer() {
  try {
    server = await state();
  } catch (failure) {
    say(failure.message, true);
    return;
  }
  server.has ??= {};
  server.isKnown = true;
  if (Number.isFinite(server.millis)) {
    figures.serverSays(server.millis);
  }
  for (const [tab, can] of [["inbox", server.has.escalations], ["review", server.has.review]]) {
    at(`tab-${tab}`).hidden = at(`go-${tab}`).hidden = !can;
  }
  if (view.tab && at(`tab-${view.tab}`).hidden) {
    view.tab = "";
  }
  showTab();
  lookAtEscalations();
  opened.lookUp();
  schedule();
}

function lookAtEscalations() {
  if (server.has.escalations && performance.now() - lookedAtEscalations > LOOK_MILLIS / 4) {
    lookedAtEscalations = performance.now();
    escalations.look();
  }
}

// ---- pause

function togglePause() {
  paused = !paused;
  arrived = 0;
  at("pause").setAttribute("aria-pressed", String(paused));
  document.body.classList.toggle("paused", paused);
  showLink();
  showPause();
  schedule();
}

function showPause() {
  at("pause-words").textContent = paused ? (arrived ? `Resume · ${whole(arrived)} new` : "Resume") : "Pause";
}

// ---- filters

function setFilters(chosen) {
  if (JSON.stringify(chosen) !== JSON.stringify(view.filters)) {
    view = { ...view, filters: chosen };
    write(view);
    follow();
  }
}

/** Begins anew with what the filters let through. */
function follow() {
  filters.show(view.filters);
  const words = Object.entries(view.filters).map(([name, value]) => `${name} ${value}`).join(", ");
  at("stream-note").textContent = words && `only ${words}`;
  at("empty-words").replaceChildren(
    ...(words
      ? [make("strong", "", "Nothing fits the filter yet."), " What fits is shown as soon as it happens."]
      : [make("strong", "", "Nothing yet."), " Start the bot with a telemetry bus, and its decisions appear here:"]));
  at("empty-code").hidden = words !== "";
  pending = [];
  remembered.clear();
  figures.clear();
  map.clear();
  stream.clear();
  lostBefore = lostNow = unseen = counted = 0;
  showLost();
  showWhere();
  telemetry.open(view.filters, BEFORE);
  schedule();
}

// ---- one decision

function openEvent(event) {
  const id = event.isDecision || event.isOutcome ? event.fields.id : event.fields.decision;
  if (id) {
    openDecision(id, event.isDecision ? event : null);
  } else if (event.source === "escalation") {
    goTo("inbox");
  }
}

function openDrawn(each) {
  const fields = { id: each.id, action: each.action, served: each.served, latencyMicros: each.micros };
  openDecision(each.id, { entity: each.entity, tick: each.tick, millis: each.at, at: new Date(each.at).toISOString(), fields });
}

function openDecision(id, event) {
  view = { ...view, id, tab: "decision" };
  write(view);
  document.body.classList.add("sheet");
  showTab();
  opened.open(id, event);
}

function closePanel() {
  document.body.classList.remove("sheet");
  if (opened.id) {
    opened.close();
    view = { ...view, id: "" };
    write(view);
  }
  showTab();
  stream.select(null);
  stream.follow();
}

function label(name) {
  if (view.tab === "review") {
    review.labelShown(name);
  } else {
    opened.label(name);
  }
}

// ---- tabs

function showTab() {
  const tab = view.tab || "decision";
  const isSheet = document.body.classList.contains("sheet");
  for (const name of TABS) {
    const isIt = name === tab;
    at(name).hidden = !isIt;
    at(`tab-${name}`).setAttribute("aria-selected", String(isIt));
    at(`tab-${name}`).tabIndex = isIt ? 0 : -1;
    at(`go-${name}`).setAttribute("aria-current", String(isIt && isSheet));
  }
  at("go-watch").setAttribute("aria-current", String(!isSheet));
}

function goTo(tab) {
  if (at(`tab-${tab}`).hidden) {
    return;
  }
  view = { ...view, tab };
  write(view);
  document.body.classList.add("sheet");
  showTab();
  if (tab === "review") {
    review.show();
  } else if (tab === "inbox") {
    lookAtEscalations();
  }
}

// ---- where

function showWhere() {
  const isMap = map.isKnown && whereChosen !== "timeline";
  at("where-switch").hidden = !map.isKnown;
  at("map").hidden = !isMap;
  at("timeline").hidden = at("timeline-legend").hidden = isMap;
  at("where-title").textContent = isMap ? "Map" : "Timeline";
  at("where-map").setAttribute("aria-pressed", String(isMap));
  at("where-timeline").setAttribute("aria-pressed", String(!isMap));
}

async function lookAtMap() {
  if (server.has.decisions && !paused && !document.hidden && summary.decisions && whereChosen !== "timeline") {
    const wasKnown = map.isKnown;
    await map.look(view.filters.entity);
    if (map.isKnown !== wasKnown) {
      showWhere();
    }
    schedule();
  }
}

// ---- words to the user

function say(words, isBad = false) {
  at("said").textContent = words;
  at("said").classList.toggle("bad", isBad);
  at("said").classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => at("said").classList.remove("shown"), isBad ? 2 * SAID_MILLIS : SAID_MILLIS);
}

// ---- beginning

function bind() {
  const redraw = () => {
    drawn = 0;
    schedule();
  };
  const theme = () => say(`Theme: ${nextTheme()}`);
  const help = () => at("help").showModal();
  at("skip").addEventListener("click", (event) => {
    event.preventDefault();
    at("rows").focus();
  });
  at("pause").addEventListener("click", togglePause);
  at("link").addEventListener("click", () => telemetry.retryNow());
  at("theme").addEventListener("click", theme);
  at("help-open").addEventListener("click", help);
  at("help-close").addEventListener("click", () => at("help").close());
  at("panel-close").addEventListener("click", closePanel);
  for (const tab of TABS) {
    at(`tab-${tab}`).addEventListener("click", () => goTo(tab));
    at(`go-${tab}`).addEventListener("click", () => goTo(tab));
  }
  at("go-watch").addEventListener("click", () => {
    document.body.classList.remove("sheet");
    showTab();
  });
  for (const name of ["timeline", "map"]) {
    at(`where-${name}`).addEventListener("click", () => {
      whereChosen = name;
      showWhere();
      redraw();
    });
  }
  chart.onResize = timeline.onResize = map.onResize = redraw;
  addEventListener("popstate", revisit);
  followTheme(() => {
    palette.read();
    redraw();
  });
  bindKeys({
    move: (down) => stream.move(down),
    open: () => stream.openSelected(),
    label,
    undo: () => server.has.review && review.undo(),
    pause: togglePause,
    filter: () => filters.focus(),
    help,
    goTo,
    theme,
    close: closePanel,
  });
}

/** The address was changed by "back", "forward" or by hand. */
function revisit() {
  takeToken();
  const before = view;
  view = read();
  if (JSON.stringify(before.filters) !== JSON.stringify(view.filters)) {
    follow();
  }
  if (view.id !== opened.id) {
    if (view.id) {
      opened.open(view.id, null);
    } else {
      opened.close();
    }
  }
  showTab();
  if (view.tab === "review" && before.tab !== "review") {
    review.show();
  }
}

bind();
document.body.classList.toggle("sheet", Boolean(view.id || view.tab) && narrow.matches);
opened.show();
if (view.id) {
  opened.open(view.id, null);
}
showTab();
follow();
if (view.tab === "review") {
  review.show();
}
setInterval(() => {
  showLink();
  lookAtEscalations();
  schedule();
}, LOOK_MILLIS);
setInterval(lookAtMap, LOOK_MILLIS);
