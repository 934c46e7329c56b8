/** The page: brings events from the socket to the rows and drawings, once per frame, and keys and clicks to what they mean. */

import { FILTERS, read, takeToken, write } from "./address.js";
import { Palette } from "./canvas.js";
import { LatencyChart } from "./chart.js";
import { detail, find, fromEvent, labelButtons } from "./decision.js";
import { Escalations } from "./escalations.js";
import { Figures } from "./figures.js";
import { count, make, span, whole } from "./format.js";
import { bindKeys } from "./keys.js";
import { BotMap } from "./map.js";
import { Review } from "./review.js";
import { download, get, hasToken, Telemetry, useToken } from "./server.js";
import { Shares } from "./shares.js";
import { Stream } from "./stream.js";
import { followTheme, nextTheme } from "./themes.js";
import { Timeline } from "./timeline.js";

const BEFORE = 1_000;
const MOST_PENDING = 5_000;
const DRAW_MILLIS = 100;
const CALM_DRAW_MILLIS = 1_000;
const REMEMBERED = 4_000;
const MOST_SEEN = 200;
const SAID_MILLIS = 4_000;
const LOOK_MILLIS = 2_000;

const at = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const narrow = matchMedia("(max-width: 999px)");

useToken(takeToken());

const palette = new Palette();
const figures = new Figures();
const stream = new Stream(at("rows"), at("stream-empty"), at("newer"), (event) => openEvent(event));
const shares = new Shares(at("shares-bar"), at("shares-table"), at("vitals"));
const openDrawn = (each) => openDecision(each.id, { ...each, millis: each.at, at: new Date(each.at).toISOString(), fields: { ...each, latencyMicros: each.micros } });
const chart = new LatencyChart(at("latency"), at("latency-readout"), palette, openDrawn);
const timeline = new Timeline(at("timeline"), at("where-readout"), at("timeline-legend"), palette, openDrawn);
const map = new BotMap(at("map"), at("where-readout"), palette, openDrawn);
const review = new Review(at("review"), () => server.budgetMillis, say, labelled);
const escalations = new Escalations(at("inbox"), document.querySelectorAll("[data-badge]"), say);
const telemetry = new Telemetry(onFrame, onLink);

let server = { budgetMillis: 200, has: {} };
let view = read();
let opened = null;
let pending = [];
let arrived = 0;
let paused = false;
let drawn = 0;
let scheduled = false;
let lostBefore = 0;
let lostNow = 0;
let unseen = 0;
let summary = figures.summary(figures.now(), server.budgetMillis * 1_000);
let counted = 0;
let whereChosen = "";
const remembered = new Set();
const seen = { entity: new Set(), event: new Set(), source: new Set() };

// ---- from the socket to the page

