// The models: what they need against what the machine has, downloads under way, known good ones.
import { get, post } from "./api.js";
import { bar, bytes, el, number } from "./dom.js";
import { fill, halfway } from "./halfway.js";
import { Poll } from "./poll.js";
import { ask, attempt, announce } from "./say.js";

const POLL_MS = 700;
let busy = 0;

export function mount(root) {
  const draw = (told) => {
    const running = told.downloads.filter((download) => !download.finished);
    if (running.length < busy) announce("A download has ended.");
    busy = running.length;
    root.replaceChildren(
      el("header", {}, el("h1", {}, "Models"), el("p", { class: "soft small num" }, `${bytes(told.free_bytes)} of memory are free on this machine`)),
      told.downloads.filter((download) => !download.finished || download.problem).map(downloading),
      el("ul", { class: "cards" }, told.models.map((model) => card(model, load))),
      el("h2", {}, "Known to write long texts"),
      el("p", { class: "soft small" }, "Nothing is fetched until you ask for it. The address of one goes into the form beside this."),
      el("ul", { class: "known" }, told.known.map(known)));
    if (busy) poll.later();
  };
  const poll = new Poll(() => get("models"), draw, POLL_MS);
  const load = () => poll.ask();
  load();
  addEventListener("lw-models", load);
  halfway(["model-source", "model-name", "model-served", "model-context", "model-key"], "lw-added");
}

function downloading(download) {
  const share = download.all_bytes ? download.done_bytes / download.all_bytes : 0;
  return el("div", { class: "download" }, el("strong", {}, download.reference),
    download.problem ? el("p", { class: "bad" }, download.problem) : el("p", { class: "soft small num" }, download.all_bytes ? `${bytes(download.done_bytes)} of ${bytes(download.all_bytes)}` : "Asking for it…"),
    bar(share, `${Math.round(share * 100)} %`));
}

function card(model, load) {
  const facts = [model.server ? "A server" : "", model.parameters ? `${size(model.parameters)} parameters` : "", model.architecture, model.quantisation,
    model.reads_words ? `reads about ${number(model.reads_words)} words at once` : "", model.thinks ? "thinks before it writes" : ""].filter(Boolean).join(" · ");
  return el("li", { class: "card" },
    el("h2", {}, model.name, model.embedded ? el("span", { class: "badge" }, "came with Longwright") : null),
    el("p", { class: "soft small" }, facts),
    model.needs_bytes ? el("p", { class: `small num ${model.fits ? "good" : "bad"}` }, model.fits ? `✓ needs about ${bytes(model.needs_bytes)} of memory; it fits` : `✗ needs about ${bytes(model.needs_bytes)} of memory; that is more than is free`) : null,
    model.problem && model.fits !== false ? el("p", { class: "bad small" }, model.problem) : null,
    model.embedded ? el("p", { class: "soft small" }, "Small and quick: good to try things out. For prose worth keeping, add a larger one.")
      : el("div", { class: "acts" }, el("span", { class: "faint small where" }, model.location), el("button", { type: "button", class: "quiet danger", onclick: () => remove(model, load) }, "Remove")));
}

async function remove(model, load) {
  if (!(await ask(`Remove ${model.name}?`, el("p", {}, "What it wrote stays. A file that Longwright fetched is deleted; one of your own is not."), "Remove"))) return;
  await attempt(() => post("models/remove", { name: model.name }));
  load();
}

function known(entry) {
  return el("li", {},
    el("div", {}, el("strong", {}, entry.title), el("span", { class: "soft small num" }, ` ${bytes(entry.file_bytes)} to fetch · needs about ${bytes(entry.needs_bytes)} · ${entry.license}${entry.thinks ? " · thinks first" : ""}`)),
    el("p", { class: "small" }, entry.good_for, el("span", { class: "soft" }, ` (${entry.languages})`)),
    el("p", { class: `small ${entry.fits ? "good" : "warn"}` }, entry.fits ? "✓ fits this machine now" : "✗ more than this machine has free now"),
    el("button", { type: "button", class: "quiet", onclick: () => choose(entry) }, "Put it into the form"));
}

function choose(entry) {
  fill("model-source", entry.reference).focus();
}

const size = (count) => (count >= 1e9 ? `${(count / 1e9).toFixed(1)} billion` : `${Math.round(count / 1e6)} million`);
