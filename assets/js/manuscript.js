// The page in the middle: one section, streaming while it is drafted, and edited in the same place.
import { post } from "./api.js";
import { desk } from "./desk.js";
import { el } from "./dom.js";
import { Head } from "./head.js";
import { keys } from "./keys.js";
import { announce, attempt, notice } from "./say.js";
import { Editor } from "./editor.js";
import { TextStream } from "./stream.js";
import { mountTaste } from "./taste.js";

const RESTS = new Set(["paused", "interrupted"]);
const NEAR_END = 160; // pixels from the end within which the page scrolls along

export function mount(root) {
  const page = new Page(root);
  keys("Writing", {
    "Ctrl+S": { does: "Save this section", run: () => page.editor.save() },
    "Alt+ArrowDown": { does: "Next section", run: () => desk.step(1) },
    "Alt+ArrowUp": { does: "Section before", run: () => desk.step(-1) },
    "Alt+E": { does: "Into the text", run: () => page.editor.field.focus() },
    "Alt+R": { does: "Write this section again", run: () => page.again() },
    "Alt+L": { does: "Lock or unlock this section", run: () => page.lock() },
  });
}

class Page {
  constructor(root) {
    this.scroller = root.querySelector(".scroller");
    this.head = new Head(root.querySelector(".section-head"), { again: () => this.again(), variants: () => this.taste.compare(), lock: () => this.lock() });
    this.live = root.querySelector(".live");
    this.foot = root.querySelector(".section-foot");
    this.stream = new TextStream(this.live);
    this.taste = mountTaste(root.querySelector(".section-taste"));
    root.querySelector(".open-outline").addEventListener("click", () => document.body.classList.toggle("outline-open"));
    this.editor = new Editor(root.querySelector("textarea.text"), () => { this.readAnew(); return this.look(); });
    desk.beforeDraft.push(() => this.editor.save());
    desk.on("chosen", (id) => this.show(id));
    desk.on("outline", () => {
      for (const words of [this.live, this.editor.field]) Object.assign(words, desk.tongue);
      this.drawHead();
      this.drawFoot();
    });
    desk.on("draft", () => this.drawHead());
    desk.on("section", (told) => this.take(told));
  }

  async show(id) {
    if (!(await this.editor.leave())) { desk.back(this.editor.section); return; }
    if (id !== desk.chosen) return;
    this.editor.rest(); // nothing typed may land between two sections
    this.turned = true;
    this.drawHead();
    this.drawFoot();
    this.readAnew();
    await this.look();
  }

  look() { return desk.look().catch((error) => desk.emit("lost", error.message)); }

  /** Ask for the chosen section from its beginning. */
  readAnew() { desk.show(desk.chosen); }

  /** What the library has of this section behind what the page shows: `engine/store/following.py`. */
  take(told) {
    if (told.sealed) this.takeText(told);
    else if (this.editor.section === told.id && this.editor.dirty) this.editor.save();
    else if (!this.offers(told) || !this.rests || told.pieces.length) this.takePieces(told);
  }

  takeText(told) {
    const same = this.editor.section === told.id;
    if (told.text === null || (same && (this.editor.dirty || this.editor.busy))) return;
    desk.show(told.id, told.version ?? "", told.after, true);
    this.writing = false;
    this.live.hidden = true;
    this.stream.clear();
    this.editor.show(told, desk.row(told.id).title);
    this.arrive(() => 0);
  }

  takePieces(told) {
    const nearEnd = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR_END;
    const starting = told.reset || !(this.writing || this.offers(told));
    if (starting) {
      this.stream.clear();
      this.live.classList.remove("thinking");
    }
    if (!this.writing || starting) {
      this.editor.hide(told.id);
      this.live.hidden = false;
      Object.assign(this, { writing: true, offered: null });
    }
    for (const { channel, text } of told.pieces) {
      if (channel === "text") this.stream.add(text);
      else if (channel === "think") this.live.classList.add("thinking");
      else if (channel === "cut" && !this.stream.cut(text)) { this.readAnew(); return; }
    }
    desk.show(told.id, told.version, told.after, false);
    this.live.classList.toggle("resting", !desk.draft?.busy);
    if (this.rests) this.offer(told);
    if (starting) { this.drawHead(); this.arrive(() => this.scroller.scrollHeight); }
    else if (nearEnd && told.pieces.length) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  get rests() { return RESTS.has(desk.draft?.state); }

  /** A draft that rests may be written on by hand: the page shows its text to be edited. */
  offer(told) {
    this.live.hidden = true;
    this.editor.show({ id: told.id, version: told.version, text: this.stream.text, sealed: false }, desk.row(told.id).title);
    Object.assign(this, { writing: false, offered: told.version });
  }

  offers(told) { return this.offered === told.version && this.editor.base === told.version && !told.reset; }

  get begun() { return this.writing || Boolean(this.offered && this.editor.base === this.offered); }

  /** Only when the page turns does it jump; never under the writer's hands. */
  arrive(top) {
    if (this.turned) this.scroller.scrollTop = top();
    this.turned = false;
  }

  drawHead() {
    const row = desk.row(desk.chosen);
    if (row) this.head.draw(row, this.begun);
  }

  drawFoot() {
    const sections = desk.sections;
    const at = sections.findIndex((row) => row.id === desk.chosen);
    const shown = [sections[at - 1], sections[at + 1]].map((row) => row && [row.id, row.title]).join("\n");
    if (shown === this.footShown) return; // a button drawn anew would lose the focus and a click
    this.footShown = shown;
    const link = (row, label, by) => row
      ? el("button", { type: "button", class: "quiet", onclick: () => desk.step(by) }, `${label} `, el("span", desk.tongue, row.title)) : el("span");
    this.foot.replaceChildren(link(sections[at - 1], "←", -1), link(sections[at + 1], "→", 1));
  }

  async again() {
    const row = desk.row(desk.chosen);
    if (!row) return;
    if (row.locked) { notice("This section is locked; unlock it to have it written."); return; }
    await desk.start({ sections: [row.id], mode: row.words ? "replace" : "continue" });
  }

  async lock() {
    const row = desk.row(desk.chosen);
    if (!row) return;
    if (await attempt(() => post(`section/${row.id}/lock`, { locked: !row.locked }))) announce(row.locked ? "Unlocked" : "Locked: no draft will touch this section");
    await desk.refresh();
  }
}
