// What came of a training: better, unclear or worse, with each measure, and what to do with it.
import { get, post } from "./api.js";
import { el } from "./dom.js";
import { askPair } from "./pair.js";
import { announce, attempt } from "./say.js";

const LABELS = { better: ["✓ Better", "good"], unclear: ["? Unclear", "warn"], worse: ["✗ Worse", "bad"] };

/** What is behind "Your taste counts 35 % so far: ", as a sentence of its own. */
export function because(sentence) {
  const rest = sentence.replace(/^Your taste counts \d+ % so far: /, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

export function outcome(told, run, acts) {
  const parts = [learned(told)];
  if (told.verdict) parts.unshift(verdict(told, acts));
  return el("div", {}, parts);
}

function learned(told) {
  if (!told.taste && !told.sentence) return null;
  const likes = told.taste?.likes?.length ? `What it has seen: you like ${told.taste.likes.join(", ")}.` : "";
  return el("div", { class: "learned small" },
    told.taste ? el("p", {}, el("strong", {}, `Your taste counts ${Math.round(told.taste.evidence_weight * 100)} % in it. `), because(told.taste.sentence)) : null,
    likes ? el("p", { class: "soft" }, likes) : null,
    told.sentence ? el("p", { class: "soft" }, told.sentence) : null);
}

function verdict(told, acts) {
  const [label, kind] = LABELS[told.verdict.label];
  const { tuned, blind } = told;
  return el("article", { class: `verdict ${kind}` },
    el("h3", { class: kind }, label), el("p", { class: "reason" }, told.verdict.reason),
    el("table", {}, el("caption", { class: "lw-offscreen" }, "What was measured"),
      el("thead", {}, el("tr", {}, ["", "The original model", "Your tuned model"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, told.verdict.measures.map((row) => el("tr", {}, el("th", { scope: "row" }, row.words), figure(row.base, row.unit), figure(row.tuned, row.unit))))),
    tuned ? el("div", { class: "acts" },
      tuned.in_use ? el("button", { type: "button", onclick: () => acts.use(false) }, "Keep it aside") : el("button", { type: "button", class: told.verdict.label === "better" ? "main" : "", onclick: () => acts.use(true) }, "Use my tuned model"),
      blind.asked ? el("button", { type: "button", onclick: () => blindly(acts) }, blind.answered < blind.asked ? `Compare blind (${blind.asked - blind.answered} pairs)` : "Compare again") : null,
      el("button", { type: "button", class: "quiet danger", onclick: () => acts.remove() }, "Remove it"),
      el("span", { class: "soft small" }, tuned.in_use ? "It writes your drafts now." : "It is kept aside; nothing uses it.")) : el("p", { class: "soft small" }, run_without(told)),
    blind.answered ? el("p", { class: "small" }, result(blind)) : null);
}

const run_without = (told) => (told.tuned === null ? "The tuned model is not on the list (any more)." : "");

function figure(told, unit) {
  const show = (value) => (unit === "%" ? `${(value * 100).toFixed(1)} %` : Number(value.toFixed(2)).toLocaleString("en"));
  if (told.value === null) return el("td", { class: "faint" }, "not measured");
  return el("td", { class: "num" }, show(told.value), told.interval ? el("span", { class: "faint small" }, ` ${show(told.interval[0])} to ${show(told.interval[1])}`) : null);
}

function result(blind) {
  const range = blind.win_rate.interval ? ` (${Math.round(blind.win_rate.interval[0] * 100)} to ${Math.round(blind.win_rate.interval[1] * 100)} %)` : "";
  return `Compared blind, you liked its text better in ${blind.tuned} of ${blind.answered}, the original's in ${blind.base}${blind.ties ? `, and ${blind.ties} were equally good` : ""}${range}. ${blind.sentence}`.trim();
}

/** The pairs one after the other; nothing tells which text is whose. Answers teach the next training, too. */
async function blindly(acts) {
  const told = await attempt(() => get(`training/${acts.run}/blind`));
  if (!told) return;
  const { pairs } = told;
  let noted = 0;
  const open = pairs.some((pair) => pair.choice === null) ? pairs.filter((pair) => pair.choice === null) : pairs;
  for (const [index, pair] of open.entries()) {
    const choice = await askPair(`Which one is better? Pair ${index + 1} of ${open.length}`, pair);
    if (choice === null) break;
    if (choice !== "skip" && !(await attempt(() => post(`training/${acts.run}/blind`, { key: pair.id, choice })))) break;
    noted += 1;
  }
  if (noted) announce("Your answers are noted.");
  acts.again();
}
