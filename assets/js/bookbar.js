// The top of the Write page: the book, whether all is saved, how far the whole draft is, and one
// main button at a time.
import { desk } from "./desk.js";
import { bar, deviation, duration, el, number, words } from "./dom.js";
import { exportMenu } from "./export.js";
import { keys } from "./keys.js";
import { tunedMenu } from "./tuned.js";

const SAVED = { saved: "Saved", typing: "Not saved yet", saving: "Saving…", failed: "Not saved" };

export function mount(root) {
  const title = el("h1", {});
  const saved = el("span", { class: "saved", id: "saved-state" }, "Saved");
  const whole = el("div", { class: "whole" });
  const acts = el("div", { class: "acts" });
  const today = el("span", { class: "num", id: "words-today", title: "Words that the book gained since midnight" });
  root.replaceChildren(el("div", { class: "book" }, title, el("div", { class: "facts" }, saved, today)), whole, acts, tunedMenu((load) => desk.on("outline", load)), exportMenu());
  const draw = () => {
    if (!desk.project) return;
    title.textContent = title.title = desk.project.title;
    today.textContent = desk.gained ? `${gain(desk.gained)} today` : "";
    whole.replaceChildren(...progress());
    drawActs(acts);
  };
  desk.on("outline", draw);
  desk.on("draft", draw);
  desk.on("saved", ({ name, sentence }) => { saved.textContent = SAVED[name]; saved.title = sentence; saved.classList.toggle("bad", name === "failed"); });
  desk.on("lost", (sentence) => { saved.textContent = "The studio does not answer"; saved.title = sentence; saved.classList.add("bad"); });
  keys("Drafting", {
    "Ctrl+Enter": { does: "Draft or resume", run: () => main()?.start?.() },
    "Alt+P": { does: "Pause", run: () => { if (desk.draft?.busy) desk.control("pause"); } },
    "Alt+S": { does: "Stop; the text is kept", run: () => { if (desk.draft?.busy) desk.control("stop"); } },
    "Alt+X": { does: "Export", run: () => { const menu = root.querySelector("details.export"); menu.open = true; menu.querySelector("a").focus(); } },
  });
  desk.load();
}

/** "1,204 words" or, on a day of cutting, "−40 words". */
const gain = (count) => `${count < 0 ? "−" : ""}${words(Math.abs(count))}`;

function progress() {
  const { draft, project } = desk;
  const got = desk.sections.reduce((sum, row) => sum + (row.live ?? row.words), 0);
  const pace = draft?.busy && draft.words_per_minute ? `${number(draft.words_per_minute)} words a minute` : "";
  const left = draft?.busy && draft.eta_seconds ? `${duration(draft.eta_seconds)} left` : "";
  const right = [pace, left].filter(Boolean).join(" · ") || draft?.sentence || "";
  const gap = project.unfinished ? "" : deviation(got, project.goal_words);
  return [
    el("div", { class: "line num" }, el("span", {}, `${number(got)} of ${number(project.goal_words)} words ${gap}`), el("span", { class: "state", title: right }, right)),
    bar(got / project.goal_words, `${number(got)} of ${number(project.goal_words)} words`),
  ];
}

/** The one main button: what it says and does now. */
function main() {
  const { draft, project } = desk;
  if (!project) return null;
  if (draft?.busy) return { label: "Stop", run: () => desk.control("stop"), title: "Stop; the text is kept (Alt+S)" };
  // An outline that never came to its end must not take the place of the one that the book has by now.
  if (draft?.can_resume && draft.kind !== "outline") return { label: "Resume", start: () => desk.control("resume"), title: "Go on at the very place (Ctrl+Enter)" };
  const start = () => desk.start();
  if (!desk.sections.length) return { label: "Draft", disabled: true, title: "The book has no outline yet; make one on the Plan page" };
  if (!project.unfinished) return { label: "Draft", disabled: true, title: "Every section has its text; choose one and write it again" };
  return { label: "Draft", start, title: "Draft every unfinished section (Ctrl+Enter)" };
}

function drawActs(acts) {
  const { label, run, start, disabled, title } = main();
  const focused = acts.contains(document.activeElement);
  const buttons = [];
  if (desk.draft?.busy) buttons.push(button("Pause", () => desk.control("pause"), "pause", "Pause (Alt+P)"));
  if (desk.draft?.state === "paused") buttons.push(button("Stop", () => desk.control("stop"), "stop", "Stop; the text is kept"));
  const chief = button(label, start || run, `main ${label.toLowerCase()}`, title, disabled);
  const same = [...acts.children].map((node) => node.textContent + node.disabled).join() === [...buttons, chief].map((node) => node.textContent + node.disabled).join();
  if (same) return;
  acts.replaceChildren(...buttons, chief);
  if (focused) chief.focus();
}

const button = (label, run, name, title, disabled = false) => el("button", { type: "button", class: name, title, disabled, onclick: run }, label);
