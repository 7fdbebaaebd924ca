// The page while it is being written: text is only ever added at the end, as text nodes, one block a
// line and one fold for some dozens of lines. Folds are laid out on their own, so a new word costs the
// same at the first and at the 400,000th character (measured: about 1 ms with a forced layout).
const LINES_A_FOLD = 48;

export class TextStream {
  constructor(host) {
    this.host = host;
    this.clear();
  }

  clear() {
    this.host.replaceChildren();
    this.length = 0;
    this.line = null;
  }

  get text() { return this.host.textContent; }

  add(text) {
    let start = 0;
    while (start < text.length) {
      const end = text.indexOf("\n", start) + 1 || text.length;
      this.toLine(text.slice(start, end));
      start = end;
    }
    this.length += text.length;
  }

  toLine(text) {
    this.line ??= this.newLine();
    this.line.firstChild.appendData(text);
    if (text.endsWith("\n")) this.line = null;
  }

  newLine() {
    let fold = this.host.lastElementChild;
    if (!fold || fold.childElementCount >= LINES_A_FOLD) fold = this.host.appendChild(block("fold"));
    const line = fold.appendChild(block("line"));
    line.append(document.createTextNode(""));
    return line;
  }

  get lastLine() { return this.host.lastElementChild?.lastElementChild ?? null; }

  /** Take `text` back from the end; false when the end reads differently (then read it all again). */
  cut(text) {
    let left = text;
    while (left) {
      const line = this.lastLine;
      if (!line) return false;
      const has = line.firstChild.data;
      const take = Math.min(has.length, left.length);
      if (has.slice(has.length - take) !== left.slice(left.length - take)) return false;
      line.firstChild.deleteData(has.length - take, take);
      left = left.slice(0, left.length - take);
      if (!line.firstChild.data) this.drop(line);
    }
    const last = this.lastLine;
    this.line = last && !last.firstChild.data.endsWith("\n") ? last : null;
    this.length -= text.length;
    return true;
  }

  drop(line) {
    const fold = line.parentElement;
    line.remove();
    if (!fold.childElementCount) fold.remove();
  }
}

function block(name) {
  const node = document.createElement("div");
  node.className = name;
  return node;
}
