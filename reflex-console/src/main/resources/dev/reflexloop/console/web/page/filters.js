/** The form that says which events are looked at. */

import { FILTERS } from "./address.js";
import { make } from "./format.js";
import { download, hasToken } from "./server.js";

const TYPING_MILLIS = 300;
const MOST_SUGGESTED = 200;
const KEPT_MILLIS = 10_000;

export class Filters {
  #form;
  #clear;
  #toggle;
  #download;
  #suggested = { entity: new Set(), event: new Set(), source: new Set() };
  #typing = 0;

  /**
   * @param at gives an element of the page by its id
   * @param onChange told the filters when the user has set others
   * @param onFailure told why a download failed
   */
  constructor(at, onChange, onFailure) {
    this.#form = at("filters");
    this.#clear = at("filters-clear");
    this.#toggle = at("filter-toggle");
    this.#download = at("download");
    const change = () => {
      clearTimeout(this.#typing);
      onChange(this.#read());
    };
    this.#form.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(change, TYPING_MILLIS);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      change();
    });
    this.#clear.addEventListener("click", () => onChange({}));
    this.#toggle.addEventListener("click", () => this.#unfold(!this.#form.classList.contains("shown")));
    this.#download.addEventListener("click", (event) => {
      if (hasToken()) {
        event.preventDefault();
        this.#fetch().catch(onFailure);
      }
    });
  }

  #unfold(shown) {
    this.#form.classList.toggle("shown", shown);
    this.#toggle.setAttribute("aria-expanded", String(shown));
  }

  /** A link cannot carry the token, so the file is taken through the page's memory. */
  async #fetch() {
    const address = URL.createObjectURL(await download(this.#download.getAttribute("href")));
    const link = make("a");
    link.href = address;
    link.download = this.#download.download;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), KEPT_MILLIS);
  }

  #read() {
    const filters = {};
    for (const name of FILTERS) {
      const value = this.#form.elements[name].value.trim();
      if (value && (name !== "tick" || /^\d+$/.test(value))) {
        filters[name] = value;
      }
    }
    return filters;
  }

  show(filters) {
    for (const name of FILTERS) {
      const field = this.#form.elements[name];
      if (field !== document.activeElement || field.value.trim() !== (filters[name] ?? "")) {
        field.value = filters[name] ?? "";
      }
    }
    const number = Object.keys(filters).length;
    this.#clear.hidden = number === 0;
    this.#toggle.textContent = number ? `Filter · ${number}` : "Filter";
    this.#download.href = `/logs/download?${new URLSearchParams(filters)}`;
  }

  focus() {
    this.#unfold(true);
    this.#form.elements.entity.focus();
  }

  /** Suggests what has been seen. */
  notice(event) {
    for (const [name, values] of Object.entries(this.#suggested)) {
      const value = event[name];
      if (value && !values.has(value) && values.size < MOST_SUGGESTED) {
        values.add(value);
        const option = make("option");
        option.value = value;
        this.#form.querySelector(`#seen-${name}`).append(option);
      }
    }
  }
}
