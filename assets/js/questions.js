// One question at a time: which of two texts is better? New pairs are written on request, by the same
// writing process as a draft; leaving the page does not stop it.
import { get, post, projectId } from "./api.js";
import { bar, el, number } from "./dom.js";
import { keys } from "./keys.js";
import { CHOICES, pairView } from "./pair.js";
import { Poll } from "./poll.js";
import { announce, attempt } from "./say.js";

const POLL_MS = 1500;
const SAID = { left: "The left one.", right: "The right one.", tie: "Equally good.", skip: "Skipped." };

export function mountQuestions(root, open) {
  const questions = new Questions(root, open);
  keys("Compare", {
    ...Object.fromEntries(CHOICES.map(([key, choice, does]) => [key, { does, run: () => open() && questions.answer(choice) }])),
    "U": { does: "Take the last answer back", run: () => open() && questions.takeBack() },
  });
  return questions;
}

class Questions {
  constructor(root, open) {
    Object.assign(this, { root, open, told: null, last: null, done: new Set(), busy: false });
    this.poll = new Poll(() => get("questions", { project: projectId() }), (told) => this.take(told), POLL_MS);
  }

  load() { return this.poll.ask(); }

  take(told) {
    const shown = this.told?.question;
    const was = this.told?.writing;
    // A text that is being read stays where it is; only what stands around it is drawn anew.
    if (shown && told.question && !this.done.has(shown.id)) told.question = shown;
    this.told = told;
    this.draw(shown?.id !== told.question?.id || !this.root.firstChild);
    if (was?.busy && !told.writing?.busy) announce(told.waiting ? "The pairs are written." : "No pair was written.");
    if (told.writing?.busy && this.open()) this.poll.later();
  }

  async answer(choice) {
    const question = this.told?.question;
    if (!question || this.busy) return;
    this.busy = true;
    const done = await attempt(() => post(`questions/${question.id}`, { choice }));
    this.busy = false;
    if (!done) return;
    this.last = question.id;
    this.done.add(question.id);
    announce(SAID[choice]);
    await this.load();
    this.root.querySelector(".passage")?.focus({ preventScroll: true });
  }

  async takeBack() {
    if (!this.last) return;
    const told = await attempt(() => post(`questions/${this.last}/take-back`));
    if (!told) return;
    this.done.delete(told.id);
    Object.assign(this, { last: null, told: { ...this.told, question: told, waiting: this.told.waiting + 1 } });
    announce("Taken back: choose again.");
    this.draw(true);
    this.load();
  }

  async write() {
    const project = projectId() || this.root.querySelector("#pairs-for")?.value;
    if (await attempt(() => post("questions", { project, count: 10 }))) {
      announce("Ten pairs are being written. You can leave this page.");
      await this.load();
    }
  }

  async rest(wish) {
    await attempt(() => post(`draft/${this.told.writing.id}/${wish}`));
    await this.load();
  }

  draw(anew) {
    const { told } = this;
    const parts = [this.line(), this.writing()];
    if (anew || !told.question) this.root.replaceChildren(...parts, told.question ? pairView(told.question, (choice) => this.answer(choice)) : this.empty());
    else { this.root.children[0].replaceWith(parts[0]); this.root.children[1].replaceWith(parts[1]); }
  }

  line() {
    const { told } = this;
    const agreed = told.repeats ? `You answered the same way in ${told.agreed} of ${told.repeats} repeats` : "";
    return el("div", { class: "status soft small" },
      el("span", { class: "num" }, [told.waiting === 1 ? "1 question waits" : `${number(told.waiting)} questions wait`, `${number(told.answered)} answered`, agreed].filter(Boolean).join(" · ")),
      el("span", {}, this.last ? el("button", { type: "button", class: "quiet small", title: "U", onclick: () => this.takeBack() }, "Take the last answer back") : null,
        told.question ? this.ask("quiet small") : null));
  }

  writing() {
    const { writing } = this.told;
    if (!writing || (!writing.busy && !writing.can_resume)) return el("div", { hidden: true });
    const share = writing.sections_total ? writing.sections_done / writing.sections_total : 0;
    const act = (wish, label) => el("button", { type: "button", onclick: () => this.rest(wish) }, label);
    return el("div", { class: "writing" }, el("span", {}, writing.sentence),
      writing.sections_total ? bar(share, `${writing.sections_done} of ${writing.sections_total} pairs`) : el("span"),
      writing.busy ? act("stop", "Stop") : act("resume", "Go on"));
  }

  ask(name) {
    const { told } = this;
    if (told.writing?.busy || !told.projects.length) return null;
    const which = projectId() ? null : el("select", { id: "pairs-for", "aria-label": "With the model of" }, told.projects.map((one) => el("option", { value: one.id }, one.title)));
    return el("span", { class: "ask-for" }, el("button", { type: "button", class: name, id: "write-pairs", onclick: () => this.write() }, "Write me ten pairs"), which);
  }

  empty() {
    const { told } = this;
    return el("div", { class: "welcome" },
      el("p", {}, told.answered ? "No question waits." : "Here you say which of two texts is better. From your answers Longwright learns your taste."),
      el("p", { class: "soft" }, told.projects.length
        ? "Two variants of a section on the Write page make a question. Or let the model write ten short pairs, for your text and for other requests; that takes some minutes, and you can do other things meanwhile."
        : "Begin a text in the Library first: pairs are written with its model."),
      told.projects.length ? this.ask("main") : el("a", { class: "lw-button", href: "/" }, "To the Library"));
  }
}
