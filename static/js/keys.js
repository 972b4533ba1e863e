// Keys of one letter (U10): "/" the search, j and k the rows of a list, 1 to 3 an
// outcome of the row, ? this help; arrows go from a result to the next.
// A comfort: every page does its work without them. None while one types; a switch in
// the help turns them off for good on this device (WCAG 2.1.4), and the footer opens it.
const TYPING = "input, textarea, select, [contenteditable], [role=listbox]";
const ROWS = "[data-row], .opus-list__item";
const OFF = "opus.touches";

const help = document.getElementById("touches");
const opener = document.getElementById("ouvrir-touches");
const choice = document.getElementById("touches-actives");

// Where the browser keeps nothing (private windows), the keys are on.
function areOff() {
  try {
    return localStorage.getItem(OFF) === "non";
  } catch {
    return false;
  }
}

function turn(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "non");
  } catch {
    // Nothing is kept: the choice lasts as long as the page.
  }
}

function showHelp() {
  choice.checked = !areOff();
  help.showModal();
}

function goToSearch() {
  // The page's own box before the header's.
  const boxes = ["[data-search]", "#id_numero_offre"].map((one) => document.querySelector(one));
  const box = boxes.find((candidate) => candidate?.checkVisibility());
  box?.focus();
  box?.select();
}

// The next row is the one after that which has the cursor, else the first.
function goToRow(step) {
  const rows = Array.from(document.querySelectorAll(ROWS));
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 && step < 0 ? 0 : here + step;
  const link = rows[Math.min(Math.max(next, 0), rows.length - 1)]?.querySelector("a");
  link?.focus();
  // The list may show beside it what the row says.
  link?.dispatchEvent(new CustomEvent("opus:row", { bubbles: true }));
}

// Records the n-th outcome of the row that has the cursor; the page says how to undo it.
function recordOutcome(rank) {
  const row = document.activeElement?.closest(ROWS);
  row?.querySelectorAll("[data-outcome]")[rank]?.click();
}

const KEYS = {
  "/": goToSearch,
  j: () => goToRow(1),
  k: () => goToRow(-1),
  // On a row only: elsewhere they scroll.
  ArrowDown: () => goToRow(1),
  ArrowUp: () => goToRow(-1),
  1: () => recordOutcome(0),
  2: () => recordOutcome(1),
  3: () => recordOutcome(2),
  "?": showHelp,
};

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
  const act = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
  if (event.key.startsWith("Arrow") && !event.target.closest?.("[data-row] a")) return;
  if (!act || !isPlain || help?.open || areOff() || event.target.closest?.(TYPING)) return;
  event.preventDefault();
  act();
});

if (help) {
  opener.hidden = false;
  opener.addEventListener("click", showHelp);
  choice.addEventListener("change", () => turn(choice.checked));
}
