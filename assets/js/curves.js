// Small curves of a training, drawn as SVG: at most 500 points each, the single steps faint, their mean
// over a few steps strong. A screen reader hears from where to where a curve went.
const NS = "http://www.w3.org/2000/svg";
const WIDTH = 260, HEIGHT = 92, LEFT = 2, RIGHT = 4, TOP = 6, BOTTOM = 6;
export const MOST = 500;

/** Add new points to a curve; a step that comes again takes the place of what it undid. */
export function extend(points, fresh) {
  for (const point of fresh) {
    while (points.length && points[points.length - 1][0] >= point[0]) points.pop();
    points.push(point);
  }
}

function svg(tag, attributes) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function smooth(points) {
  const reach = Math.max(1, Math.round(points.length / 20));
  return points.map(([step], index) => {
    const near = points.slice(Math.max(0, index - reach), index + reach + 1);
    return [step, near.reduce((sum, [, value]) => sum + value, 0) / near.length];
  });
}

/** One curve with its name, its newest mean and a line of explanation. */
export class Curve {
  constructor(name, hint, show) {
    Object.assign(this, { name, show, points: [] });
    this.root = document.createElement("figure");
    this.root.className = "curve";
    this.caption = document.createElement("figcaption");
    this.now = document.createElement("span");
    this.now.className = "num now";
    this.caption.append(name, this.now);
    this.caption.title = hint;
    this.picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", preserveAspectRatio: "none" });
    this.range = document.createElement("div");
    this.range.className = "faint small num range";
    this.root.append(this.caption, this.picture, this.range);
    this.draw();
  }

  set(points) { this.points = points.slice(-MOST); this.draw(); }

  draw() {
    const { points } = this;
    this.root.classList.toggle("empty", points.length < 1);
    if (!points.length) {
      this.now.textContent = "";
      this.range.textContent = "no step yet";
      this.picture.setAttribute("aria-label", `${this.name}: no step yet`);
      this.picture.replaceChildren();
      return;
    }
    const mean = smooth(points);
    const values = points.map(([, value]) => value);
    const low = Math.min(...values), high = Math.max(...values);
    const first = points[0][0], last = points[points.length - 1][0];
    const x = (step) => LEFT + ((step - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - ((value - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
    const path = (some) => some.map(([step, value], index) => `${index ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    const begin = this.show(mean[0][1]), end = this.show(mean[mean.length - 1][1]);
    this.now.textContent = end;
    this.range.textContent = points.length > 1 ? `${begin} at first · between ${this.show(low)} and ${this.show(high)}` : "";
    this.picture.setAttribute("aria-label", `${this.name}: from ${begin} to ${end} in ${last} steps`);
    const dot = svg("circle", { cx: x(last), cy: y(mean[mean.length - 1][1]), r: 3 });
    this.picture.replaceChildren(svg("path", { class: "single", d: path(points) }), svg("path", { class: "mean", d: path(mean) }), dot);
  }
}
