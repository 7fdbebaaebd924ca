// Below the outline: what is measured of the text. Repetition is asked for when the text rests after a
// change, never while a draft is followed; a long book only when the writer asks.
import { get, projectId } from "./api.js";
import { desk } from "./desk.js";
import { el, number, percent, words } from "./dom.js";
import { attempt } from "./say.js";

const REST_MS = 700;

export function mountFigures(root) {
  const figures = new Figures(root);
  for (const name of ["outline", "draft", "chosen"]) desk.on(name, () => figures.draw());
}

class Figures {
  constructor(root) { Object.assign(this, { root, told: null, asked: "", timer: null, measuring: false }); }

  /** Which texts the figures belong to. */
  get key() { return [desk.chosen, ...desk.sections.map((row) => `${row.words}/${row.versions}`)].join(); }

  draw() {
    if (!desk.project) return;
    const written = desk.sections.some((row) => row.words);
    this.root.hidden = !written && !desk.gained;
    if (written && this.key !== this.asked) {
      this.asked = this.key;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), REST_MS);
    }
    const lines = [this.line("Today", today())];
    if (this.told && written) lines.push(this.line("Book repeats", this.book()), this.line("This section", this.section()));
    const shown = lines.map(([, what]) => what.textContent ?? what).join("|");
    if (shown === this.shown) return;
    this.shown = shown;
    this.root.replaceChildren(el("dl", {}, lines));
  }

  line(name, what) { return [el("dt", {}, name), el("dd", { class: "num" }, what)]; }

  async ask(whole = false) {
    const { asked } = this;
    const told = await attempt(() => get("repetition", { project: projectId(), section: desk.chosen, whole }));
    this.measuring = false;
    if (!told || asked !== this.asked) return;
    this.told = told;
    this.draw();
  }

  section() {
    const row = desk.row(desk.chosen);
    return row?.live === undefined ? repeats(this.told.section) : "still being written";
  }

  book() {
    if (this.told.book) return repeats(this.told.book);
    if (this.measuring) return "measuring…";
    return el("button", { type: "button", class: "quiet", onclick: () => { this.measuring = true; this.draw(); this.ask(true); } }, `measure ${words(this.told.words)}`);
  }
}

function today() {
  const own = desk.today?.own ?? 0;
  const drafted = (desk.today?.drafted ?? 0) + desk.underWay;
  return [own ? `${number(own)} by you` : "", drafted ? `${number(drafted)} drafted` : ""].filter(Boolean).join(", ") || "no words yet";
}

/** "0.3 % of sentences, 2 % of phrases": shares that repeat earlier ones. */
const repeats = (figures) => figures
  ? el("span", { title: "Sentences that stand in the text before, and runs of four words that do" }, `${percent(figures.sentences)} of sentences, ${percent(figures.phrases)} of phrases`) : "no text yet";
