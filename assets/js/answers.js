// Everything that was said about texts: filter it, open it, correct it, delete it, take it out and in.
import { get, post, projectId } from "./api.js";
import { el, number, when, words, writtenBy } from "./dom.js";
import { saving } from "./leaving.js";
import { announce, attempt, notice } from "./say.js";

const PAIR = [["a", "The first"], ["b", "The second"], ["tie", "Equally good"], ["skip", "Skipped"]];
const THUMB = [["up", "Good"], ["down", "Not good"]];
const KEPT = { a: "The drafted text", b: "What you kept" };
const STEP = 50;

export function mountAnswers(root) { return new Answers(root); }

/** What was said, in words; a skipped question says nothing and is never learned from. */
function said(row) {
  if (row.rating) return "★".repeat(row.rating) + "☆".repeat(5 - row.rating);
  if ((row.kind === "edit" || row.kind === "regeneration") && KEPT[row.choice]) return KEPT[row.choice];
  return [...PAIR, ...THUMB].find(([name]) => name === row.choice)?.[1] ?? "";
}

class Answers {
  constructor(root) { Object.assign(this, { root, told: null, shown: STEP, filters: { project: projectId() ?? "", kind: "", choice: "" }, deleted: false, opened: null, asked: 0 }); }

  async load() {
    const mine = ++this.asked;
    const told = await attempt(() => get("answers", { ...this.filters, deleted: this.deleted, shown: this.shown }));
    if (!told || mine !== this.asked) return; // an older answer than the filters ask for by now
    this.told = told;
    this.draw();
  }

  draw() {
    const { told } = this;
    const focused = this.root.contains(document.activeElement) ? document.activeElement.id : "";
    this.root.replaceChildren(this.tools(), told.answers.length ? el("ul", { class: "answers" }, told.answers.map((row) => this.row(row))) : el("p", { class: "soft empty" }, this.deleted ? "Nothing is deleted." : "Nothing here yet."),
      told.count > told.answers.length ? el("button", { type: "button", onclick: () => { this.shown += STEP; this.load(); } }, `Show more (${number(told.count - told.answers.length)} older)`) : "");
    if (focused) document.getElementById(focused)?.focus();
  }

  tools() {
    const { told } = this;
    const choose = (name, label, options) => el("select", { id: `filter-${name}`, "aria-label": label, onchange: (event) => { this.filters[name] = event.target.value; this.load(); } },
      el("option", { value: "" }, label), Object.entries(options).map(([value, text]) => el("option", { value, selected: this.filters[name] === value }, text)));
    const file = el("input", { type: "file", accept: ".jsonl,.json,.txt", hidden: true, onchange: (event) => this.takeIn(event.target.files[0]) });
    return el("div", { class: "answer-tools" },
      choose("project", "Every text", told.projects), choose("kind", "Every kind", told.kinds),
      choose("choice", "Every outcome", Object.fromEntries([...PAIR, ...THUMB])),
      el("span", { class: "soft small num", title: "All that can be learned from, of every text" }, `${number(told.count)} ${told.count === 1 ? "answer" : "answers"} · ${number(told.usable)} to learn from`),
      el("span", { class: "right" },
        told.deleted || this.deleted ? el("button", { type: "button", class: "quiet", id: "show-deleted", "aria-pressed": String(this.deleted), onclick: () => { this.deleted = !this.deleted; this.load(); } }, this.deleted ? "Back to the answers" : `Deleted (${number(told.deleted)})`) : null,
        el("a", { class: "lw-button quiet-link", href: "/export-answers/preferences.jsonl", download: true }, "Save as a file"), file,
        el("button", { type: "button", class: "quiet", id: "take-in", onclick: () => file.click() }, "Take in a file")));
  }

