// Beside the rows, on a wide screen, the offer of the row that one clicks or that keys
// reach (keys.js). Enter, a new tab and a second click open its page, as everywhere.
const PAUSE = 200; // ms on a row before its offer is loaded
const pane = () => document.querySelector("[data-preview]");
const titleOf = (row) => row?.querySelector("h3 a");
let timer;
let loading;

function mark(link) {
  document.querySelector(".opus-row--here")?.classList.remove("opus-row--here");
  link.closest("[data-row]").classList.add("opus-row--here");
}

async function show(link) {
  const place = pane();
  loading?.abort();
  loading = new AbortController();
  const page = new URL(link.href);
  try {
    const response = await fetch(`${page.pathname}apercu/${page.search}`, {
      signal: loading.signal,
    });
    // Withdrawn, refused or signed out meanwhile: its page says so.
    if (!response.ok || response.redirected) return location.assign(link.href);
    place.innerHTML = await response.text();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(link.href);
    return;
  }
  place.hidden = false;
  place.scrollTop = 0;
  mark(link);
  history.replaceState(history.state, "", `#${link.closest("[data-row]").id}`);
  document.getElementById("annonce").textContent = `Aperçu\u00a0: ${link.textContent}`;
}

// As search.css lays it out.
function isWide() {
  return Boolean(pane()) && matchMedia("(min-width: 75em)").matches;
}

// Who comes back to a row has the cursor there, once the browser has followed the fragment.
addEventListener("load", () => {
  const row = document.getElementById(location.hash.slice(1));
  const isNowhere = [null, document.body].includes(document.activeElement);
  if (row?.matches("[data-row]") && isNowhere) titleOf(row).focus({ preventScroll: true });
});

document.addEventListener("opus:row", (event) => {
  clearTimeout(timer);
  const link = titleOf(event.target.closest("[data-row]"));
  if (link && isWide()) timer = setTimeout(() => show(link), PAUSE);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-preview] [data-close]")) return;
  const row = document.querySelector(".opus-row--here");
  pane().hidden = true;
  row?.classList.remove("opus-row--here");
  titleOf(row)?.focus();
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  const link = titleOf(row);
  const isPlain = event.detail && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (!link?.contains(event.target) || !isPlain || !isWide()) return;
  if (row.classList.contains("opus-row--here")) return;
  event.preventDefault();
  clearTimeout(timer);
  show(link);
});
