// The manuscript as a file. What is typed is saved first, and a refusal is the studio's own sentence: a
// plain link to the file would say "download failed" and no more.
import { file } from "./api.js";
import { desk } from "./desk.js";
import { el } from "./dom.js";
import { announce, attempt, notice } from "./say.js";
import { dropDown } from "./tuned.js";

const FORMATS = [["docx", "Word document (.docx)"], ["md", "Markdown (.md)"]];

export function exportMenu() {
  const summary = el("summary", { title: "Alt+X" }, "Export ▾");
  const links = FORMATS.map(([suffix, label]) => el("a", { href: "#", "data-suffix": suffix, onclick: (event) => take(event, menu, summary) }, label));
  const menu = el("details", { class: "menu export" }, summary, el("div", {}, links));
  desk.on("outline", () => { for (const link of links) link.href = `/export/${desk.project.id}.${link.dataset.suffix}`; });
  return dropDown(menu);
}

async function take(event, menu, summary) {
  event.preventDefault();
  const { href } = event.currentTarget;
  menu.open = false;
  summary.ariaBusy = "true";
  summary.textContent = "Exporting…";
  try {
    if (await saved()) await attempt(() => fetched(href));
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
