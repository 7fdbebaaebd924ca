// Leaving a page, one way for all of them. The field under the hands is left first, as by a click elsewhere, so
// it saves itself; what else the library has not is saved with it. Ways of the studio's own wait for that. Where
// the browser leaves (reload, a closed tab), it asks before words are lost, and what is sent outlives the page.

const places = []; // where words are typed that may be unsaved
const under = new Set(); // saves that are under way

/** The page is being left: what is sent now must not die with it (`api.js`). */
export let leaving = false;

/** A place where words are typed. `unsaved()`: the library has not all of them. `last()` sends them when nothing
    can be waited for. Without `save` only the browser's question keeps them. */
export function place({ unsaved, save = () => {}, last = save }) { places.push({ unsaved, save, last }); }

/** A save that is under way: no page is left before its answer. Returns what it was given. */
export function saving(request) {
  const over = () => under.delete(request);
  under.add(request);
  request.then(over, over);
  return request;
}

/** Words that were refused and are at hand in a notice (`say.js`) are unsaved, too. */
const unsaved = () => under.size > 0 || document.querySelector(".notice.holds") !== null || places.some((one) => one.unsaved());

function leaveField(how) {
  document.activeElement?.blur();
  for (const one of places) if (one.unsaved()) one[how]();
}

/** To another page, once what is typed is saved; the browser asks about what could not be. */
export async function go(address) {
  leaveField("save");
  await new Promise(setTimeout); // a save begins a moment behind the blur
  while (under.size) await Promise.allSettled(under);
  location.href = address;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || link.download || event.defaultPrevented || !unsaved()) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // not in this tab
  event.preventDefault();
  go(link.href);
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) for (const one of places) if (one.unsaved()) one.save();
});

addEventListener("beforeunload", (event) => {
  leaving = true;
  setTimeout(() => { leaving = false; }); // the writer may stay
  leaveField("save");
  if (unsaved()) event.preventDefault();
});

addEventListener("pagehide", () => {
  leaving = true;
  leaveField("last");
});

addEventListener("pageshow", () => { leaving = false; });
