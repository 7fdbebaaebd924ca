// What the studio tells the writer: one polite live region, and notices with an action.
import { el } from "./dom.js";

function region() {
  let node = document.getElementById("lw-status");
  if (!node) {
    node = el("div", { id: "lw-status", class: "lw-offscreen", role: "status", "aria-live": "polite" });
    document.body.append(node);
  }
  return node;
}

/** Say a sentence to a screen reader. Never called with drafted text. */
export function announce(sentence) {
  region().textContent = sentence;
}

function shelf() {
  let node = document.getElementById("lw-notices");
  if (!node) {
    node = el("div", { id: "lw-notices", class: "lw notices" });
    document.body.append(node);
  }
  return node;
}

/** Show a sentence with optional `actions` ({label: function}). Stays until closed when `keep`; `holds`: so does
    the writer's own text in it, which the page is not left with unasked (`leaving.js`). */
export function notice(sentence, { kind = "good", actions = {}, keep = false, holds = false, seconds = 8 } = {}) {
  const node = el("div", { class: `notice ${kind}${holds ? " holds" : ""}` }, el("span", {}, sentence));
  const close = () => node.remove();
  for (const [label, act] of Object.entries(actions)) {
    node.append(el("button", { type: "button", onclick: () => { close(); act(); } }, label));
  }
  node.append(el("button", { type: "button", class: "quiet", "aria-label": "Close this notice", onclick: close }, "✕"));
  shelf().append(node);
  announce(sentence);
  if (!keep && !holds) setTimeout(close, seconds * 1000);
  return close;
}

/** Another window saved first: neither text is dropped until the writer says which one counts. */
export function whichCounts(error, mine, other) {
  return notice(error.message, { kind: "bad", holds: true, actions: { "Use my text": mine, "Use the other": other } });
}

/** Run an action; a refusal becomes a notice. Returns what it returned, or null. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    notice(error.message, { kind: "bad" });
    return null;
  }
}

/** Ask in a dialog. `body` is a node; resolves to true when confirmed. */
export function ask(title, body, confirmLabel) {
  return new Promise((resolve) => {
    const dialog = el("dialog", { class: "lw", "aria-label": title },
      el("form", { method: "dialog" },
        el("h2", {}, title), body,
        el("div", { class: "row" },
          el("button", { type: "button", onclick: () => dialog.close("") }, "Cancel"),
          el("button", { class: "main", value: "yes" }, confirmLabel))));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
