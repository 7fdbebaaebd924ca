// Two versions word by word. Removed and added words differ in more than colour.
import { get } from "./api.js";
import { el } from "./dom.js";
import { attempt } from "./say.js";

const TAGS = { same: "span", added: "ins", removed: "del" };

export async function compareDialog(oldVersion, newVersion, oldName, newName, tongue) {
  const told = await attempt(() => get("compare", { old: oldVersion, new: newVersion }));
  if (!told) return;
  const text = el("div", { class: "compared", tabindex: "0", ...tongue }, told.changes.map(({ kind, text }) => el(TAGS[kind], {}, text)));
  const dialog = el("dialog", { class: "lw compare", "aria-label": "Compare versions" },
    el("h2", {}, "Compare"),
    el("p", { class: "soft small" }, el("del", {}, oldName), ` (${told.old_words} words)  →  `, el("ins", {}, newName), ` (${told.new_words} words)`),
    text,
    el("div", { class: "row" }, el("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
