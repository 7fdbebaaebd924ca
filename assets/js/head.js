// The head of the section on the page: its title, its figures, what can be done with it. Drawn with every look at
// a draft, so its elements stay and only what changed is written: a rebuilt button loses the focus and a click.
import { desk } from "./desk.js";
import { deviation, el, number } from "./dom.js";

export class Head {
  /** `acts`: what each of the buttons does, `again`, `variants` and `lock`. */
  constructor(root, acts) {
    const button = (name, title, label) => el("button", { type: "button", class: `quiet ${name}`, title, onclick: acts[name] }, label);
    this.number = el("span", { class: "no" });
    this.title = el("span", {});
    this.facts = el("span", { class: "soft small num" });
    this.again = button("again", "Alt+R", "Write this section");
    this.variants = button("variants", "Two drafts side by side; you choose (Alt+C)", "Two variants");
    this.lock = button("lock", "Alt+L", "Lock");
    this.root = root;
    this.parts = [el("h2", {}, this.number, this.title),
      el("div", { class: "meta" }, this.facts, el("span", { class: "acts" }, this.again, this.variants, this.lock))];
  }

  draw(row, begun) {
    if (!this.root.contains(this.facts)) this.root.replaceChildren(...this.parts);
    write(this.number, row.number);
    this.number.hidden = !row.number;
    write(this.title, row.name);
    Object.assign(this.title, desk.tongue);
    write(this.facts, begun ? `${desk.draft?.busy ? "Being written" : "Begun"}: ${facts(row)}` : facts(row));
    write(this.again, row.words ? "Write again" : "Write this section");
    write(this.lock, row.locked ? "Locked" : "Lock");
    this.lock.setAttribute("aria-pressed", String(row.locked));
    this.again.disabled = this.variants.disabled = Boolean(desk.draft?.busy || desk.draft?.state === "paused" || row.locked);
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function facts(row) {
  const { draft } = desk;
  if (draft?.busy && draft.mode === "variants" && draft.asked.includes(row.id)) return `Two variants are being written: ${number(draft.words)} of ${number(draft.words_target)} words`;
  return [`${number(row.live ?? row.words)} of ${number(row.target)} words`, deviation(row.words, row.target), row.state].filter(Boolean).join(" · ");
}
