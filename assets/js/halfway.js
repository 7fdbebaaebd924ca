// A half-filled form of Gradio's outlives its page: Gradio loads a page anew by itself when the studio was away,
// and the writer may look at another page in between. Kept in this tab, until what it is for has happened.

const inside = (id) => document.querySelector(`#${id} :is(input, textarea)`);
const key = (id) => `lw-halfway-${id}`;

/** Keep what is typed into the fields of these ids, until the event `done` comes. `lists`: what is chosen in
    these its page keeps by itself (`app/pages/library.py`); it goes at the same time. */
export function halfway(ids, done, lists = []) {
  const keep = (id, text) => sessionStorage.setItem(key(id), text);
  for (const id of ids) {
    const early = inside(id).value; // typed before this part of the page came alive
    if (early) keep(id, early);
    else if (sessionStorage.getItem(key(id))) fill(id, sessionStorage.getItem(key(id)));
  }
  document.addEventListener("input", ({ target }) => {
    const id = ids.find((one) => target.closest(`#${one}`));
    if (id) keep(id, target.value);
  });
  addEventListener(done, () => { for (const id of [...ids, ...lists]) sessionStorage.removeItem(key(id)); });
}

/** As if it were typed: only then does Gradio know of it. */
export function fill(id, text) {
  const field = inside(id);
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return field;
}
