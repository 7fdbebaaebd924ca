// One section under the writer's hands: saved on leaving the field or the page, on Ctrl+S, before a draft
// and after a pause in typing. The version it started from goes along, and what the page had of one that is still
// open, so a stale tab cannot overwrite.
import { post } from "./api.js";
import { desk } from "./desk.js";
import { place, saving } from "./leaving.js";
import { announce, ask, attempt, notice } from "./say.js";
import { el } from "./dom.js";
import { compareDialog } from "./compare.js";

const PAUSE_MS = 8000;
const RETRY_MS = 4000;

export class Editor {
  constructor(field, reload) {
    Object.assign(this, { field, reload, section: null, base: null, shown: null, kept: "", dirty: false, busy: null, timer: null, refused: false });
    field.addEventListener("input", () => this.typed());
    field.addEventListener("blur", () => this.save());
    place({ unsaved: () => this.dirty, save: () => this.save(), last: () => this.lastWords() });
    if (!CSS.supports("field-sizing", "content")) field.addEventListener("input", () => this.grow());
  }

  show({ id, version, text, sealed }, title) {
    clearTimeout(this.timer);
    Object.assign(this, { section: id, base: version, shown: sealed ? null : text, kept: text, dirty: false, refused: false });
    this.field.hidden = false;
    this.field.readOnly = false;
    if (this.field.value !== text) this.field.value = text;
    this.field.setAttribute("aria-label", `Text of ${title}`);
    if (!CSS.supports("field-sizing", "content")) this.grow();
    this.state("saved");
  }

  /** The section is being written: nothing to edit until it rests. */
  hide(id) {
    clearTimeout(this.timer);
    Object.assign(this, { section: id, base: null, shown: null, kept: "", dirty: false, refused: false });
    this.field.hidden = true;
    this.field.value = "";
  }

  /** No typing until the next section is shown. */
  rest() { this.field.readOnly = true; }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  typed() {
    this.dirty = this.field.value !== this.kept && Boolean(this.field.value.trim() || this.kept.trim());
    this.state(this.dirty ? "typing" : "saved");
    clearTimeout(this.timer);
    if (this.dirty) this.timer = setTimeout(() => this.save(), PAUSE_MS);
  }

  state(name, sentence = "") { desk.emit("saved", { name, sentence }); }

  /** True when nothing is left unsaved. Calls do not overlap. */
  async save() {
    while (this.busy) await this.busy;
    if (!this.dirty || this.refused) return !this.dirty;
    this.busy = saving(Promise.resolve().then(() => this.send())); // a dialog blurs the field: be busy before it opens
    try { return await this.busy; } finally { this.busy = null; }
  }

  async send(confirm = false) {
    clearTimeout(this.timer);
    const { section, base, shown } = this;
    const text = this.field.value;
    if (!confirm && !text.trim() && this.kept.trim()) return this.askToEmpty();
    this.state("saving");
    try {
      const told = await post(`section/${section}`, { text, base, shown, confirm });
      if (section !== this.section) return true;
      Object.assign(this, { base: told.version, shown: null, kept: text });
      desk.show(section, told.version, 0, true);
      this.typed();
      if (!this.dirty) this.state("saved", "Saved");
      desk.refresh();
      return !this.dirty;
    } catch (error) {
      if (error.data?.gone) return this.gone(error, section, text);
      this.failed(error, section);
      return false;
    }
  }

  /** The section was removed, or is a chapter by now. What was typed is kept, and the page goes on. */
  gone(error, section, text) {
    notice(error.message, { kind: "bad", keep: true });
    if (this.section === section) {
      Object.assign(this, { base: error.data.kept ?? this.base, shown: null, kept: text });
      this.typed();
    }
    desk.turnFrom(section);
    return !this.dirty;
  }

  failed(error, section) {
    this.state("failed", error.message);
    if (error.status === 409 && error.data.kept) this.stale(error, section);
    else if (error.status) notice(error.message, { kind: "bad" });
    else this.timer = setTimeout(() => this.save(), RETRY_MS);
  }

  /** Another tab saved first. Both texts are kept; the writer chooses which one counts. */
  stale(error, section) {
    if (this.section === section) this.refused = this.field.readOnly = true; // both texts are kept as they are until one is chosen
    const { kept, current } = error.data;
    const settle = async (version) => {
      if (version && !(await attempt(() => post(`version/${version}/restore`)))) { this.stale(error, section); return; }
      if (this.section === section) { this.dirty = false; await this.reload(); } // else the page has turned
      await desk.refresh();
    };
    notice(error.message, {
      kind: "bad",
      keep: true,
      actions: {
        "Compare": () => { compareDialog(current, kept, "The other text", "Your text", desk.tongue); this.stale(error, section); },
        "Use my text": () => settle(kept),
        "Use the other": () => settle(null),
      },
    });
  }

  async askToEmpty() {
    const sure = await ask("Leave this section empty?",
      el("p", {}, "All of its text would be gone from the page. What was there stays among its versions."), "Leave it empty");
    if (sure) return this.send(true);
    this.field.value = this.kept;
    this.typed();
    announce("The text is back.");
    return true;
  }

  /** Before another section comes onto the page; false when the text here is not safe yet. */
  async leave() { return this.refused || this.save(); }

  lastWords() {
    if (!this.dirty || this.refused || !this.field.value.trim()) return;
    post(`section/${this.section}`, { text: this.field.value, base: this.base, shown: this.shown, confirm: false }).catch(() => {});
  }
}
