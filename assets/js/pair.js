// Two texts side by side and blind: nothing says which model wrote which. Keys 1, 2, 0 and s.
import { el, words } from "./dom.js";
import { sign } from "./keys.js";

export const CHOICES = [["1", "left", "The left one"], ["2", "right", "The right one"], ["0", "tie", "Equally good"], ["S", "skip", "Skip"]];
const NAMES = { left: "Left", right: "Right" };

/** The question as an element; `answer(choice)` is called once, with left, right, tie or skip. */
export function pairView(question, answer, { takes = false } = {}) {
  const column = (side) => el("section", { class: "side-text", "aria-label": NAMES[side] },
    el("div", { class: "faint small num" }, NAMES[side], " · ", words(question[side].words)),
    el("div", { class: "passage", tabindex: "0", dir: "auto" }, question[side].text));
  const label = (choice, text) => (takes && (choice === "left" || choice === "right") ? `Take ${text.toLowerCase()}` : text);
  return el("div", { class: "pair", "data-question": question.id },
    question.prompt ? el("details", { class: "asked small" }, el("summary", { class: "soft" }, question.title || "What was asked"), el("pre", {}, question.prompt)) : null,
    el("div", { class: "columns" }, column("left"), column("right")),
    el("div", { class: "verdicts" }, CHOICES.map(([key, choice, text]) =>
      el("button", { type: "button", class: choice === "skip" ? "quiet" : "", "data-choice": choice, onclick: () => answer(choice) }, el("kbd", {}, key.toLowerCase()), ` ${label(choice, text)}`))));
}

/** The choice a key stands for, or null. */
export function choiceOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  return CHOICES.find(([key]) => key === sign(event).toUpperCase())?.[1] ?? null;
}

/** Ask in a dialog over the page; resolves to the choice, or null when it was put off. */
export function askPair(title, question, options = {}) {
  return new Promise((resolve) => {
    let chosen = null;
    const decide = (choice) => { chosen = choice; dialog.close(); };
    const dialog = el("dialog", { class: "lw choose", "aria-label": title },
      el("header", {}, el("h2", {}, title), el("button", { type: "button", class: "quiet", title: "Esc", onclick: () => dialog.close() }, "Later")),
      pairView(question, decide, options));
    dialog.addEventListener("keydown", (event) => {
      const choice = choiceOf(event);
      if (choice) { event.preventDefault(); decide(choice); }
    });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(chosen); });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector(".passage").focus();
  });
}
