// Building the page from data. Text only ever enters as text nodes; nothing here parses HTML.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Of an element that holds the writer's or the model's words, not the page's own English: the book's language
    for spelling, hyphens and screen readers, and the direction that the words themselves have. */
export const inTongue = (language) => ({ lang: language, dir: "auto" });

export function bar(share, label) {
  const fill = el("i");
  fill.style.width = `${Math.round(Math.max(0, Math.min(1, share || 0)) * 1000) / 10}%`;
  return el("span", { class: "bar", role: "img", "aria-label": label }, fill);
}

export const number = (value) => Math.round(value).toLocaleString("en");
export const words = (value) => `${number(value)} ${value === 1 ? "word" : "words"}`;

/** "+4 %" against the target; empty where nothing was asked or written. */
export function deviation(got, asked) {
  if (!asked || !got) return "";
  const percent = ((got - asked) / asked) * 100;
  if (Math.abs(percent) < 0.05) return "±0 %";
  const shown = Math.abs(percent) < 10 ? percent.toFixed(1) : percent.toFixed(0);
  return `${percent >= 0 ? "+" : "−"}${shown.replace("-", "")} %`;
}

/** "0.3 %" of a share between 0 and 1. */
export function percent(share) {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "under 0.1 %";
  return `${value > 0 && value < 10 ? Number(value.toFixed(1)) : value.toFixed(0)} %`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 60) return "under a minute";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}

export function when(unixSeconds) {
  const date = new Date(unixSeconds * 1000);
  const today = new Date().toDateString() === date.toDateString();
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return today ? `today ${time}` : `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

export function bytes(count) {
  if (!count) return "";
  return count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(count / 1e6))} MB`;
}

/** Who wrote it: the model, and the tuned model over it with its strength where that is not full. */
export function writtenBy({ model, tuned, strength }) {
  if (!model || !tuned) return model ?? "";
  const share = strength === null || strength === undefined || strength >= 1 ? "" : ` at ${Math.round(strength * 100)} %`;
  return `${model} with ${tuned}${share}`;
}
