// The outline as the writer plans it: an editable tree, every key one change, the sums before one's eyes.
import { get, post, projectId } from "./api.js";
import { listenToBrief } from "./brief.js";
import { el, number, words } from "./dom.js";
import { keys, sign, typing } from "./keys.js";
import { PlanAside } from "./planaside.js";
import { pasteOutline, showMarkdown } from "./planmarkdown.js";
import { PlanRow } from "./planrow.js";
import { Poll } from "./poll.js";
import { announce, ask, attempt, notice } from "./say.js";
import { TreeKeys } from "./tree.js";
import { tunedMenu } from "./tuned.js";

const POLL_MS = 500;

export function mount(root) {
  if (!projectId()) { location.replace("/"); return; }
  const plan = new Plan(root);
  plan.load();
  listenToBrief();
  addEventListener("lw-plan", () => plan.load());
  keys("Outline", {
    "Enter": { does: "New section behind this one" },
    "Tab": { does: "One level down; Shift+Tab: one level up" },
    "Alt+ArrowUp": { does: "Move up; Alt+↓: move down" },
    "F2": { does: "Rename" },
    "T": { does: "Change the target" },
    "B": { does: "What happens here" },
    "L": { does: "Lock or unlock" },
    "Delete": { does: "Remove" },
    "Ctrl+Z": { does: "Bring back what was removed last", run: () => plan.undo() },
    "Escape": { does: "Out of the tree, to its buttons" },
    "Alt+O": { does: "Into the outline", run: () => plan.reach() },
  });
}

class Plan {
  constructor(root) {
    Object.assign(this, { root, rows: [], items: new Map(), removed: [], at: null, waiting: null });
    this.poll = new Poll(() => get(`outline/${projectId()}`), (told) => this.draw(told), POLL_MS);
    this.list = el("ul", { class: "plan", role: "tree", "aria-label": "Outline, editable" });
    this.keys = new TreeKeys(this.list, { open: () => {} });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("focusin", (event) => { this.at = event.target.closest("[role=treeitem]")?.dataset.id ?? this.at; this.mark(); });
    this.sum = el("p", { class: "sum num", id: "plan-sum" });
    this.tools = el("div", { class: "tools-row", role: "toolbar", "aria-label": "Change the outline" }, this.buttons());
    this.state = el("p", { class: "soft small", id: "plan-state" });
    this.aside = new PlanAside((verb, id) => this.change(verb, id));
    this.root.replaceChildren(
      el("header", {}, el("h1", {}, "Outline"), this.sum),
      el("div", { class: "making" },
        el("button", { type: "button", id: "plan-draft", onclick: () => this.draft() }, "Let the model draft it"),
        el("button", { type: "button", id: "plan-paste", onclick: () => this.paste() }, "Paste an outline…"),
        el("button", { type: "button", id: "plan-copy", class: "quiet", onclick: showMarkdown }, "As Markdown…"),
        tunedMenu((load) => { addEventListener("lw-plan", load); load(); }),
        el("a", { class: "lw-button", id: "plan-write", href: `/write?project=${encodeURIComponent(projectId())}` }, "Go and write →")),
      this.state, this.aside.splitAll, this.tools, this.list, this.aside.removed);
    this.root.inert = true; // until the outline is there, no button has anything to work on
  }

  buttons() {
    const on = (verb, label, title) => el("button", { type: "button", class: "quiet", "data-verb": verb, title, onclick: () => this.press(verb) }, label);
    return [on("insert", "+ Section", "Enter"), on("rename", "Rename", "F2"), on("beat", "What happens", "B"), on("target", "Target", "T"), on("outdent", "← Out", "Shift+Tab"),
      on("indent", "→ In", "Tab"), on("up", "↑", "Alt+↑"), on("down", "↓", "Alt+↓"), on("lock", "Lock", "L"), on("split", "Split", "Only for long ones"), on("remove", "Remove", "Delete")];
  }

  load() { return this.poll.ask(); }

  get editing() { return Boolean(this.list.querySelector("input, textarea")); }

  /** Not under an open field, or the next keys would be commands to the row; drawn when it closes. */
  later(told) {
    this.waiting = told;
    if (told.draft?.busy) this.poll.later();
    else this.poll.rest();
  }

  drawWaiting() { if (this.waiting && !this.editing) this.draw(this.waiting); }

  draw(told, focus = null) {
    if (this.editing) { this.later(told); return; }
    this.waiting = null;
    Object.assign(this, { rows: told.outline, project: told.project, most: told.most, job: told.draft });
    this.root.inert = false;
    document.title = `${told.project.title}: plan — Longwright`;
    const hadFocus = focus ?? (this.list.contains(document.activeElement) ? this.at : null);
    this.items = new Map(this.rows.map((row) => [row.id, new PlanRow(row, this)]));
    this.list.replaceChildren(...[...this.items.values()].map((item) => item.node));
    this.drawSum(told.project);
    this.removed = this.removed.filter((id) => told.removed.some((one) => one.id === id));
    this.aside.draw(told);
    this.tools.hidden = !this.rows.length;
    this.showJob();
    if (!this.items.has(this.at)) this.at = this.rows[0]?.id ?? null;
    this.mark();
    const item = this.items.get(hadFocus);
    if (item && !typing(document.activeElement)) this.keys.focus(item.node);
    else if (this.at) this.keys.rove(this.items.get(this.at).node);
  }

