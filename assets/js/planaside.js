// What stands beside the planned outline: all long sections split at once, and what was removed brought back.
import { el, inTongue, number, words } from "./dom.js";
import { tooLong } from "./planrow.js";

export class PlanAside {
  /** `change` makes one change at the library, as in the outline itself. */
  constructor(change) {
    this.change = change;
    this.splitAll = el("button", { type: "button", id: "plan-split-all", hidden: true, onclick: () => change("split-all") });
    this.removed = el("details", { class: "deleted small", id: "plan-removed", hidden: true });
  }

  draw({ outline, most, removed, project }) {
    const long = outline.filter((row) => tooLong(row, most)).length;
    this.splitAll.hidden = !long;
    this.splitAll.textContent = long === 1 ? "Split the long section" : `Split all ${number(long)} long sections`;
    this.removed.hidden = !removed.length;
    this.removed.replaceChildren(el("summary", { class: "soft" }, `Removed sections (${number(removed.length)})`),
      el("ul", {}, removed.map((one) => this.row(one, inTongue(project.language)))));
  }

  /** What was taken out, by whatever window, and can come back. */
  row({ id, title, words: count }, tongue) {
    return el("li", {}, el("span", tongue, title), `, ${words(count)} `,
      el("button", { type: "button", class: "quiet", "aria-label": `Restore ${title}`, onclick: () => this.change("restore", id) }, "Restore"));
  }
}
