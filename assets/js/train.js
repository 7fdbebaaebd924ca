// The Train page: what a training can learn, starting one, and the trainings so far.
import { get, post, projectId } from "./api.js";
import { bytes, duration, el, number, when } from "./dom.js";
import { keys } from "./keys.js";
import { because } from "./outcome.js";
import { Run } from "./run.js";
import { announce, attempt } from "./say.js";

const LABELS = { better: "better", unclear: "unclear", worse: "worse" };
const RECORDS = { all: "All my choices", project: "The choices in this text", none: "None: length and form alone" };
const METHODS = { rl: "Practise, and be judged by your choices", sft: "Copy the texts you chose" };
const ASK_MS = 400;

export function mount(root) {
  const page = new Train(root);
  page.load();
  keys("Train", { "S": { does: "Start a training", run: () => root.querySelector("#start-training:not(:disabled)")?.click() } });
}

class Train {
  constructor(root) {
    Object.assign(this, { root, told: null, run: null, shown: null, timer: null });
    this.card = root.querySelector(".plan-card");
    this.view = root.querySelector(".run-view");
    this.history = root.querySelector(".history");
    this.wanted = { project: projectId() ?? "", records: "all", method: "rl", base: "", start_from: "", own_texts: "", steps: 40, group_size: 8, room: 192 };
  }

  async load() {
    const told = await attempt(() => get("training"));
    if (!told) return;
    const first = !this.told;
    this.told = told;
    if (first) { this.drawForm(); this.outlook(); }
    this.drawKnown();
    this.drawHistory();
    const asked = location.hash.slice(1);
    const busy = told.runs.find((run) => ["running", "waiting"].includes(run.state));
    const id = told.runs.some((run) => run.run === asked) ? asked : (busy ?? told.runs[0])?.run;
    if (id && id !== this.shown) this.show(id);
    if (!id) this.view.replaceChildren(this.empty());
    this.refreshStart();
  }

  show(id) {
    this.run?.close();
    this.shown = id;
    history.replaceState(null, "", `${location.pathname}${location.search}#${id}`);
    this.run = new Run(this.view, id, () => this.load());
    this.drawHistory();
  }

  empty() {
    return el("div", { class: "welcome" }, el("p", {}, "Nothing was trained yet."),
      el("p", { class: "soft" }, "A training lets the model practise on your requests and judges its texts by your choices. It goes on when this page is closed; the tuned model writes only when you say so, and one that was found worse asks again."),
      el("p", { class: "soft" }, "The more you compare, the more it can learn: ", el("a", { href: `/compare${location.search}` }, "compare some texts"), "."));
  }

  field(name, label, input) { return el("label", { class: "field" }, label, input); }

  select(name, options) {
    return el("select", { id: `train-${name}`, onchange: (event) => this.set(name, event.target.value) }, Object.entries(options).map(([value, text]) => el("option", { value, selected: this.wanted[name] === value }, text)));
  }

  amount(name, least, most) {
    return el("input", { id: `train-${name}`, type: "number", min: least, max: most, step: 1, value: this.wanted[name], oninput: (event) => this.set(name, Math.round(Number(event.target.value))) });
  }

