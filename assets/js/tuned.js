// Which of the writer's tuned models writes, and how strongly; one click goes back to the model itself.
import { get, post, projectId } from "./api.js";
import { el, number, when } from "./dom.js";
import { keys } from "./keys.js";
import { announce, ask, attempt } from "./say.js";

const LABELS = { better: "better than the model itself", unclear: "not proved better", worse: "found worse" };

/** A menu that closes on Escape and when something else is touched. */
export function dropDown(menu) {
  menu.addEventListener("keydown", (event) => { if (event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); } });
  document.addEventListener("pointerdown", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  return menu;
}

/** The menu; `changed` is given what to call whenever the text's model may be another one. */
export function tunedMenu(changed) {
  const menu = new TunedMenu();
  changed(() => menu.load());
  keys("Drafting", { "Alt+M": { does: "Which model writes: yours or the model itself", run: () => menu.reach() } });
  return dropDown(menu.root);
}

class TunedMenu {
  constructor() {
    this.summary = el("summary", { title: "Which model writes (Alt+M)" });
    this.body = el("div", { class: "tuned-choice" });
    this.root = el("details", { class: "menu tuned", hidden: true }, this.summary, this.body);
    this.told = null;
  }

  async load() {
    const told = await get("tuned", { project: projectId() }).catch(() => null);
    if (!told || JSON.stringify(told) === JSON.stringify(this.told)) return;
    this.told = told;
    this.draw();
  }

  draw() {
    const { told } = this;
    this.root.hidden = !told.tuned.length && !told.in_use;
    this.summary.textContent = told.in_use ? `My model${told.strength < 1 ? `, ${Math.round(told.strength * 100)} %` : ""} ▾` : "Model ▾";
    const focused = this.body.contains(document.activeElement) ? document.activeElement.id : "";
    const choice = (name, label, note, kind = "") => el("label", { class: "one" },
      el("input", { type: "radio", name: "tuned", id: `tuned-${name || "base"}`, value: name, checked: (told.in_use ?? "") === name, onchange: () => this.choose(name) }),
      el("span", {}, label, el("span", { class: `small ${kind || "soft"}` }, note)));
    this.body.replaceChildren(el("fieldset", {}, el("legend", { class: "small soft" }, "Drafts are written by"),
      choice("", "The model itself", told.model),
      told.tuned.map((one) => choice(one.name, one.name, one.problem ? `cannot be used: ${one.problem}` : [LABELS[one.label] ?? "not judged", `${number(one.records)} choices`, when(one.created_at)].join(" · "), one.problem || one.label === "worse" ? "bad" : ""))),
    told.in_use ? this.strength() : "", told.in_use ? el("button", { type: "button", id: "tuned-back", onclick: () => this.choose("") }, "Back to the model itself") : "");
    if (focused) document.getElementById(focused)?.focus();
  }

  strength() {
    const shown = el("output", { class: "num" }, `${Math.round(this.told.strength * 100)} %`);
    return el("label", { class: "strength" }, el("span", {}, "How strongly ", shown),
      el("input", { type: "range", id: "tuned-strength", min: 0, max: 1, step: 0.05, value: this.told.strength, "aria-label": "How strongly my tuned model writes",
        oninput: (event) => { shown.textContent = `${Math.round(event.target.value * 100)} %`; }, onchange: (event) => this.choose(this.told.in_use, Number(event.target.value)) }),
      el("span", { class: "small faint ends" }, el("span", {}, "the model itself"), el("span", {}, "fully yours")));
  }

  async choose(name, strength = 1) {
    const entry = this.told.tuned.find((one) => one.name === name);
    const sure = Boolean(entry?.needs_yes) && (name === this.told.in_use || await ask("Use it all the same?", el("p", {}, entry.reason || "It was found worse than the model itself."), "Use it"));
    if (entry?.needs_yes && !sure) { this.draw(); return; }
    const told = await attempt(() => post("tuned", { project: projectId(), name: name || null, strength, sure }));
    if (!told) { this.draw(); return; }
    this.told = told;
    announce(name ? `Drafts are written by ${name}, at ${Math.round(strength * 100)} %.` : "Drafts are written by the model itself again.");
    this.draw();
  }

  reach() {
    if (this.root.hidden) { announce("There is no tuned model for this text's model yet."); return; }
    this.root.open = true;
    this.body.querySelector("input:checked, input")?.focus();
  }
}
