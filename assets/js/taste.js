// What the writer thinks of the section on the page: thumbs with reasons, stars, two variants side by
// side. Every answer is stored at once and can be taken back; nothing here changes a word unasked.
import { get, post } from "./api.js";
import { desk } from "./desk.js";
import { el } from "./dom.js";
import { keys, typing } from "./keys.js";
import { askPair } from "./pair.js";
import { announce, ask, attempt, notice } from "./say.js";

const REASONS = {
  up: [["voice", "the voice"], ["pace", "the pace"], ["images", "the images"], ["dialogue", "the dialogue"], ["plan", "follows the plan"]],
  down: [["vague", "too vague"], ["repeats", "repeats itself"], ["voice", "not my voice"], ["plan", "off the plan"], ["wordy", "too many words"]],
};
const REST_MS = 300;

export function mountTaste(root) {
  const taste = new Taste(root);
  desk.on("chosen", (id) => taste.turn(id));
  desk.on("outline", () => taste.later());
  desk.on("draft", (draft) => taste.watch(draft ?? desk.draft));
  keys("Your taste", {
    "Alt+C": { does: "Two variants of this section, side by side", run: () => taste.compare() },
    "Alt+G": { does: "This draft is good", run: () => taste.press("up") },
    "Alt+B": { does: "This draft is not good", run: () => taste.press("down") },
  });
  return taste;
}

class Taste {
  constructor(root) { Object.assign(this, { root, told: null, section: null, writing: null, timer: null }); }

