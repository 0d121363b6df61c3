// Lets a program of Node go by the clock of a local cloud: a file that says by how many milliseconds it is ahead.
// What lies in a queue for a while comes when that while is over by this clock, and mail and documents bear its date.
import { readFileSync } from "node:fs";

const real = Date.now;
const fresh = 5; // for so many milliseconds is what was read believed
let ahead = 0, until = 0;

Date.now = () => {
  const now = real();
  if (now >= until) {
    ahead = Number(readFileSync(process.env.COMPTOIR_CLOCK, "utf8"));
    until = now + fresh;
  }
  return now + ahead;
};

// Without arguments, a new date is that of the clock.
globalThis.Date = new Proxy(Date, {
  construct: (date, args, as) => Reflect.construct(date, args.length > 0 ? args : [date.now()], as === globalThis.Date ? date : as),
});
