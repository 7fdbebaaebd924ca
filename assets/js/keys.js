// Keys of a page: one place that listens, one overlay (`?`) that lists them.
import { el } from "./dom.js";

const groups = new Map();

/** What a key says: on a layout without Latin letters, or with the digits behind Shift, what its place says. */
export function sign({ key, code, shiftKey }) {
  const placed = /^Key([A-Z])$/.exec(code) ?? (shiftKey ? null : /^Digit(\d)$/.exec(code));
  return placed && !/^[a-z]$/i.test(key) ? placed[1] : key;
}

/** Combination as written in the overlay: "Ctrl+S", "Alt+1", "?", "F2". */
function combination(event) {
  const said = sign(event);
  const key = said.length === 1 ? said.toUpperCase() : said;
  const shifted = event.shiftKey && said.length > 1 ? "Shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shifted}${key}`;
}

// While typing they undo and redo the typing, whatever they do elsewhere on the page.
const FIELDS_OWN = new Set(["Ctrl+Z", "Ctrl+Y"]);
export const typing = (target) => target?.closest?.("input, textarea, select, [contenteditable]");

/** Register keys: `{combo: {does: "sentence", run: function}}`; without `run` it is only listed. */
export function keys(group, table) {
  groups.set(group, { ...(groups.get(group) || {}), ...table });
}

export function listen() {
  if (window.lwKeysListening) return;
  window.lwKeysListening = true;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const combo = combination(event);
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (document.querySelector("dialog[open]")) return; // it has keys of its own
    if (typing(event.target) && (FIELDS_OWN.has(combo) || (plain && !/^F\d/.test(event.key)))) return;
    for (const table of groups.values()) {
      const found = table[combo];
      if (!found?.run) continue;
      event.preventDefault();
      found.run();
      return;
    }
  });
}

export function showKeys() {
  if (document.querySelector("dialog.keys")) return;
  const sections = [...groups].map(([name, table]) => el("section", {}, el("h3", {}, name),
    el("dl", {}, Object.entries(table).map(([combo, { does }]) => [
      el("dt", {}, combo.split("+").map((part) => el("kbd", {}, pretty(part)))), el("dd", {}, does)]))));
  const dialog = el("dialog", { class: "lw keys", "aria-label": "Keys" }, el("h2", {}, "Keys"),
    el("div", { class: "groups" }, sections),
    el("div", { class: "row" }, el("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const pretty = (part) => ({ ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" })[part] || part;
