// The form on the left of the Plan page: what a field said when the page came is sent along with each
// save, so that a window left open never puts old words back. Gradio draws the fields (app/pages/plan.py) and
// tells what is chosen in a list; what is typed is read here, since a page that goes cannot wait for Gradio.
import { post, projectId } from "./api.js";
import { place, saving } from "./leaving.js";
import { notice, whichCounts } from "./say.js";

const TYPED = ["title", "premise", "audience", "style", "goal", "parallel"];
const open = new Map(); // a refused field, to the closing of its notice
const touched = new Set(); // fields with words that the library does not have
let last = Promise.resolve();

export function listenToBrief() {
  const form = document.getElementById("brief");
  form.inert = !window.lwBrief; // what is typed before the fields are filled would be written over
  addEventListener("lw-brief-read", () => { form.inert = false; });
  addEventListener("lw-brief", ({ detail }) => inTurn(...detail));
  form.addEventListener("input", ({ target }) => { if (nameOf(target)) touched.add(nameOf(target)); });
  form.addEventListener("focusout", ({ target }) => { if (touched.has(nameOf(target))) leave(nameOf(target)); });
  place({
    unsaved: () => touched.size > 0,
    save: () => touched.forEach(leave),
    last: () => touched.forEach((field) => save(field, typed(field))), // no turn can be waited for any more
  });
}

const nameOf = (node) => TYPED.find((name) => node.closest(`#plan-${name}`));

function typed(field) {
  const node = document.querySelector(`#plan-${field} :is(input, textarea)`);
  return node.type === "number" ? node.valueAsNumber : node.value;
}

const leave = (field) => inTurn(field, typed(field));

/** The second save of a field builds on what the first one stored. */
function inTurn(field, value) {
  last = saving(last.then(() => save(field, value)));
}

async function save(field, value) {
  const read = window.lwBrief; // app/pages/plan.py puts it there
  open.get(field)?.();
  try {
    if (value !== read[field]) {
      read[field] = (await post(`brief/${projectId()}`, { field, value, base: read[field] })).value;
      dispatchEvent(new Event("lw-plan"));
    }
    if (!TYPED.includes(field) || typed(field) === value) touched.delete(field);
  } catch (error) {
    open.set(field, error.data.theirs === undefined ? notice(error.message, { kind: "bad" }) : refused(error, field, value));
  }
}

function refused(error, field, value) {
  const { theirs } = error.data;
  return whichCounts(error, () => { window.lwBrief[field] = theirs; inTurn(field, value); }, () => {
    window.lwBrief[field] = theirs;
    touched.delete(field);
    window.lwTaken = [field, theirs];
    document.getElementById("plan-take").click();
  });
}
