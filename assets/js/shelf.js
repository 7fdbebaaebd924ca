// The library as cards. What is deleted can be brought back at once and later.
import { get, post } from "./api.js";
import { bar, el, inTongue, number, when, words } from "./dom.js";
import { halfway } from "./halfway.js";
import { keys } from "./keys.js";
import { attempt, notice } from "./say.js";

const KINDS = { novel: "Novel", story: "Story", report: "Report", article: "Article", other: "Text" };
const address = (page, id) => `/${page}?project=${encodeURIComponent(id)}`;

export function mount(root) {
  const shelf = new Shelf(root);
  shelf.draw();
  halfway(["new-title", "new-premise", "new-words"], "lw-begun", ["new-kind"]);
  keys("Library", {
    "N": { does: "Begin a new text", run: () => document.querySelector("#new-title textarea, #new-title input")?.focus() },
    "J": { does: "Next card", run: () => shelf.step(1) },
    "K": { does: "Card before", run: () => shelf.step(-1) },
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) shelf.draw(); });
}

class Shelf {
  constructor(root) { Object.assign(this, { root, archived: false }); }

  async draw() {
    const told = await attempt(() => get("library"));
    if (!told) return;
    const here = told.projects.filter((project) => project.archived === this.archived);
    const archived = told.projects.filter((project) => project.archived).length;
    this.root.replaceChildren(
      el("header", {}, el("h1", {}, this.archived ? "Archive" : "Your texts"),
        archived || this.archived ? el("button", { type: "button", class: "quiet", onclick: () => { this.archived = !this.archived; this.draw(); } },
          this.archived ? "Back to the texts" : `Archive (${archived})`) : null),
      here.length ? el("ul", { class: "cards" }, here.map((project) => this.card(project))) : this.empty(told),
      told.deleted.length ? this.deleted(told.deleted) : "");
  }

  card(project) {
    const link = project.sections ? address("write", project.id) : address("plan", project.id);
    const done = project.sections ? `${number(project.sections_done)} of ${number(project.sections)} sections` : "no outline yet";
    const act = (verb, label, name = "quiet") => el("button", { type: "button", class: name, "aria-label": `${label} ${project.title}`, onclick: () => this.change(project, verb) }, label);
    return el("li", { class: "card", "data-project": project.id },
      el("a", { class: "open", href: link }, el("h2", inTongue(project.language), project.title)),
      el("p", { class: "soft small" }, [KINDS[project.kind], project.language !== "en" ? project.language : "", project.state].filter(Boolean).join(" · ")),
      el("p", { class: "premise", ...inTongue(project.language) }, project.premise),
      el("div", { class: "numbers small num" }, el("span", {}, `${number(project.words)} of ${words(project.goal_words)}`), el("span", { class: "faint" }, done)),
      bar(project.words / project.goal_words, `${number(project.words)} of ${number(project.goal_words)} words`),
      el("div", { class: "acts small" }, el("span", { class: "faint" }, when(project.updated_at)),
        el("span", {}, act("duplicate", "Copy"), act(project.archived ? "unarchive" : "archive", project.archived ? "Unarchive" : "Archive"), act("delete", "Delete", "quiet danger"))));
  }

  async change(project, verb) {
    const done = await attempt(() => post(`projects/${project.id}/${verb}`));
    if (!done) return;
    const undo = { delete: "undelete", archive: "unarchive" }[verb];
    if (undo) notice(`“${project.title}” is ${verb === "delete" ? "deleted" : "in the archive"}.`, { seconds: 20, actions: { Undo: () => this.change(project, undo) } });
    await this.draw();
  }

  empty({ samples }) {
    if (this.archived) return el("p", { class: "soft" }, "The archive is empty.");
    return el("div", { class: "welcome" },
      el("p", {}, "Nothing here yet. Say what your text is about in the form beside this, how long it shall be, and begin."),
      el("p", { class: "soft" }, "Or look around in a sample first; it is yours to change."),
      el("div", { class: "samples" }, Object.entries(samples).map(([name, label]) =>
        el("button", { type: "button", "data-sample": name, onclick: () => this.sample(name) }, label))));
  }

  async sample(name) {
    const told = await attempt(() => post(`samples/${name}`));
    if (told) location.href = address("write", told.project);
  }

  deleted(list) {
    return el("details", { class: "deleted small" }, el("summary", { class: "soft" }, `Deleted (${list.length})`),
      el("ul", {}, list.map((project) => el("li", {}, project.title,
        el("button", { type: "button", class: "quiet", "aria-label": `Bring back ${project.title}`, onclick: () => this.change(project, "undelete") }, "Bring back")))));
  }

  step(by) {
    const links = [...this.root.querySelectorAll("a.open")];
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
  }
}
