// The Compare page: its two tabs, questions and answers. The address remembers which one is open.
import { el } from "./dom.js";
import { mountAnswers } from "./answers.js";
import { mountQuestions } from "./questions.js";

const TABS = [["questions", "Questions"], ["answers", "Your answers"]];

export function mount(root) {
  const list = root.querySelector("[role=tablist]");
  const questions = mountQuestions(root.querySelector("#tab-questions"), () => here() === "questions");
  const answers = mountAnswers(root.querySelector("#tab-answers"));
  const here = () => (location.hash === "#answers" ? "answers" : "questions");
  const open = (name, focus = false) => {
    history.replaceState(null, "", `${location.pathname}${location.search}#${name}`);
    for (const [other] of TABS) {
      root.querySelector(`#tab-${other}`).hidden = other !== name;
      const tab = list.querySelector(`[data-tab=${other}]`);
      tab.setAttribute("aria-selected", String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      if (focus && other === name) tab.focus();
    }
    (name === "answers" ? answers : questions).load();
  };
  list.replaceChildren(...TABS.map(([name, label]) =>
    el("button", { type: "button", class: "quiet", role: "tab", "data-tab": name, "aria-controls": `tab-${name}`, onclick: () => open(name) }, label)));
  list.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    open(here() === "answers" ? "questions" : "answers", true);
  });
  open(here());
}
