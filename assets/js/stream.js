// The page while it is being written: text is only ever added at the end, one block a line, so that
// a new word costs the same at the first and at the 400,000th character.
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
    if (!this.line) {
      this.line = document.createElement("div");
      this.line.className = "line";
      this.line.append("");
      this.host.append(this.line);
    }
    this.line.firstChild.appendData(text);
    if (text.endsWith("\n")) this.line = null;
  }

  /** Take `text` back from the end; false when the end reads differently (then read it all again). */
  cut(text) {
    let left = text;
    while (left) {
      const line = this.host.lastElementChild;
      if (!line) return false;
      const has = line.firstChild.data;
      const take = Math.min(has.length, left.length);
      if (has.slice(has.length - take) !== left.slice(left.length - take)) return false;
      line.firstChild.deleteData(has.length - take, take);
      left = left.slice(0, left.length - take);
      if (!line.firstChild.data) line.remove();
    }
    const last = this.host.lastElementChild;
    this.line = last && !last.firstChild.data.endsWith("\n") ? last : null;
    this.length -= text.length;
    return true;
  }
}