  /** What the targets add up to, and by how much that misses the length of the book. */
  drawSum({ target_words: sum, goal_words: goal }) {
    if (!this.rows.length) { this.sum.replaceChildren(`${words(goal)} to plan`); return; }
    const off = sum === goal ? "" : `: ${words(Math.abs(goal - sum))} ${sum < goal ? "short" : "too many"}`;
    this.sum.replaceChildren(el("span", { class: off ? "warn" : "good" }, off ? "≠ " : "✓ "), `${number(sum)} of ${words(goal)} planned`, el("span", { class: "warn" }, off));
  }

  mark() { for (const [id, item] of this.items) item.node.setAttribute("aria-selected", String(id === this.at)); }

  showJob() {
    const job = this.job?.kind === "outline" ? this.job : null;
    const making = Boolean(job?.busy);
    this.root.querySelector("#plan-draft").disabled = Boolean(this.job?.busy);
    this.root.querySelector("#plan-draft").hidden = this.project.words > 0;
    let sentence = "";
    if (making) sentence = `The model drafts the outline: ${job.sentence}`;
    else if (job && ["failed", "interrupted"].includes(job.state)) sentence = job.sentence;
    else if (!this.rows.length) sentence = "No outline yet. Paste yours as Markdown headings, let the model draft one, or add the first section.";
    this.state.replaceChildren(sentence, ...(making ? [" ", el("button", { type: "button", class: "quiet", onclick: () => this.stop() }, "Stop")] : []),
      ...(!making && !this.rows.length ? [" ", el("button", { type: "button", class: "quiet", id: "plan-first", onclick: () => this.press("insert") }, "+ First section")] : []));
    this.poll.rest();
    if (making) this.poll.later();
    else if (this.wasMaking) announce(job?.state === "done" ? `The outline is ready: ${this.rows.length} entries.` : sentence);
    this.wasMaking = making;
  }

  /** One change at the library; the answer is the whole outline. */
  async change(verb, id, extra = {}) {
    return attempt(() => this.send(verb, id, extra));
  }

  /** The same for who tells of a refusal in its own way. */
  async send(verb, id, extra = {}, stay = true) {
    const told = await post(`outline/${projectId()}`, { verb, id: id ?? "", ...extra });
    const next = verb === "remove" ? this.neighbour(id, told.outline) : told.changed;
    this.draw(told, stay ? next : null);
    return told;
  }

  neighbour(id, left) {
    const index = this.rows.findIndex((row) => row.id === id);
    return left[Math.min(index, left.length - 1)]?.id ?? null;
  }

  async press(verb) {
    const item = this.items.get(this.at);
    if (verb === "insert") {
      const told = await this.change("insert", this.at);
      if (told) this.items.get(told.changed)?.edit("rename");
    } else if (!item) return;
    else if (verb === "rename" || verb === "target" || verb === "beat") item.edit(verb);
    else if (verb === "lock") { if (await this.change("lock", this.at, { flag: !item.row.locked })) announce(item.row.locked ? "Unlocked" : "Locked"); }
    else if (verb === "remove") await this.remove(item.row);
    else await this.change(verb, this.at);
  }

  async remove(row) {
    if (!(await this.change("remove", row.id))) return;
    this.removed.push(row.id);
    notice(`“${row.title}” is removed.`, { seconds: 20, actions: { Undo: () => this.undo() } });
  }

  async undo() {
    const id = this.removed.pop();
    if (id) await this.change("restore", id);
  }

  key(event) {
    const item = event.target;
    if (item.getAttribute("role") !== "treeitem" || event.isComposing) return;
    const said = sign(event);
    const combo = `${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${said.length === 1 ? said.toLowerCase() : said}`;
    const verb = { Enter: "insert", Tab: "indent", "Shift+Tab": "outdent", "Alt+ArrowUp": "up", "Alt+ArrowDown": "down", F2: "rename", t: "target", b: "beat", l: "lock", Delete: "remove", Backspace: "remove" }[combo];
    if (combo === "Escape") this.tools.querySelector("button").focus();
    else if (verb) this.press(verb);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  reach() { this.keys.focus((this.items.get(this.at) ?? this.items.values().next().value)?.node); }

  async draft() {
    if (this.rows.length && !(await ask("Draft a new outline?", el("p", {}, "It takes the place of the one that is here."), "Draft it"))) return;
    await attempt(() => post("draft-outline", { project: projectId() }));
    await this.load(); // one that could not begin says why
  }

  async stop() {
    await attempt(() => post(`draft/${this.job.id}/stop`));
    await this.load();
  }

  paste() {
    pasteOutline(this.project.words > 0, (told) => { this.draw(told); announce(`The outline has ${told.outline.length} entries.`); });
  }
}
