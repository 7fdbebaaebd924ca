// The folded right side: versions, what the model saw, and the notes of the chosen section.
import { get, post } from "./api.js";
import { compareDialog } from "./compare.js";
import { desk } from "./desk.js";
import { el, number, when, words, writtenBy } from "./dom.js";
import { keys, typing } from "./keys.js";
import { saving } from "./leaving.js";
import { announce, attempt, notice, whichCounts } from "./say.js";
import { seen } from "./seen.js";

const PANELS = [["versions", "Versions", "Alt+V", versions], ["seen", "What the model saw", "Alt+W", seen], ["notes", "Notes", "Alt+N", notes]];

export function mount(root) {
  const rail = root.querySelector(".rail");
  const body = root.querySelector(".panel");
  let shown = null;
  let version = null; // whose prompt "What the model saw" shows; null: the newest draft's
  let waiting = false;
  const draw = async () => {
    if (!shown || !desk.chosen) return;
    const [, title, , build] = PANELS.find(([name]) => name === shown);
    const asked = desk.chosen;
    const content = await attempt(() => build(asked, { draw, version, see }));
    if (!content || asked !== desk.chosen) return;
    waiting = false;
    body.replaceChildren(el("header", {}, el("h2", {}, title),
      el("button", { type: "button", class: "quiet", "aria-label": "Fold this side", title: "Esc", onclick: () => toggle(shown) }, "✕")), content);
  };
  const see = (id) => { shown = null; return toggle("seen", id); };
  const toggle = async (name, id = null) => {
    version = id;
    shown = shown === name ? null : name;
    document.body.classList.toggle("side-open", Boolean(shown));
    body.hidden = !shown;
    for (const tab of rail.children) tab.setAttribute("aria-expanded", String(tab.dataset.name === shown));
    await draw();
    if (shown) body.querySelector("button, textarea, input, select")?.focus();
    else rail.querySelector(`[data-name=${name}]`)?.focus();
  };
  rail.replaceChildren(...PANELS.map(([name, title, key]) =>
    el("button", { type: "button", class: "quiet", "data-name": name, "aria-expanded": "false", "aria-controls": "side-panel", title: key, onclick: () => toggle(name) }, title)));
  root.addEventListener("keydown", (event) => { if (event.key === "Escape" && shown) toggle(shown); });
  keys("Beside the page", Object.fromEntries(PANELS.map(([name, title, key]) => [key, { does: title, run: () => toggle(name) }])));
  // A draft that moves on turns the page; notes that are being typed stay until their field is left.
  const noting = () => shown === "notes" && body.contains(document.activeElement) && typing(document.activeElement);
  desk.on("chosen", () => { version = null; waiting = Boolean(noting()); if (!waiting) draw(); });
  desk.on("outline", () => { if (!body.contains(document.activeElement) || shown === "versions") draw(); });
  body.addEventListener("focusout", () => setTimeout(() => { if (waiting && !noting()) draw(); }));
}

async function versions(section, { draw, see }) {
  const { versions: list, current } = await get(`section/${section}/versions`);
  if (!list.length) return el("p", { class: "soft" }, "No version yet. A draft or your own first words make one.");
  return el("ol", { class: "versions" }, list.map((version) => {
    const here = version.id === current;
    return el("li", { class: here ? "here" : "", "data-version": version.id },
      el("div", {}, el("strong", {}, version.name), here ? el("span", { class: "good small" }, " on the page") : null),
      el("div", { class: "soft small num" }, [when(version.created_at), version.open ? "being written" : words(version.words), version.state, writtenBy(version)].filter(Boolean).join(" · ")),
      el("div", { class: "acts" }, here || version.open ? null : [
        el("button", { type: "button", class: "quiet", disabled: !current, onclick: () => compareDialog(version.id, current, `${version.name} of ${when(version.created_at)}`, "What is on the page", desk.tongue) }, "Compare"),
        el("button", { type: "button", class: "quiet", onclick: () => restore(version, draw) }, "Restore")],
        version.model ? el("button", { type: "button", class: "quiet", title: "What the model saw, and its thinking", onclick: () => see(version.id) }, "What it saw") : null));
  }));
}

async function restore(version, draw) {
  for (const hook of desk.beforeDraft) if (!(await hook())) return;
  const done = await attempt(() => post(`version/${version.id}/restore`));
  if (!done) return;
  announce(`${version.name} of ${when(version.created_at)} is on the page again.`);
  await desk.refresh();
  await desk.look().catch((error) => desk.emit("lost", error.message));
  draw();
}

async function notes(section, { draw }) {
  const row = desk.row(section);
  const beat = el("textarea", { id: "notes-beat", rows: 8, value: row.beat, ...desk.tongue });
  const target = el("input", { id: "notes-target", type: "number", min: 20, step: 10, value: row.target, disabled: row.locked });
  beat.addEventListener("blur", () => { if (beat.value !== row.beat) note(section, beat.value, row.beat); });
  target.addEventListener("change", async () => {
    if (await attempt(() => saving(post(`section/${section}/target`, { words: Number(target.value) })))) announce("The other targets were balanced");
    await desk.refresh();
    draw();
  });
  return el("div", { class: "notes" },
    el("label", { for: "notes-beat" }, "What happens here (the draft is written from this)"), beat,
    el("label", { for: "notes-target" }, "Target in words"), target,
    el("p", { class: "soft small" }, `The whole book stays at ${number(desk.project.goal_words)} words; sections that are not locked make room.`));
}

async function note(section, beat, base) {
  try {
    await saving(post(`section/${section}/beat`, { beat, base }));
    announce("Notes saved");
  } catch (error) {
    const again = (known) => note(section, beat, known);
    if (error.data.theirs === undefined) notice(error.message, { kind: "bad", holds: true, actions: { "Save it again": () => again(base) } });
    else whichCounts(error, () => again(error.data.theirs), () => {});
  }
  await desk.refresh();
}