function onFrame(frame, isFirst) {
  for (const event of frame.events) {
    const fields = event.fields ?? {};
    event.fields = fields;
    const key = `${event.at} ${event.source} ${event.event} ${event.entity} ${event.tick} ${fields.id ?? ""}`;
    if (remembered.has(key)) {
      continue; // known from before the connection was lost
    }
    remembered.add(key);
    event.millis = Date.parse(event.at);
    event.isDecision = event.source === "loop" && event.event === "decision";
    event.isOutcome = event.source === "loop" && event.event === "outcome";
    if (event.isDecision && !isFirst) {
      figures.heard(event.millis);
    }
    pending.push(event);
    arrived++;
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
  if (frame.lost !== lostNow || unseen) {
    lostNow = frame.lost;
    showLost();
  }
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
  for (const event of events) {
    notice(event);
  }
  const budgetMicros = server.budgetMillis * 1_000;
  stream.add(events, budgetMicros);
  const every = calm.matches ? CALM_DRAW_MILLIS : DRAW_MILLIS;
  if (time - drawn < every) {
    schedule();
    return;
  }
  drawn = time;
  draw(time, budgetMicros);
}

function draw(time, budgetMicros) {
  const now = figures.now();
  if (time - counted > 400) {
    counted = time;
    summary = figures.summary(now, budgetMicros);
    shares.show(summary);
    showNote();
  }
  chart.draw(figures, now, summary, server.budgetMillis);
  if (at("map").hidden) {
    timeline.draw(figures, now);
  } else {
    map.draw();
  }
  // What was drawn goes on moving to the left.
  if (summary.decisions) {
    schedule();
  }
}

function notice(event) {
  remember("entity", event.entity);
  remember("event", event.event);
  remember("source", event.source);
  if (event.isDecision) {
    figures.add(event);
  } else if (event.isOutcome && opened && event.fields.id === opened.id) {
    fetchOpened();
  } else if (event.source === "escalation" || event.source === "guidance") {
    lookAtEscalations();
  }
}

function remember(name, value) {
  const values = seen[name];
  if (value && !values.has(value) && values.size < MOST_SEEN) {
    values.add(value);
    const option = make("option");
    option.value = value;
    at(`seen-${name}`).append(option);
  }
}

function showNote() {
  const filters = Object.keys(view.filters).length;
  const words = filters ? `filtered by ${Object.entries(view.filters).map(([name, value]) => `${name} ${value}`).join(", ")}` : "";
  if (at("stream-note").textContent !== words) {
    at("stream-note").textContent = words;
  }
}

// ---- the connection

function onLink(link) {
  const words = { connecting: "Connecting", live: "Live", waiting: "" };
  const box = at("link");
  box.dataset.state = paused && link.state === "live" ? "paused" : link.state;
  box.dataset.link = link.state;
  box.dataset.until = link.until ?? "";
  at("link-words").textContent = words[link.state];
  if (link.state === "connecting") {
    lostBefore += lostNow;
    lostNow = 0;
  }
  if (link.state === "waiting") {
    showWait();
  }
  if (link.state === "live") {
    learnServer();
  }
}

function showWait() {
  const until = Number(at("link").dataset.until);
  if (at("link").dataset.link === "waiting" && until) {
    at("link-words").textContent = `No connection, again in ${span(until - Date.now())}`;
  }
}

function showLost() {
  const lost = lostBefore + lostNow + unseen;
  at("lost").hidden = lost === 0;
  at("lost").textContent = `${count(lost, "event")} lost`;
  at("lost").title = `${whole(lostBefore + lostNow)} were overwritten before this page took them, ${whole(unseen)} came while it was paused or hidden and were too many to keep.`;
}

async function learnServer() {
  try {
    server = await get("/state");
  } catch (failure) {
    say(failure.message, true);
    return;
  }
  const { has = {} } = server;
  for (const [tab, can] of [["inbox", has.escalations], ["review", has.review]]) {
    at(`tab-${tab}`).hidden = at(`go-${tab}`).hidden = !can;
  }
  if (view.tab && at(`tab-${view.tab}`).hidden) {
    view.tab = "";
  }
  showTab();
  lookAtEscalations();
  if (view.id && !opened) {
    openDecision(view.id, null);
  }
  schedule();
}

let lastLook = 0;
function lookAtEscalations() {
  if (server.has.escalations && performance.now() - lastLook > 200) {
    lastLook = performance.now();
    escalations.look();
  }
}

// ---- pause

function togglePause() {
  paused = !paused;
  arrived = 0;
  at("pause").setAttribute("aria-pressed", String(paused));
  document.body.classList.toggle("paused", paused);
  at("link").dataset.state = paused ? "paused" : at("link").dataset.link;
  showPause();
  schedule();
}

function showPause() {
  at("pause-words").textContent = paused ? (arrived ? `Resume · ${whole(arrived)} new` : "Resume") : "Pause";
}

// ---- filters

function fillFilters() {
  for (const name of FILTERS) {
    at("filters").elements[name].value = view.filters[name] ?? "";
  }
  const any = Object.keys(view.filters).length > 0;
  at("filters-clear").hidden = !any;
  at("filter-toggle").textContent = any ? `Filter · ${Object.keys(view.filters).length}` : "Filter";
  at("download").href = `/logs/download?${new URLSearchParams(view.filters)}`;
  at("empty-words").replaceChildren(
    ...(any
      ? [make("strong", "", "Nothing fits the filter yet."), " It shows what fits as soon as it happens."]
      : [make("strong", "", "Nothing yet."), " Start the bot with a telemetry bus, and its decisions appear here:"]));
  at("empty-code").hidden = any;
}

function follow() {
  fillFilters();
  pending = [];
  remembered.clear();
  figures.clear();
  map.clear();
  stream.clear();
  lostBefore = lostNow = unseen = 0;
  showLost();
  showWhere();
  counted = 0;
  telemetry.open(view.filters, BEFORE);
  schedule();
}

function setFilters(filters) {
  if (JSON.stringify(filters) !== JSON.stringify(view.filters)) {
    view = { ...view, filters };
    write(view);
    follow();
  }
}

function filtersOfForm() {
  const filters = {};
  for (const name of FILTERS) {
    const value = at("filters").elements[name].value.trim();
    if (value && (name !== "tick" || /^\d+$/.test(value))) {
      filters[name] = value;
    }
  }
  return filters;
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

function openDecision(id, event) {
  opened = { id, event, decision: event ? fromEvent(event) : null, note: "" };
  view = { ...view, id, tab: "decision" };
  write(view);
  document.body.classList.add("sheet");
  showTab();
  showOpened();
  fetchOpened();
}

async function fetchOpened() {
  const wanted = opened;
  if (!server.has.decisions) {
    wanted.note = "This server follows no trajectory log, so perception and prompt are not known here. Start it with the folder of the log: reflexloop serve FOLDER";
    showOpened();
    return;
  }
  try {
    const decision = await find(wanted.id, wanted.event);
    wanted.decision = decision ?? wanted.decision;
    wanted.note = decision ? "" : "No log that this server follows has this decision, so perception and prompt are not known here.";
  } catch (failure) {
    wanted.note = failure.message;
  }
  if (wanted === opened) {
    showOpened();
  }
}

function showOpened() {
  const box = at("decision");
  document.body.classList.toggle("no-decision", !opened);
  if (!opened) {
    box.replaceChildren(make("p", "empty", "Click a decision, or move with j and k and press Enter, to see what was perceived, asked, answered and chosen."));
    return;
  }
  const { decision, note } = opened;
  const unfolded = new Set([...box.querySelectorAll("details[open]")].map((each) => each.dataset.name));
  const parts = decision ? detail(decision, server.budgetMillis) : [make("p", "empty", note || "Looking it up …")];
  if (decision && server.has.review) {
    parts.splice(1, 0, labelButtons(decision.review ?? null, (label) => review.label(opened.id, label), () => review.undo()));
  }
  if (decision?.entity && view.filters.entity !== decision.entity) {
    const only = make("button", "quiet", `Only ${decision.entity}`);
    only.type = "button";
    only.addEventListener("click", () => setFilters({ ...view.filters, entity: decision.entity }));
    parts.push(only);
  }
  if (decision && note) {
    parts.push(make("p", "note", note));
  }
  box.replaceChildren(...parts);
  for (const each of box.querySelectorAll("details")) {
    each.open = unfolded.has(each.dataset.name);
  }
}

function labelled(id, label) {
  if (opened?.id === id && opened.decision) {
    opened.decision.review = label;
    showOpened();
  }
}

function closePanel() {
  document.body.classList.remove("sheet");
  if (opened) {
    opened = null;
    view = { ...view, id: "" };
    write(view);
    showOpened();
  }
  stream.select(null);
  stream.follow();
}

// ---- tabs

function showTab() {
  const tab = view.tab || "decision";
  for (const name of ["decision", "inbox", "review"]) {
    const isIt = name === tab;
    at(name).hidden = !isIt;
    at(`tab-${name}`).setAttribute("aria-selected", String(isIt));
    at(`tab-${name}`).tabIndex = isIt ? 0 : -1;
    at(`go-${name}`).setAttribute("aria-current", String(isIt && document.body.classList.contains("sheet")));
  }
  at("go-watch").setAttribute("aria-current", String(!document.body.classList.contains("sheet")));
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

function label(name) {
  if (view.tab === "review") {
    review.labelShown(name);
  } else if (opened && server.has.review) {
    review.label(opened.id, name);
  }
}

// ---- where

function showWhere() {
  const isMap = map.isKnown && whereChosen !== "timeline";
  at("where-switch").hidden = !map.isKnown;
  at("map").hidden = !isMap;
  at("timeline").hidden = isMap;
  at("timeline-legend").hidden = isMap;
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

let silence = 0;
function say(words, isBad = false) {
  at("said").textContent = words;
  at("said").classList.toggle("bad", isBad);
  at("said").classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => at("said").classList.remove("shown"), isBad ? 2 * SAID_MILLIS : SAID_MILLIS);
}

// ---- beginning

function bind() {
  const filters = at("filters");
  let typing = 0;
  filters.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => setFilters(filtersOfForm()), 300);
  });
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    setFilters(filtersOfForm());
  });
  at("filters-clear").addEventListener("click", () => setFilters({}));
  at("filter-toggle").addEventListener("click", () => {
    const shown = filters.classList.toggle("shown");
    at("filter-toggle").setAttribute("aria-expanded", String(shown));
  });
  at("download").addEventListener("click", (event) => hasToken() && downloadWithToken(event));
  at("skip").addEventListener("click", (event) => {
    event.preventDefault();
    at("rows").focus();
  });
  at("pause").addEventListener("click", togglePause);
  at("link").addEventListener("click", () => telemetry.retryNow());
  at("theme").addEventListener("click", () => say(`Theme: ${nextTheme()}`));
  at("help-open").addEventListener("click", () => at("help").showModal());
  at("panel-close").addEventListener("click", closePanel);
  for (const tab of ["decision", "inbox", "review"]) {
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
      schedule();
    });
  }
  chart.onResize = timeline.onResize = map.onResize = () => {
    drawn = 0;
    schedule();
  };
  addEventListener("popstate", revisit);
  addEventListener("hashchange", revisit);
  followTheme(() => {
    palette.read();
    drawn = 0;
    schedule();
  });
  bindKeys({
    move: (down) => stream.move(down),
    open: () => stream.openSelected(),
    label,
    undo: () => server.has.review && review.undo(),
    pause: togglePause,
    filter: () => {
      filters.classList.add("shown");
      filters.elements.entity.focus();
    },
    help: () => at("help").showModal(),
    goTo,
    theme: () => say(`Theme: ${nextTheme()}`),
    close: closePanel,
  });
}

async function downloadWithToken(event) {
  event.preventDefault();
  try {
    const address = URL.createObjectURL(await download(at("download").getAttribute("href")));
    const link = make("a");
    link.href = address;
    link.download = "telemetry.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), SAID_MILLIS);
  } catch (failure) {
    say(failure.message, true);
  }
}

function revisit() {
  takeToken();
  const before = view;
  view = read();
  if (JSON.stringify(before.filters) !== JSON.stringify(view.filters)) {
    follow();
  }
  if (view.id !== (opened?.id ?? "")) {
    opened = view.id ? { id: view.id, event: null, decision: null, note: "" } : null;
    showOpened();
    if (opened) {
      fetchOpened();
    }
  }
  showTab();
  if (view.tab === "review" && before.tab !== "review") {
    review.show();
  }
}

bind();
document.body.classList.toggle("sheet", Boolean(view.id || view.tab) && narrow.matches);
showOpened();
showTab();
follow();
if (view.tab === "review") {
  review.show();
}
setInterval(() => {
  showWait();
  lookAtEscalations();
  schedule();
}, LOOK_MILLIS / 2);
setInterval(lookAtMap, LOOK_MILLIS / 2);
