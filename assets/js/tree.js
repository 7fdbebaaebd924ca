// Moving about in a tree with the keyboard (role=tree): arrows, Home, End, first letters. One row is
// in the tab order. Used by the outline on the Write page and by the editable one on the Plan page.

export class TreeKeys {
  /** `rows()` are the visible treeitems; `open(item, yes)` folds and unfolds. */
  constructor(root, { open, chosen = () => {} }) {
    Object.assign(this, { root, open, chosen });
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusin", (event) => {
      const item = event.target.closest("[role=treeitem]");
      if (item && event.target === item) this.rove(item);
    });
  }

  rows() { return [...this.root.querySelectorAll("[role=treeitem]")].filter((item) => !item.hidden); }

  rove(item) {
    for (const other of this.rows()) other.tabIndex = other === item ? 0 : -1;
  }

  focus(item) {
    if (!item) return;
    this.rove(item);
    item.focus();
    item.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const item = event.target;
    if (item.getAttribute("role") !== "treeitem" || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const rows = this.rows();
    const at = rows.indexOf(item);
    const level = (row) => Number(row.getAttribute("aria-level"));
    const go = {
      ArrowDown: () => rows[at + 1],
      ArrowUp: () => rows[at - 1],
      Home: () => rows[0],
      End: () => rows[rows.length - 1],
      ArrowRight: () => this.unfold(item, rows[at + 1]),
      ArrowLeft: () => this.foldOr(item, rows.slice(0, at).reverse().find((row) => level(row) < level(item))),
    }[event.key];
    if (!go) return;
    event.preventDefault();
    event.stopPropagation();
    this.focus(go());
  }

  unfold(item, next) {
    if (item.getAttribute("aria-expanded") !== "false") return item.hasAttribute("aria-expanded") ? next : null;
    this.open(item, true);
    return null;
  }

  foldOr(item, parent) {
    if (item.getAttribute("aria-expanded") !== "true") return parent;
    this.open(item, false);
    return null;
  }
}

/** Hide rows below folded ones; `rows` carry `depth`, items stand in the same order. */
export function fold(items, depths, folded) {
  let hiddenBelow = Infinity;
  items.forEach((item, index) => {
    if (depths[index] <= hiddenBelow) hiddenBelow = Infinity;
    item.hidden = depths[index] > hiddenBelow;
    if (!item.hidden && folded.has(item.dataset.id)) hiddenBelow = depths[index];
  });
}
