// Two minutes before a session ends, say so and offer to stay (A7). The server knows
// when that is: work in another tab counts, and a laptop that slept is asked again.
const WARNED_BEFORE = 120; // seconds
const ASKED_EVERY = 15; // seconds
const TITLES = {
  idle: "Votre session va se fermer",
  whole: "Votre session va se fermer",
  over: "Votre session est fermée",
};

const dialog = document.getElementById("fin-de-session");
let timer;
let shown = "";
let dismissed = "";

function hour(secondsFromNow) {
  const at = new Date(Date.now() + secondsFromNow * 1000);
  return `${at.getHours()}\u00a0h\u00a0${String(at.getMinutes()).padStart(2, "0")}`;
}

function askIn(seconds) {
  clearTimeout(timer);
  timer = setTimeout(ask, Math.max(seconds, 1) * 1000);
}

// The session's state; null once it has ended. Fails where the server is away.
async function read(address, options = {}) {
  // A redirect leads to the sign-in page: not followed, so that its message is kept.
  const response = await fetch(address, { redirect: "manual", ...options });
  if (response.type === "opaqueredirect" || response.status === 403) return null;
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

async function ask() {
  let state;
  try {
    state = await read(dialog.dataset.state);
  } catch {
    askIn(ASKED_EVERY);
    return;
  }
  tell(state);
}

function tell(state) {
  if (!state) {
    clearTimeout(timer);
    show("over");
    return;
  }
  const left = Math.min(state.idle, state.whole);
  if (left > WARNED_BEFORE) {
    dismissed = "";
    hide();
    askIn(left - WARNED_BEFORE);
    return;
  }
  show(state.whole <= state.idle ? "whole" : "idle", left, state.whole);
  askIn(Math.min(left + 1, ASKED_EVERY));
}

function show(part, left = 0, whole = 0) {
  if (shown === part || dismissed === part) return;
  dialog.querySelector("h2").textContent = TITLES[part];
  for (const one of dialog.querySelectorAll("[data-part]")) {
    one.hidden = one.dataset.part !== part;
  }
  for (const at of dialog.querySelectorAll("[data-at]")) at.textContent = hour(left);
  dialog.querySelector("[data-end]").textContent = hour(whole);
  dialog.querySelector("[data-stay]").hidden = part !== "idle";
  dialog.querySelector("[data-again]").hidden = part !== "over";
  dialog.querySelector("[data-trouble]").hidden = true;
  shown = part;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(".opus-session__buttons > :not([hidden])").focus();
}

function hide() {
  shown = "";
  if (dialog.open) dialog.close();
}

async function stay() {
  const trouble = dialog.querySelector("[data-trouble]");
  trouble.hidden = true;
  try {
    // Signing in again elsewhere has changed the forms' token: ask for this one's.
    const state = await read(dialog.dataset.state);
    if (!state) return tell(state);
    const headers = { "X-CSRFToken": state.token };
    tell(await read(dialog.dataset.extend, { method: "POST", headers }));
  } catch {
    trouble.hidden = false;
  }
}

// Closed by its button or by Escape: not said a second time.
dialog.addEventListener("close", () => {
  if (shown) dismissed = shown;
  shown = "";
});
dialog.querySelector("[data-stay]").addEventListener("click", stay);
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) ask();
});
askIn(Number(dialog.dataset.warnsIn));