  set(name, value) {
    this.wanted[name] = value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.outlook(), ASK_MS);
  }

  drawForm() {
    const { told } = this;
    const records = projectId() ? RECORDS : { all: RECORDS.all, none: RECORDS.none };
    const models = Object.fromEntries(told.models.map((model) => [model.embedded ? "" : model.name, model.embedded ? `${model.name} (built in)` : model.name]));
    this.known = el("div", { class: "known-taste" });
    this.prospect = el("div", { class: "prospect", "aria-live": "off" });
    this.start = el("button", { type: "button", class: "main", id: "start-training", disabled: true, title: "S", onclick: () => this.begin() }, "Start training");
    this.why = el("p", { class: "small soft" });
    this.card.replaceChildren(el("h1", {}, "Train"), this.known,
      this.field("records", "What it learns from", this.select("records", records)),
      this.field("base", "The model", this.select("base", models)),
      this.field("method", "How it learns", this.select("method", METHODS)),
      told.tuned.length ? this.field("start_from", "Go on from", this.select("start_from", { "": "The model itself", ...Object.fromEntries(told.tuned.map((one) => [one.name, one.name])) })) : "",
      this.field("steps", "Steps of practice", this.amount("steps", 1, 10000)),
      el("details", { class: "more" }, el("summary", { class: "small soft" }, "More"),
        this.field("group_size", "Texts for each request", this.amount("group_size", 2, 64)),
        this.field("room", "Room for a text (one word takes about 1.3)", this.amount("room", 16, 16384)),
        this.field("own_texts", "A folder of your own texts to read first", el("input", { id: "train-own_texts", placeholder: "/home/me/texts", onchange: (event) => this.set("own_texts", event.target.value) }))),
      this.prospect, this.start, this.why);
  }

  drawKnown() {
    const { taste } = this.told;
    this.known.replaceChildren(taste
      ? el("div", {}, el("p", { class: "weight" }, el("strong", { class: "num" }, `Your taste counts ${Math.round(taste.evidence_weight * 100)} % so far`)), el("p", { class: "small soft" }, because(taste.sentence)),
        taste.likes?.length ? el("p", { class: "small soft" }, `What it has seen: you like ${taste.likes.join(", ")}.`) : null)
      : el("p", { class: "small soft" }, "How much your taste counts is not known yet: it takes some ten choices between texts."));
  }

  async outlook() {
    const told = await post("training/outlook", this.wanted).catch((error) => ({ refusal: error.message }));
    this.refused = told.refusal;
    const facts = told.refusal ? [] : [
      told.records ? `${number(told.records)} ${told.records === 1 ? "choice" : "choices"} about ${number(told.prompts)} requests${told.unseen ? `; ${number(told.unseen)} are kept aside to judge by` : ""}` : "",
      told.ties ? `${number(told.ties)} ties` : "", told.contradicting ? `${number(told.contradicting)} pairs were judged both ways` : "", told.waiting ? `${number(told.waiting)} thumbs or ratings have no counterpart yet` : ""];
    this.prospect.replaceChildren(el("p", { class: told.refusal ? "bad" : "" }, told.refusal || told.sentence), facts.filter(Boolean).length ? el("p", { class: "small soft" }, `${facts.filter(Boolean).join(" · ")}.`) : "",
      el("p", { class: "small soft num" }, this.cost()));
    this.refreshStart();
  }

  cost() {
    const { measured, free_bytes: free } = this.told;
    const memory = `${bytes(free)} of memory are free.`;
    if (this.wanted.method === "sft") return memory;
    if (!measured) return `${memory} Time and memory are measured on one real step when it starts.`;
    return `${memory} Last time, with ${measured.base}, a step took at most ${measured.seconds} s and ${bytes(measured.bytes)}: ${number(this.wanted.steps)} steps are some ${duration(measured.seconds * this.wanted.steps)}.`;
  }

  refreshStart() {
    const busy = this.told?.runs.find((run) => ["running", "waiting"].includes(run.state));
    this.start.disabled = Boolean(busy) || this.refused !== "";
    this.why.textContent = busy ? "One training at a time: this one is going on." : "It goes on when you close this page. While a draft is written, it waits.";
  }

  async begin() {
    this.start.disabled = true;
    const told = await attempt(() => post("training", this.wanted));
    if (told) { announce("The training has begun."); history.replaceState(null, "", `${location.pathname}${location.search}#${told.run}`); }
    await this.load();
  }

  drawHistory() {
    const { runs } = this.told;
    if (!runs.length) { this.history.replaceChildren(); return; }
    this.history.replaceChildren(el("h2", {}, "Trainings"), el("ul", {}, runs.map((run) => el("li", {},
      el("button", { type: "button", class: "quiet", "aria-current": run.run === this.shown ? "true" : null, "data-run": run.run, onclick: () => { this.show(run.run); scrollTo({ top: 0 }); } },
        el("span", {}, when(run.created_at)), el("span", { class: "soft" }, run.label ? LABELS[run.label] : run.words), el("span", { class: "faint small num" }, [`${number(run.step)} of ${number(run.steps)} steps`, run.tuned].filter(Boolean).join(" · ")))))));
  }
}
