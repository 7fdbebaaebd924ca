// The form on the left of the Plan page: what a field said when the page came is sent along with each
// save, so that a window left open never puts old words back. Gradio draws the fields (app/pages/plan.py).
import { post, projectId } from "./api.js";
import { notice, whichCounts } from "./say.js";

const open = new Map(); // a refused field, to the closing of its notice
let saving = Promise.resolve();

export function listenToBrief() {
  const form = document.getElementById("brief");
  form.inert = !window.lwBrief; // what is typed before the fields are filled would be written over
  addEventListener("lw-brief-read", () => { form.inert = false; });
  addEventListener("lw-brief", ({ detail }) => inTurn(...detail));
}

/** The second save of a field builds on what the first one stored. */
function inTurn(place, field, value) {
  saving = saving.then(() => save(place, field, value));
}

async function save(place, field, value) {
  const read = window.lwBrief; // app/pages/plan.py puts it there
  if (value === read[place]) return;
  open.get(field)?.();
  try {
    read[place] = (await post(`brief/${projectId()}`, { field, value, base: read[place] })).value;
    dispatchEvent(new Event("lw-plan"));
  } catch (error) {
    open.set(field, error.data.theirs === undefined ? notice(error.message, { kind: "bad" }) : refused(error, place, field, value));
  }
}

function refused(error, place, field, value) {
  const { theirs } = error.data;
  return whichCounts(error, () => { window.lwBrief[place] = theirs; inTurn(place, field, value); }, () => {
    window.lwBrief[place] = theirs;
    window.lwTaken = [place, theirs];
    document.getElementById("plan-take").click();
  });
}
