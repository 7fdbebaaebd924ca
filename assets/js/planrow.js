// One row of the editable outline: title, what happens, target, lock; edited in place.
import { el, inTongue, number } from "./dom.js";
import { saving } from "./leaving.js";
import { notice, whichCounts } from "./say.js";

/** More than can be written in one go; what has text or a lock is not for the model to write. */
export const tooLong = (row, most) => row.leaf && !row.words && !row.locked && row.target > most;

export class PlanRow {
  constructor(row, plan) {
    Object.assign(this, { row, plan });
    this.tongue = inTongue(plan.project.language);
    this.title = el("span", { class: "name", ondblclick: () => this.edit("rename"), ...this.tongue }, row.title);
    this.beat = el("span", { class: "beat", ondblclick: () => this.edit("beat"), ...this.tongue }, row.beat);
    this.target = el("span", { class: "target num", ondblclick: () => this.edit("target") }, number(row.target));
    this.node = el("li", {
      role: "treeitem", tabindex: "-1", "data-id": row.id, "aria-level": row.depth + 1, class: row.leaf ? "leaf" : "branch",
      "aria-label": `${row.number} ${row.title}, ${number(row.target)} words${row.locked ? ", locked" : ""}`,
    },
    el("span", { class: "line" }, el("span", { class: "no" }, row.number), this.title,
      row.locked ? el("span", { class: "badge", title: "Locked: no draft touches it" }, el("i", { class: "padlock" }), " locked") : null,
      row.words ? el("span", { class: "badge num" }, `${number(row.words)} written`) : null,
      tooLong(row, plan.most) ? el("span", { class: "badge warn", title: `More than ${plan.most} words in one go lose their thread; split it` }, "long: split it") : null),
    this.target, this.beat);
    this.node.style.setProperty("--depth", row.depth);
    this.node.addEventListener("click", (event) => { if (!event.target.closest("input, textarea")) plan.keys.focus(this.node); });
  }

  /** Edit in place. Enter or leaving the field keeps, Escape drops. */
  edit(verb, typed = null) {
    const { row } = this;
    if (verb === "target" && row.locked) { notice(`“${row.title}” is locked. Unlock it to change its length.`, { kind: "bad" }); return; }
    const was = { rename: row.title, beat: row.beat, target: row.target }[verb];
    const field = {
      rename: () => el("input", { class: "in-title", value: typed ?? was, "aria-label": "Title", maxlength: 300, ...this.tongue }),
      beat: () => el("textarea", { class: "in-beat", value: typed ?? was, rows: 3, "aria-label": `What happens in ${row.title}`, ...this.tongue }),
      target: () => el("input", { class: "in-target", type: "number", min: 20, step: 10, value: typed ?? was, "aria-label": `Target of ${row.title} in words` }),
    }[verb]();
    const place = { rename: this.title, beat: this.beat, target: this.target }[verb];
    const shown = place.textContent;
    let open = true;
    const close = async (keep, stay = true) => {
      if (!open) return;
      open = false;
      const value = field.value.trim();
      place.replaceChildren(shown);
      if (keep && value !== String(was) && (value || verb === "beat")) await this.keep(verb, value, was, stay);
      else if (stay) this.plan.keys.focus(this.node);
      this.plan.drawWaiting();
    };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") close(false);
      else if (event.key === "Enter" && (verb !== "beat" || event.ctrlKey)) { event.preventDefault(); close(true); }
    });
    field.addEventListener("blur", () => close(true, false)); // the writer is elsewhere by now
    place.replaceChildren(field);
    field.focus();
    field.select?.();
  }

  /** What was typed is in the library, or at hand in the notice that says why not. `stay`: the row gets the focus. */
  async keep(verb, value, base, stay) {
    const given = verb === "target" ? { words: Math.round(Number(value)) } : { text: value, base };
    try {
      await saving(this.plan.send(verb, this.row.id, given, stay));
    } catch (error) {
      const { theirs } = error.data;
      const again = () => this.plan.items.get(this.row.id)?.edit(verb, value);
      if (theirs === undefined) notice(error.message, { kind: "bad", holds: true, actions: { "Edit it again": again } });
      else {
        whichCounts(error, () => this.keep(verb, value, theirs, false), () => {});
        await this.plan.load();
      }
    }
  }
}
