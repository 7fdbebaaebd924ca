// What the model saw for a section: the parts of its prompt, how much room each had, what was left
// out and why, and on request the thinking before the text.
import { get } from "./api.js";
import { el, number, when, writtenBy } from "./dom.js";

const NAMES = {
  instructions: "Instructions", brief: "The brief", outline: "Outline around the section", chapter: "Notes of the chapter", summary: "The story so far",
  last_words: "The last words before", phrases: "Phrases to avoid", task: "This section's task",
};

export async function seen(section, { version }) {
  const told = await get(`section/${section}/seen`, { version });
  if (!told.version) return el("p", { class: "soft" }, "No model wrote in this section yet.");
  const { prompt, think, seed, without_seed: caution, name, created_at: made } = told.version;
  return el("div", { class: "seen" },
    el("p", { class: "soft small" }, `${name}, ${when(made)}: ${writtenBy(told.version)}, seed ${seed}. Room is counted in the model's own units; one is about three quarters of an English word.`),
    caution ? el("p", { class: "warn small" }, caution) : null,
    prompt.parts.map((part) => el("details", { class: "part" },
      el("summary", {}, el("span", {}, NAMES[part.name] || part.name), el("span", { class: "soft small num" }, part.text ? `${number(part.tokens)} of ${number(part.budget)}` : "empty")),
      part.dropped ? el("p", { class: "warn small" }, `Left out: ${part.dropped}`) : null,
      el("pre", {}, part.text || "(empty)"))),
    el("p", { class: "soft small num" }, `${number(prompt.answer_reserve)} of ${number(prompt.context)} units were kept for the answer.`),
    think ? el("details", { class: "part" }, el("summary", {}, el("span", {}, "Its thinking before the text"), el("span", { class: "soft small" }, "never exported")), el("pre", {}, think)) : el("p", { class: "soft small" }, "It wrote without thinking first."));
}
