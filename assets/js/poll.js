// Asking the studio again and again. Where no answer comes that is said once, and asked again at the next tick;
// the sentence goes with the next answer. A refusal is a notice and the end.
import { notice } from "./say.js";

let closeLost = null; // the sentence that the studio does not answer, while it does not

function lost(sentence) { closeLost ??= notice(sentence, { kind: "bad", keep: true }); }

function found() {
  closeLost?.();
  closeLost = null;
}

export class Poll {
  /** `take` gets each answer, but for those that a newer question has overtaken. */
  constructor(question, take, every) { Object.assign(this, { question, take, every, asked: 0, timer: null }); }

  async ask() {
    this.rest();
    const mine = ++this.asked;
    const told = await this.question().catch((error) => this.failed(error));
    if (!told) return;
    found();
    if (mine === this.asked) await this.take(told);
  }

  failed(error) {
    if (error.status >= 400 && error.status < 500) { notice(error.message, { kind: "bad" }); return; }
    lost(error.message);
    this.later();
  }

  later() {
    this.rest();
    this.timer = setTimeout(() => this.ask(), this.every);
  }

  rest() { clearTimeout(this.timer); }
}
