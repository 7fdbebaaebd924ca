// The outline as Markdown headings: in from the writer's clipboard, and out to it.
import { get, post, projectId } from "./api.js";
import { el } from "./dom.js";
import { ask, attempt } from "./say.js";

const EXAMPLE = "# Part one\n## The storm (800 words)\nThe boat does not come back.\n## The letter";

/** The outline that took the old one's place, null for none. `written`: there is text that could stay. */
export async function pasteOutline(written) {
  const field = el("textarea", { id: "paste-field", rows: 14, cols: 64, "aria-label": "Outline as Markdown headings", placeholder: EXAMPLE });
  const keep = el("input", { type: "checkbox", id: "paste-keep" });
  const body = el("div", { class: "paste" }, el("p", { class: "soft small" }, "Headings make chapters and sections; “(800 words)” behind a title asks for a length; text below says what happens."), field,
    written ? el("label", { class: "check" }, keep, " Keep the text of sections whose titles match") : null);
  if (!(await ask("Paste an outline", body, "Use it"))) return null;
  return attempt(() => post(`outline/${projectId()}/paste`, { markdown: field.value, keep: keep.checked }));
}

export async function showMarkdown() {
  const told = await attempt(() => get(`outline/${projectId()}/markdown`));
  if (!told) return;
  const field = el("textarea", { rows: 16, cols: 64, readonly: true, "aria-label": "The outline as Markdown", value: told.markdown });
  if (await ask("The outline as Markdown", field, "Copy")) await navigator.clipboard?.writeText(told.markdown);
}
