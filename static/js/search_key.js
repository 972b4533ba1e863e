// The key "/" puts the cursor in the page's search box, else in the header's (U10).
// A comfort: every page does its work without it.
const TYPING = "input, textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey;
  if (event.key !== "/" || !isPlain || event.target.closest(TYPING)) return;
  const boxes = document.querySelectorAll("[data-search], #id_numero_offre");
  const box = Array.from(boxes).find((candidate) => candidate.checkVisibility());
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});
