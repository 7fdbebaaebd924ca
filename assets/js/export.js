// The manuscript as a file. What is typed is saved first, and a refusal is the studio's own sentence: a
// plain link to the file would say "download failed" and no more.
import { file, get, post } from "./api.js";
import { desk } from "./desk.js";
import { el } from "./dom.js";
import { saving } from "./leaving.js";
import { announce, attempt, notice } from "./say.js";
import { dropDown } from "./tuned.js";

const FORMATS = [["docx", "Word document (.docx)"], ["md", "Markdown (.md)"]];

export function exportMenu() {
  const summary = el("summary", { title: "Alt+X" }, "Export ▾");
  const links = FORMATS.map(([suffix, label]) => el("a", { href: "#", "data-suffix": suffix, onclick: (event) => take(event, menu, summary, author) }, label));
  const author = new Author();
  const menu = el("details", { class: "menu export", ontoggle: () => menu.open && author.load() }, summary, el("div", {}, links, author.label));
  desk.on("outline", () => { for (const link of links) link.href = `/export/${desk.project.id}.${link.dataset.suffix}`; });
  return dropDown(menu);
}

/** The name for the title page: given once, for all books. */
class Author {
  constructor() {
    this.known = "";
    this.field = el("input", { type: "text", autocomplete: "off", maxlength: 200, placeholder: "no name", onchange: () => saving(this.keep()) });
    this.label = el("label", {}, "Author, for the title page", this.field);
  }

  async load() {
    const told = await attempt(() => get("author"));
    if (told && this.field.value === this.known) this.known = this.field.value = told.name;
  }

  /** Whether the studio has the name that stands here. */
  async keep() {
    if (this.field.value === this.known) return true;
    const told = await attempt(() => post("author", { name: this.field.value }));
    if (told) this.known = this.field.value = told.name;
    return Boolean(told);
  }
}

async function take(event, menu, summary, author) {
  event.preventDefault();
  const { href } = event.currentTarget;
  menu.open = false;
  summary.ariaBusy = "true";
  summary.textContent = "Exporting…";
  try {
    if (await saved() && await author.keep()) await attempt(() => fetched(href));
  } finally {
    summary.ariaBusy = "false";
    summary.textContent = "Export ▾";
  }
}

async function saved() {
  for (const hook of desk.beforeDraft) {
    if (await hook()) continue;
    notice("Nothing was exported: the text on this page is not saved yet.", { kind: "bad" });
    return false;
  }
  return true;
}

async function fetched(href) {
  const { blob, name, told } = await file(href);
  const address = URL.createObjectURL(blob);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  if (told) notice(told, { kind: "good", seconds: 20 });
  else announce(`${name} is exported.`);
}
