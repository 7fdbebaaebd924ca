// What the parts of the Write page share: the project, the outline, the chosen section, the draft
// under way. It follows the draft by asking `/api/follow`, often only while one runs in a visible tab.
import { get, post, projectId } from "./api.js";
import { inTongue } from "./dom.js";
import { announce, attempt, notice } from "./say.js";

const RUNNING_MS = 250;
const RESTING_MS = 5000;
const STATES = new Set(["outline", "draft", "chosen", "saved"]);

class Desk extends EventTarget {
  constructor() {
    super();
    this.project = null;
    this.outline = [];
    this.chosen = null;      // id of the section on the page
    this.today = null;       // words since midnight: by the writer, drafted, together
    this.draft = null;       // what is being written, as /api/follow tells it
    this.following = true;   // the page turns to the section that is being written
    this.shown = null;       // what the page has of the chosen section: version, after, sealed
    this.beforeDraft = [];   // hooks that must succeed before a draft starts (saving)
    this.timer = null;
    this.told = new Map();
  }

  emit(name, detail = null) {
    if (STATES.has(name)) this.told.set(name, detail);
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Listen. Parts of the page come alive in any order: a late one hears at once what is the case. */
  on(name, run) {
    this.addEventListener(name, (event) => run(event.detail));
    if (this.told.has(name)) queueMicrotask(() => run(this.told.get(name)));
  }

  row(id) { return this.outline.find((row) => row.id === id); }

  /** How the words of the book are marked on the page. */
  get tongue() { return inTongue(this.project.language); }

  /** Words since midnight, those of the draft under way with them. */
  get gained() { return (this.today?.words ?? 0) + this.underWay; }

  /** Words of the draft under way that the stored counts do not have yet. */
  get underWay() { return this.sections.reduce((sum, row) => sum + (row.live === undefined ? 0 : row.live - row.words), 0); }

  get sections() { return this.outline.filter((row) => row.leaf); }

  async load() {
    const id = projectId();
    if (!id) { location.replace("/"); return; }
    await this.refresh();
    const asked = location.hash.slice(1);
    const first = this.row(asked)?.leaf ? asked : this.draft?.current[0] || this.firstOpen();
    if (first) this.choose(first, { byHand: Boolean(asked) });
    this.tick();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.tick(); });
  }

  firstOpen() { return (this.sections.find((row) => !row.words) || this.sections[0])?.id; }

  async refresh() {
    const told = await attempt(() => get("desk", { project: projectId() }));
    if (!told) return;
    const live = new Map(this.outline.map((row) => [row.id, row.live]));
    Object.assign(this, { project: told.project, outline: told.outline, today: told.today });
    this.take(told.draft);
    for (const row of this.outline) row.live = live.get(row.id);
    document.title = `${told.project.title} — Longwright`;
    this.emit("outline");
    this.emit("draft");
  }

  choose(id, { byHand = true } = {}) {
    if (!this.row(id)?.leaf || id === this.chosen) return;
    if (byHand) this.following = this.draft?.current.includes(id) ?? false;
    this.chosen = id;
    history.replaceState(null, "", `${location.pathname}${location.search}#${id}`);
    this.emit("chosen", id);
  }

  /** The section could not be left: its text is not saved yet. */
  back(id) {
    this.chosen = id;
    this.emit("outline");
    notice("This section is not saved yet, so the page stays here.", { kind: "bad" });
  }

  /** A section takes no text any more: on to the first one below it, or to one that waits. */
  async turnFrom(id) {
    await this.refresh();
    const at = this.outline.findIndex((row) => row.id === id);
    const next = at < 0 ? this.firstOpen() : this.outline.slice(at).find((row) => row.leaf).id;
    if (this.chosen === id && next) this.choose(next, { byHand: false });
  }

  step(by) {
    const sections = this.sections;
    const next = sections[sections.findIndex((row) => row.id === this.chosen) + by];
    if (next) this.choose(next.id);
  }

  /** What the page has of a section now; answers to older questions are dropped. */
  show(section, version = "", after = 0, sealed = false) { this.shown = { section, version, after, sealed }; }

  async tick() {
    clearTimeout(this.timer);
    if (document.hidden) return;
    await this.look().catch((error) => this.emit("lost", error.message));
    this.timer = setTimeout(() => this.tick(), this.draft?.busy ? RUNNING_MS : RESTING_MS);
  }

  async look() {
    const asked = this.shown;
    const { section, ...have } = asked || {};
    const told = await get("follow", { project: projectId(), section: section || null, ...have });
    this.emit("found");
    const before = this.take(told.draft);
    this.count(told.live);
    if (asked === this.shown && asked) {
      if (told.section) this.emit("section", told.section);
      else await this.refresh();
    }
    const moved = before?.state !== told.draft?.state || before?.sections_done !== told.draft?.sections_done ||
      before?.id !== told.draft?.id || String(before?.current) !== String(told.draft?.current);
    if (moved || told.stamp !== this.stamp) await this.moved(told);
    else this.emit("draft");
  }

  /** Words so far of what is being written, in its section and in the chapters above it. */
  count(live) {
    for (const row of this.outline) row.live = undefined;
    for (const { section, words } of live) {
      const row = this.row(section);
      if (!row) continue;
      row.live = words;
      for (let above = this.row(row.parent); above; above = this.row(above.parent)) above.live = (above.live ?? above.words) + words - row.words;
    }
  }

  async moved(told) {
    this.stamp = told.stamp;
    await this.refresh();
    const current = told.draft?.busy ? told.draft.current : [];
    if (this.following && current.length && !current.includes(this.chosen)) this.choose(current[0], { byHand: false });
  }

  /** The draft as an answer has it, whichever was asked; returns what was known before. A change is told
      here, once: a refresh that came between two looks would swallow the end of a draft. */
  take(draft) {
    const before = this.draft;
    this.draft = draft;
    this.tell(before, draft);
    return before;
  }

  tell(before, draft) {
    if (!draft || !before || before.id !== draft.id) return;
    if (before.state !== draft.state) {
      if (draft.state === "failed" || draft.state === "interrupted" || draft.lacking) notice(draft.sentence, { kind: "bad", keep: true });
      else announce(draft.sentence);
    } else if (draft.sections_done > before.sections_done) {
      announce(`${draft.sections_done} of ${draft.sections_total} sections finished.`);
    }
  }

  /** Start, stop, pause or resume. Every hook of `beforeDraft` must agree before text is made. */
  async start(body = {}) {
    for (const hook of this.beforeDraft) if (!(await hook())) return;
    this.following = true;
    const begun = await attempt(() => post("draft", { project: projectId(), ...body }));
    if (begun?.split) notice(begun.split, { seconds: 20 });
    await this.tick();
  }

  async control(wish) {
    if (wish === "resume") {
      for (const hook of this.beforeDraft) if (!(await hook())) return;
      this.following = true;
    }
    if (this.draft) await attempt(() => post(`draft/${this.draft.id}/${wish}`));
    await this.tick();
  }
}

export const desk = new Desk();