  /** The page turns: a text that was written again and is left standing counts as kept. */
  turn(id) {
    const left = this.section;
    if (left && left !== id && this.told?.again) post(`taste/${left}/kept`).catch(() => {});
    Object.assign(this, { section: id, told: null });
    this.draw();
    this.ask();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), REST_MS);
  }

  async ask() {
    const asked = desk.chosen;
    if (!asked) return;
    const told = await get(`taste/${asked}`).catch(() => null);
    if (!told || asked !== desk.chosen) return;
    const before = JSON.stringify(this.told);
    Object.assign(this, { told, section: asked });
    if (before !== JSON.stringify(told)) this.draw();
  }

  /** When two variants are finished they are shown, unless the writer has turned the page or is typing. */
  async watch(draft) {
    if (!draft) return;
    if (draft.busy && draft.mode === "variants") { this.writing = draft.id; return; }
    if (this.writing !== draft.id || draft.busy) return;
    this.writing = null;
    if (draft.state !== "done") return;
    const section = draft.asked[0];
    await this.ask();
    // Never under a hand that types: the dialog takes single letters for answers.
    if (section === desk.chosen && !typing(document.activeElement)) { this.choose(); return; }
    const look = () => section === desk.chosen ? this.choose() : desk.choose(section);
    notice(`The two variants of “${desk.row(section)?.title ?? "the section"}” are ready.`, { keep: true, actions: { Compare: look } });
  }

  /** Write two variants, or show those that wait for a choice. */
  async compare() {
    if (this.told?.question) { await this.choose(); return; }
    const row = desk.row(desk.chosen);
    if (!row || desk.draft?.busy) return;
    if (row.locked) { notice("This section is locked; unlock it to have it written."); return; }
    announce("Two variants are being written. What is on the page stays there until you choose.");
    await desk.start({ sections: [row.id], mode: "variants", variants: 2 });
  }

  async choose() {
    const question = this.told?.question;
    if (!question || document.querySelector("dialog.choose")) return;
    for (const hook of desk.beforeDraft) if (!(await hook())) return;
    const choice = await askPair("Which one is better?", question, { takes: true });
    if (!choice) return;
    const done = await attempt(() => post(`questions/${question.id}`, { choice, take: true }));
    if (!done) return;
    announce({ left: "The left one is on the page; the other stays among the versions.", right: "The right one is on the page; the other stays among the versions.",
      tie: "Noted: equally good. The page stays as it is.", skip: "Skipped. Both stay among the versions." }[choice]);
    await this.ask();
    await desk.refresh();
    await desk.look();
  }

  /** A second press takes a thumb back; its reasons go with it. */
  press(choice) { return this.thumb(choice, this.told?.thumb === choice ? this.told.reasons : []); }

  async thumb(choice, reasons) {
    if (!this.told?.generated) return;
    const off = this.told.thumb === choice && String(reasons) === String(this.told.reasons) ? null : choice;
    if (await attempt(() => post(`taste/${this.section}/thumb`, { version: this.told.generated, choice: off, reasons }))) {
      announce(off ? `Noted: ${off === "up" ? "good" : "not good"}` : "Taken back");
      await this.ask();
    }
  }

  reason(name) {
    const has = this.told.reasons;
    this.thumb(this.told.thumb, has.includes(name) ? has.filter((other) => other !== name) : [...has, name]);
  }

  async rate(stars) {
    const off = this.told.rating === stars ? null : stars;
    if (await attempt(() => post(`taste/${this.section}/rating`, { version: this.told.version, stars: off }))) {
      announce(off ? `${off} of 5` : "Rating taken back");
      await this.ask();
    }
  }

  async edits() {
    const on = !this.told.edits;
    if (on && !(await ask("Learn from your edits?", el("p", {}, "Then, when you change a drafted text by more than a few words, Longwright notes both texts on this machine: what you kept and what was drafted. You see every note on the Compare page and can delete it there."), "Learn from them"))) return;
    if (await attempt(() => post("taste-edits", { on }))) { announce(on ? "Your edits are noted from now on." : "Your edits are no longer noted."); await this.ask(); }
  }

  draw() {
    const { told } = this;
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.does : null;
    this.root.hidden = !told || !(told.generated || told.rateable || told.question);
    if (this.root.hidden) { this.root.replaceChildren(); return; }
    this.root.replaceChildren(
      told.question ? el("p", { class: "waiting" }, "Two variants wait for your choice. ",
        el("button", { type: "button", "data-does": "choose", title: "Alt+C", onclick: () => this.choose() }, "Compare them")) : "",
      el("div", { class: "line" }, told.generated ? this.thumbs() : null, told.rateable ? this.stars() : null, this.consent()),
      told.generated && told.thumb ? this.reasons() : "");
    if (focused) this.root.querySelector(`[data-does="${focused}"]`)?.focus();
  }

  thumbs() {
    const button = (choice, label, key) => el("button", { type: "button", class: "quiet", "data-does": choice, "aria-pressed": String(this.told.thumb === choice), title: key, onclick: () => this.press(choice) },
      el("i", { class: `thumb ${choice}` }), label);
    return el("span", { role: "group", "aria-label": "This draft" }, button("up", "Good", "Alt+G"), button("down", "Not good", "Alt+B"));
  }

  reasons() {
    return el("div", { class: "reasons small", role: "group", "aria-label": "Because of" }, el("span", { class: "faint" }, "because of "),
      REASONS[this.told.thumb].map(([name, label]) => el("button", { type: "button", class: "chip", "data-does": `r-${name}`, "aria-pressed": String(this.told.reasons.includes(name)), onclick: () => this.reason(name) }, label)));
  }

  stars() {
    return el("span", { class: "stars", role: "group", "aria-label": "Rating of the section" }, [1, 2, 3, 4, 5].map((count) =>
      el("button", { type: "button", class: "quiet", "data-does": `s-${count}`, "aria-label": `${count} of 5`, title: `${count} of 5`, "aria-pressed": String(this.told.rating === count), onclick: () => this.rate(count) },
        (this.told.rating ?? 0) >= count ? "★" : "☆")));
  }

  consent() {
    return el("button", { type: "button", class: "quiet small consent", "data-does": "edits", role: "switch", "aria-checked": String(this.told.edits), onclick: () => this.edits() },
      this.told.edits ? "Learns from your edits" : "Does not learn from your edits");
  }
}