  row(row) {
    const open = this.opened?.id === row.id;
    const facts = [row.project, row.words_b === null ? words(row.words_a) : `${number(row.words_a)} and ${words(row.words_b)}`, row.tuned ? `${row.model}, tuned` : row.model, row.again ? "asked again" : "", when(row.created_at)];
    return el("li", { "data-answer": row.id, class: open ? "open" : "" },
      el("button", { type: "button", class: "quiet head", id: `answer-${row.id}`, "aria-expanded": String(open), onclick: () => this.open(row) },
        el("strong", {}, row.name), el("span", { class: "said" }, said(row)), el("span", { class: "soft asked" }, row.prompt), el("span", { class: "faint small num" }, facts.filter(Boolean).join(" · "))),
      this.deleted ? el("button", { type: "button", class: "quiet", onclick: () => this.change(row, "undelete") }, "Bring back")
        : el("button", { type: "button", class: "quiet danger", "aria-label": `Delete: ${row.name}, ${said(row)}`, onclick: () => this.change(row, "delete") }, "Delete"),
      open ? this.detail(this.opened) : null);
  }

  async open(row) {
    this.opened = this.opened?.id === row.id ? null : await attempt(() => get(`answers/${row.id}`));
    this.draw();
  }

  detail(row) {
    const text = (label, body, chosen) => el("section", {}, el("div", { class: "faint small" }, label, chosen ? el("span", { class: "good" }, " ✓ better") : null), el("div", { class: "passage", tabindex: "0", dir: "auto" }, body));
    const names = row.kind === "edit" || row.kind === "regeneration" ? ["What was drafted", "What was kept"] : ["The first", "The second"];
    return el("div", { class: "detail" },
      el("details", { class: "asked small" }, el("summary", { class: "soft" }, "What was asked"), el("pre", {}, row.prompt)),
      el("div", { class: row.text_b === null ? "columns one" : "columns" }, text(row.text_b === null ? "The text" : names[0], row.text_a, row.choice === "a"), row.text_b === null ? null : text(names[1], row.text_b, row.choice === "b")),
      this.correct(row));
  }

  correct(row) {
    const send = async (change) => { if (await attempt(() => post(`answers/${row.id}`, change))) { announce("Corrected"); this.opened = (await attempt(() => get(`answers/${row.id}`))) ?? this.opened; await this.load(); } };
    const options = row.kind === "thumb" ? THUMB : PAIR;
    const choice = row.kind === "rating"
      ? el("select", { id: "correct-rating", "aria-label": "Stars", onchange: (event) => send({ rating: Number(event.target.value) }) }, [1, 2, 3, 4, 5].map((count) => el("option", { value: count, selected: row.rating === count }, `${count} of 5`)))
      : el("select", { id: "correct-choice", "aria-label": "What is better", onchange: (event) => send({ choice: event.target.value }) }, options.map(([value, text]) => el("option", { value, selected: row.choice === value }, text)));
    const note = el("input", { id: "correct-note", value: row.note, placeholder: "A note to yourself", "aria-label": "A note to yourself", onchange: (event) => saving(send({ note: event.target.value })) });
    const facts = [row.reasons.join(", "), row.section ? `section “${row.section}”` : "", row.source, writtenBy(row),
      row.seed_a !== null ? `seeds ${row.seed_a}${row.seed_b !== null ? ` and ${row.seed_b}` : ""}` : "", row.shown_left ? `the ${row.shown_left === "a" ? "first" : "second"} stood at the left` : ""];
    return el("div", { class: "correct" }, el("label", {}, "Correct it ", choice), note, el("p", { class: "faint small" }, facts.filter(Boolean).join(" · ")));
  }

  async change(row, verb) {
    if (!(await attempt(() => post(`answers/${row.id}/${verb}`)))) return;
    if (verb === "delete") notice(`Deleted: ${row.name.toLowerCase()}, ${said(row)}. Nothing is learned from it.`, { seconds: 20, actions: { Undo: () => this.change(row, "undelete") } });
    await this.load();
  }

  async takeIn(file) {
    if (!file) return;
    const text = await file.text();
    const told = await attempt(() => post("answers-file", { name: file.name, text, project: this.filters.project }));
    if (!told) return;
    const left = told.problems.length ? ` ${told.problems.length === 1 ? "1 line was" : `${number(told.problems.length)} lines were`} left out: line ${told.problems.slice(0, 3).map(({ line, reason }) => `${line} (${reason.replace(/\.$/, "")})`).join(", line ")}${told.problems.length > 3 ? ", …" : ""}.` : "";
    notice(`${number(told.added)} new${told.known ? `, ${number(told.known)} known already` : ""}.${left}`, { kind: told.problems.length ? "bad" : "good", keep: Boolean(left) });
    await this.load();
  }
}
