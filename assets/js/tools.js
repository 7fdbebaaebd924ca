// The top right of every page: light or dark, and the list of keys.
import { el } from "./dom.js";
import { keys, listen, showKeys } from "./keys.js";
import { announce } from "./say.js";

const STORED = "lw-theme";

function apply(theme) {
  const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", dark);
  document.body.classList.toggle("dark", dark);
  return dark;
}

function turn() {
  const dark = apply(document.body.classList.contains("dark") ? "light" : "dark");
  localStorage.setItem(STORED, dark ? "dark" : "light");
  announce(dark ? "Dark colours" : "Light colours");
}

export function mount(root) {
  apply(localStorage.getItem(STORED));
  root.replaceChildren(
    el("button", { type: "button", class: "quiet", "aria-label": "Light or dark", title: "Light or dark (Alt+T)", onclick: turn }, "◐"),
    el("button", { type: "button", class: "quiet", "aria-label": "List of keys", title: "Keys (?)", onclick: showKeys }, "?"));
  listen();
  keys("Everywhere", {
    "?": { does: "This list", run: showKeys },
    "Alt+T": { does: "Light or dark", run: turn },
  });
}
