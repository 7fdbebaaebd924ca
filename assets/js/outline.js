// The outline beside the page: every chapter and section with asked, got, deviation and its lock.
import { post } from "./api.js";
import { desk } from "./desk.js";
import { bar, deviation, el, number, words } from "./dom.js";
import { keys, sign } from "./keys.js";
import { go } from "./leaving.js";
import { announce, attempt } from "./say.js";
import { mountFigures } from "./figures.js";
import { fold, TreeKeys } from "./tree.js";

export function mount(root) {
  const list = root.querySelector("[role=tree]");
  const outline = new Outline(root, list);
  mountFigures(root.querySelector(".figures"));
  desk.on("outline", () => outline.draw());
  desk.on("draft", () => outline.live());
  desk.on("chosen", () => outline.mark());
  keys("Outline", {
    "Alt+O": { does: "Into the outline (again: hide it)", run: () => outline.reach() },
    "ArrowUp": { does: "and ↓ move; ← → fold; Enter opens" },
    "L": { does: "Lock or unlock (in the outline)" },
  });
}

class Outline {
  constructor(root, list) {
    Object.assign(this, { root, list, folded: new Set(), items: new Map() });
    this.keys = new TreeKeys(list, { open: (item, yes) => this.open(item.dataset.id, yes) });
    list.addEventListener("click", (event) => this.click(event));
    list.addEventListener("keydown", (event) => this.key(event));
    root.querySelector(".to-plan").addEventListener("click", () => go(`/plan?project=${desk.project.id}`));
  }

  draw() {
    const hadFocus = this.list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    this.items = new Map(desk.outline.map((row) => [row.id, this.item(row)]));
    this.list.replaceChildren(...this.items.values());
    this.root.querySelector(".empty").hidden = desk.outline.length > 0;
    this.refold();
    this.mark();
    if (hadFocus) this.items.get(hadFocus)?.focus({ preventScroll: true });
  }

  item(row) {
    const share = row.target ? (row.live ?? row.words) / row.target : 0;
    const counts = `${number(row.live ?? row.words)} / ${number(row.target)}`;
    const gap = row.leaf || this.begun(row) ? deviation(row.words, row.target) : "";
    const node = el("li", {
      role: "treeitem", tabindex: "-1", "data-id": row.id, "aria-level": row.depth + 1,
      "aria-expanded": row.leaf ? null : String(!this.folded.has(row.id)),
      "aria-label": `${row.number} ${row.name}. ${words(row.words)} of ${number(row.target)}${gap ? `, ${gap}` : ""}${row.locked ? ", locked" : ""}${row.state ? `, ${row.state}` : ""}`,
      class: `${row.leaf ? "leaf" : "branch"}${row.locked ? " locked" : ""}`,
    },
    el("span", { class: "title" }, row.leaf ? null : el("i", { class: "twist", "aria-hidden": "true" }, "▸"),
      el("span", { class: "name" }, row.number ? el("span", { class: "no" }, row.number) : null, el("span", desk.tongue, row.name))),
    el("button", { type: "button", class: "quiet lock", tabindex: "-1", title: row.locked ? "Locked; unlock (L)" : "Lock (L)", "aria-label": row.locked ? `Unlock ${row.title}` : `Lock ${row.title}`, "aria-pressed": String(row.locked) }, el("i", { class: row.locked ? "padlock" : "padlock open" })),
    el("span", { class: "counts num" }, counts, gap ? el("span", { class: `gap ${Math.abs(row.words - row.target) > row.target * 0.1 ? "warn" : ""}` }, gap) : null,
      row.state ? el("span", { class: `state ${row.finish && row.finish !== "complete" ? "warn" : ""}` }, row.state) : null),
    bar(share, counts));
    node.style.setProperty("--depth", row.depth);
    return node;
  }

  /** Every section of a chapter has text, so its deviation says something. */
  begun(chapter) {
    const below = desk.outline.slice(desk.outline.indexOf(chapter) + 1);
    const end = below.findIndex((row) => row.depth <= chapter.depth);
    return (end < 0 ? below : below.slice(0, end)).every((row) => !row.leaf || row.words);
  }

  /** Only numbers that move while a draft runs; the tree itself is left alone. */
  live() {
    for (const row of desk.outline) {
      const item = this.items.get(row.id);
      if (!item) continue;
      const writing = Boolean(desk.draft?.busy && desk.draft.current.includes(row.id));
      item.classList.toggle("writing", writing);
      if (row.live === undefined) continue;
      item.querySelector(".counts").firstChild.data = `${number(row.live)} / ${number(row.target)}`;
      item.querySelector(".bar > i").style.width = `${Math.min(100, (row.live / row.target) * 100)}%`;
    }
  }

  mark() {
    for (const [id, item] of this.items) {
      const here = id === desk.chosen;
      item.setAttribute("aria-selected", String(here));
      if (here) { this.keys.rove(item); item.scrollIntoView({ block: "nearest" }); }
    }
    if (!this.list.querySelector("[tabindex='0']") && this.list.firstChild) this.list.firstChild.tabIndex = 0;
  }

  refold() {
    fold([...this.items.values()], desk.outline.map((row) => row.depth), this.folded);
  }

  open(id, yes) {
    if (yes) this.folded.delete(id); else this.folded.add(id);
    this.items.get(id).setAttribute("aria-expanded", String(yes));
    this.refold();
  }

  enter(item) {
    if (item.classList.contains("leaf")) {
      desk.choose(item.dataset.id);
      document.body.classList.remove("outline-open");
    } else this.open(item.dataset.id, item.getAttribute("aria-expanded") !== "true");
  }

  click(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item) return;
    if (event.target.closest(".lock")) this.lock(item.dataset.id);
    else { this.keys.rove(item); this.enter(item); }
  }

  key(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Enter" || event.key === " ") this.enter(item);
    else if (sign(event).toLowerCase() === "l") this.lock(item.dataset.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async lock(id) {
    const row = desk.row(id);
    if (await attempt(() => post(`section/${id}/lock`, { locked: !row.locked }))) announce(row.locked ? `${row.title} is unlocked` : `${row.title} is locked: no draft will touch it`);
    await desk.refresh();
  }

  reach() {
    if (this.list.contains(document.activeElement)) { document.body.classList.remove("outline-open"); document.querySelector("textarea.text")?.focus(); return; }
    document.body.classList.add("outline-open");
    this.keys.focus(this.list.querySelector("[aria-selected=true]") || this.list.firstChild);
  }
}
