// One training on the page: how far it is, its curves, the same requests written again and again, and
// what came of it. It follows the training by asking for what is new; closing the page changes nothing.
import { get, post } from "./api.js";
import { Curve, extend, MOST } from "./curves.js";
import { bar, bytes, duration, el, number, when } from "./dom.js";
import { outcome } from "./outcome.js";
import { announce, ask, attempt } from "./say.js";

const POLL_MS = 2000;
const two = (value) => value.toFixed(2);
const share = (value) => `${(value * 100).toFixed(1)} %`;
const CURVES = [
  ["length", "Length", "1 where a text keeps to the words asked for", two],
  ["writing", "Writing", "How much you would like it, judged by your choices", two],
  ["form", "Form", "Whole, well-formed texts that do not repeat themselves", two],
  ["distance", "Distance from the original model", "How far it has moved away", (value) => value.toFixed(3)],
  ["words", "Words a text", "How long its texts are", (value) => number(value)],
  ["repetition", "Repetition", "What its texts repeat", share],
];

export class Run {
  constructor(root, id, changed) {
    Object.assign(this, { root, id, changed, told: null, offset: 0, curves: {}, samples: new Map(), notes: [], stage: "", seconds: [], at: null, outcome: null, closed: false });
    this.pictures = Object.fromEntries(CURVES.map(([key, name, hint, show]) => [key, new Curve(name, hint, show)]));
    this.parts = { head: el("header", { class: "run-head" }), notes: el("div", { class: "notes-of small soft" }), curves: el("div", { class: "curves" }, CURVES.map(([key]) => this.pictures[key].root)),
      outcome: el("div", { class: "outcome" }), samples: el("section", { class: "samples" }) };
    root.replaceChildren(this.parts.head, this.parts.outcome, this.parts.curves, this.parts.notes, this.parts.samples);
    document.addEventListener("visibilitychange", this.seen = () => { if (!document.hidden && !this.closed) this.follow(); });
    this.follow();
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.seen);
  }

  async follow() {
    clearTimeout(this.timer);
    if (document.hidden || this.closed) return;
    const { offset } = this;
    const told = await get(`training/${this.id}`, { offset }).catch(() => null);
    if (this.closed || offset !== this.offset) return;
    if (told) await this.take(told, offset === 0);
    if (!told || told.busy) this.timer = setTimeout(() => this.follow(), POLL_MS);
  }

  async take(told, whole) {
    const before = this.told;
    if (whole) Object.assign(this, { curves: {}, notes: [], samples: new Map() });
    for (const [name, points] of Object.entries(told.curves)) extend(this.curves[name] ??= [], points);
    if (Object.values(this.curves).some((points) => points.length > MOST)) { this.offset = 0; await this.follow(); return; }
    for (const sample of told.samples) this.addSample(sample);
    this.notes.push(...told.notes);
    if (told.stage !== null) this.stage = told.stage;
    this.seconds = [...this.seconds, ...told.seconds].slice(-20);
    Object.assign(this, { told, offset: told.offset });
    this.draw(Boolean(told.samples.length) || whole);
    const moved = before && before.state !== told.state;
    if (moved) { announce(told.words); this.changed(); }
    if (!before || moved || (told.step && told.step !== before.step && !this.outcome)) await this.loadOutcome();
  }

  addSample(sample) {
    const known = this.samples.get(sample.key) ?? { prompt: sample.prompt, base: sample.base, steps: [] };
    known.steps = [...known.steps.filter((one) => one.step !== sample.step), sample].sort((a, b) => a.step - b.step);
    this.samples.set(sample.key, known);
  }

  async loadOutcome() {
    const told = await attempt(() => get(`training/${this.id}/outcome`));
    if (!told || this.closed) return;
    this.outcome = told;
    this.parts.outcome.replaceChildren(outcome(told, this.told, { use: (on) => this.use(on), remove: () => this.remove(), again: () => this.loadOutcome(), run: this.id }));
    this.drawNotes();
  }

  draw(samples) {
    this.drawHead();
    // The writer's own choices are judged once they were learned from; before that, and without any, the general judge speaks.
    const writing = this.curves.writing?.length ? this.curves.writing : this.curves.general ?? [];
    const shown = { ...this.curves, writing };
    this.parts.curves.hidden = !Object.keys(this.curves).length && !this.told.busy;
    for (const [key] of CURVES) this.pictures[key].set(shown[key] ?? []);
    this.drawNotes();
    if (samples) this.drawSamples();
  }

  drawHead() {
    const { told } = this;
    const left = told.busy && told.step && this.seconds.length ? duration((told.steps - told.step) * (this.seconds.reduce((a, b) => a + b, 0) / this.seconds.length)) : "";
    const act = (wish, label, name = "", title = "") => el("button", { type: "button", class: name, title, onclick: () => this.control(wish) }, label);
    const acts = told.busy ? [act("pause", "Pause"), act("keep", "Stop and keep", "", "End the practice here, judge what was learned and keep it"), act("stop", "Stop", "quiet")]
      : ["paused", "stopped", "failed", "interrupted"].includes(told.state) ? [act("resume", "Go on", "main"), told.step ? act("keep", "Stop and keep", "", "Judge what was learned so far and keep it") : null] : [];
    const focused = this.parts.head.contains(document.activeElement) ? document.activeElement.textContent : "";
    this.parts.head.replaceChildren(
      el("div", {}, el("h2", {}, told.tuned ?? `Training of ${when(told.created_at)}`), el("p", { class: told.state === "failed" ? "bad" : "soft" }, told.busy && this.stage && told.state === "running" ? this.stage : told.words)),
      el("div", { class: "progress num small soft" }, el("span", {}, told.steps && told.step ? `step ${number(told.step)} of ${number(told.steps)}${left ? ` · about ${left} left, then the verdict` : ""}` : ""), bar(told.steps ? told.step / told.steps : 0, `step ${told.step} of ${told.steps}`)),
      el("div", { class: "acts" }, acts));
    if (focused) [...this.parts.head.querySelectorAll("button")].find((node) => node.textContent === focused)?.focus();
  }

  drawNotes() {
    const facts = this.outcome?.worst_step ? [`A step takes at most ${this.outcome.worst_step} s and some ${bytes(this.outcome.memory_bytes)} of memory.`] : [];
    this.parts.notes.replaceChildren(...[...this.notes.slice(-6), ...facts].map((sentence) => el("p", {}, sentence)));
  }

  drawSamples() {
    const all = [...this.samples.values()];
    this.parts.samples.hidden = !all.length;
    if (!all.length) return;
    const steps = [...new Set(all.flatMap((sample) => sample.steps.map((one) => one.step)))].sort((a, b) => a - b);
    const at = steps.includes(this.at) ? this.at : steps[steps.length - 1];
    const choose = el("select", { id: "sample-step", "aria-label": "After which step", onchange: (event) => { this.at = Number(event.target.value); this.drawSamples(); } },
      steps.map((step) => el("option", { value: step, selected: step === at }, `after step ${step}`)));
    const open = new Set([...this.parts.samples.querySelectorAll("details[open]")].map((node) => node.dataset.key));
    this.parts.samples.replaceChildren(el("header", {}, el("h3", {}, "The same four requests, written again"), choose),
      ...[...this.samples.entries()].map(([key, sample], index) => el("details", { "data-key": key, open: open.size ? open.has(key) : index === 0 },
        el("summary", {}, sample.prompt), el("div", { class: "columns" },
          el("section", {}, el("div", { class: "faint small" }, "The original model"), el("div", { class: "passage", tabindex: "0", dir: "auto" }, sample.base)),
          el("section", {}, el("div", { class: "faint small" }, `After step ${at}`), el("div", { class: "passage", tabindex: "0", dir: "auto" }, sample.steps.findLast((one) => one.step <= at)?.tuned ?? "Not written yet."))))));
  }

  async control(wish) {
    if (wish === "stop" && !(await ask("Stop this training?", el("p", {}, "It saves where it is and can go on later. To end it here and judge what was learned, choose “Stop and keep” instead."), "Stop"))) return;
    if (await attempt(() => post(`training/${this.id}/${wish}`))) announce({ pause: "It rests as soon as its work can be left.", stop: "It stops as soon as its work can be left.", keep: "It ends the practice and is judged.", resume: "It goes on." }[wish]);
    await this.follow();
    this.changed();
  }

  async use(on) {
    const { tuned } = this.outcome;
    const sure = on && tuned.needs_yes ? await ask("Use it all the same?", el("p", {}, tuned.reason), "Use it") : false;
    if (on && tuned.needs_yes && !sure) return;
    if (await attempt(() => post(`training/${this.id}/use`, { on, sure }))) announce(on ? "Drafts are written by your tuned model from now on." : "Drafts are written by the model itself again.");
    await this.loadOutcome();
    this.changed();
  }

  async remove() {
    const { tuned } = this.outcome;
    if (!(await ask(`Remove ${tuned.name}?`, el("p", {}, "What it wrote stays, and so do this training and your choices. The tuned model itself cannot be brought back."), "Remove"))) return;
    if (await attempt(() => post(`tuned/${encodeURIComponent(tuned.name)}/remove`))) announce("The tuned model is removed.");
    await this.loadOutcome();
    this.changed();
  }
}
