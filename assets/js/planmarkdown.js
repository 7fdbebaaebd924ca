// The outline as Markdown headings: in from the writer's clipboard, and out to it. What is pasted or typed is not
// lost with the page, nor where it is refused.
import { get, post, projectId } from "./api.js";
import { el } from "./dom.js";
import { place, saving } from "./leaving.js";
import { ask, attempt, notice } from "./say.js";

const EXAMPLE = "# Part one\n## The storm (800 words)\nThe boat does not come back.\n## The letter";

place({ unsaved: () => Boolean(document.getElementById("paste-field")?.value.trim()) });

/** An outline that takes the old one's place; `take` is called with the answer. `written`: there is text that
    could stay. `typed`: what was refused before. */
export async function pasteOutline(written, take, typed = "") {
  const field = el("textarea", { id: "paste-field", rows: 14, cols: 64, value: typed, "aria-label": "Outline as Markdown headings", placeholder: EXAMPLE });
  const keep = el("input", { type: "checkbox", id: "paste-keep" });
  const body = el("div", { class: "paste" }, el("p", { class: "soft small" }, "Headings make chapters and sections; “(800 words)” behind a title asks for a length; text below says what happens."), field,
    written ? el("label", { class: "check" }, keep, " Keep the text of sections whose titles match") : null);
  const used = await ask("Paste an outline", body, "Use it");
  const again = () => pasteOutline(written, take, field.value);
  if (!used) {
    if (field.value.trim()) notice("The pasted outline was not used.", { actions: { "Edit it again": again }, seconds: 30 });
    return;
  }
  saving(post(`outline/${projectId()}/paste`, { markdown: field.value, keep: keep.checked }))
    .then(take, (error) => notice(error.message, { kind: "bad", holds: Boolean(field.value.trim()), actions: { "Edit it again": again } }));
}

export async function showMarkdown() {
  const told = await attempt(() => get(`outline/${projectId()}/markdown`));
  if (!told) return;
  const field = el("textarea", { rows: 16, cols: 64, readonly: true, "aria-label": "The outline as Markdown", value: told.markdown });
  if (await ask("The outline as Markdown", field, "Copy")) await navigator.clipboard?.writeText(told.markdown);
}
