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
    Object.assign(title, desk.tongue);
    today.textContent = desk.gained ? `${gain(desk.gained)} today` : "";
    whole.replaceChildren(...progress());
    drawActs(acts);
  };
  desk.on("outline", draw);
  desk.on("draft", draw);
  let state = { name: "saved", sentence: "" };
  const drawSaved = () => show(SAVED[state.name], state.sentence, state.name === "failed");
  const show = (label, sentence, bad) => {
    if (saved.textContent !== label) saved.textContent = label;
    saved.title = sentence;
    saved.classList.toggle("bad", bad);
  };
  desk.on("saved", (told) => { state = told; drawSaved(); });
  desk.on("lost", (sentence) => show("The studio does not answer", sentence, true));
  desk.on("found", drawSaved);
  keys("Drafting", {
    "Ctrl+Enter": { does: "Draft or resume", run: () => main()?.start?.() },
    "Ctrl+Shift+Enter": { does: "Resume a draft that was stopped or failed, as it was asked for", run: () => { if (resumable()) desk.control("resume"); } },
    "Alt+P": { does: "Pause", run: () => { if (desk.draft?.busy) desk.control("pause"); } },
    "Alt+S": { does: "Stop; the text is kept", run: () => { if (desk.draft?.busy || waits()) desk.control("stop"); } },
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

/** Whether the draft rests in the middle of its text: nothing else is written before it goes on or is stopped. */
const waits = () => ["paused", "interrupted"].includes(desk.draft?.state);

/** Whether the last draft can go on. An outline that never came to its end must not take the place of the one that the book has by now. */
const resumable = () => desk.draft?.can_resume && desk.draft.kind !== "outline";

/** The one main button: what it says and does now. */
function main() {
  const { draft, project } = desk;
  if (!project) return null;
  if (draft?.busy) return { label: "Stop", name: "stop", run: () => desk.control("stop"), title: "Stop; the text is kept (Alt+S)" };
  if (resumable() && (waits() || !project.unfinished)) return { label: "Resume", name: "resume", start: () => desk.control("resume"), title: "Go on at the very place (Ctrl+Enter)" };
  if (resumable()) return { label: "Draft the rest", name: "draft", start: () => desk.start(), title: "Draft what is missing, with the settings of now (Ctrl+Enter)" };
  const blank = { label: "Draft", name: "draft", disabled: true };
  if (!desk.sections.length) return { ...blank, title: "The book has no outline yet; make one on the Plan page" };
  if (!project.unfinished) return { ...blank, title: "Every section has its text; choose one and write it again" };
  return { label: "Draft", name: "draft", start: () => desk.start(), title: "Draft every unfinished section (Ctrl+Enter)" };
}

/** What can be done beside the main button. */
function others(chief) {
  if (desk.draft?.busy) return [button("Pause", () => desk.control("pause"), "pause", "Pause (Alt+P)")];
  if (waits()) return [button("Stop", () => desk.control("stop"), "stop", "Stop; the text is kept (Alt+S)")];
  if (resumable() && chief.name === "draft") return [button("Resume", () => desk.control("resume"), "resume", "Go on with the last draft as it was asked for (Ctrl+Shift+Enter)")];
  return [];
}

function drawActs(acts) {
  const chief = main();
  const focused = acts.contains(document.activeElement);
  const buttons = [...others(chief), button(chief.label, chief.start || chief.run, `main ${chief.name}`, chief.title, chief.disabled)];
  const looks = (nodes) => [...nodes].map((node) => node.textContent + node.disabled).join();
  if (looks(acts.children) === looks(buttons)) return;
  acts.replaceChildren(...buttons);
  if (focused) buttons.at(-1).focus();
}

const button = (label, run, name, title, disabled = false) => el("button", { type: "button", class: name, title, disabled, onclick: run }, label);
