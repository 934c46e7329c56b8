/** The way to the console's server: requests, and a WebSocket that comes back by itself. */

const PATIENCE_MILLIS = 10_000;
const FIRST_WAIT_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 15_000;

let token = "";

export function useToken(given) {
  token = given;
}

export function hasToken() {
  return token !== "";
}

async function ask(path, options) {
  const headers = new Headers(options.headers);
  if (token) {
    headers.set("Authorization", `Bearer ${token}`);
  }
  let response;
  try {
    response = await fetch(path, { ...options, headers, signal: AbortSignal.timeout(PATIENCE_MILLIS) });
  } catch {
    throw new Error("The server does not answer. Is the program that serves this page still running?");
  }
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    const failure = new Error(said.error || `The server refused ${path.split("?")[0]} with status ${response.status}.`);
    failure.status = response.status;
    throw failure;
  }
  return response;
}

export async function get(path) {
  return (await ask(path, {})).json();
}

/** What the server is and can, and its clock. */
export async function state() {
  const response = await ask("/state", {});
  return { ...(await response.json()), millis: Date.parse(response.headers.get("Date") ?? "") };
}

export async function post(path, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return (await ask(path, options)).json();
}

export async function download(path) {
  return (await ask(path, {})).blob();
}

function protocols() {
  if (!token) {
    return [];
  }
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  return ["reflex.v1", `token.${btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`];
}

/** The stream of events. Opened anew after every loss, with growing pauses. */
export class Telemetry {
  #query = "";
  #socket = null;
  #timer = 0;
  #failures = 0;
  #onFrame;
  #onState;

  /**
   * @param onFrame told every frame: {events, lost}
   * @param onState told {state: "connecting" | "live" | "waiting", until} when that changes
   */
  constructor(onFrame, onState) {
    this.#onFrame = onFrame;
    this.#onState = onState;
    addEventListener("online", () => this.#timer && this.#connect());
  }

  /** Follows what fits the filters, the newest `before` events first. */
  open(filters, before) {
    this.#query = new URLSearchParams({ ...filters, before }).toString();
    this.#failures = 0;
    this.#connect();
  }

  retryNow() {
    if (this.#timer) {
      this.#connect();
    }
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#drop();
    this.#onState({ state: "connecting" });
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/telemetry?${this.#query}`, protocols());
    socket.onopen = () => {
      this.#failures = 0;
      this.#onState({ state: "live" });
    };
    socket.onmessage = (message) => {
      this.#onFrame(JSON.parse(message.data));
    };
    socket.onclose = () => this.#again();
    this.#socket = socket;
  }

  #drop() {
    if (this.#socket) {
      this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
      this.#socket.close();
      this.#socket = null;
    }
  }

  #again() {
    const wait = Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
    this.#onState({ state: "waiting", until: Date.now() + wait });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }
}
