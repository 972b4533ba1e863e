// Filters apply as one ticks them (htmx refreshes the list); say the new count (A9), and
// leave what was unfolded and where the cursor was as they were.
let unfolded = [];
let focused = "";

document.addEventListener("htmx:before:swap", () => {
  unfolded = Array.from(document.querySelectorAll("#offres details[open][id]"), (one) => one.id);
  focused = document.activeElement?.id ?? "";
});

document.addEventListener("htmx:after:swap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const count = document.querySelector("[data-count]");
  const announcement = document.getElementById("annonce");
  if (count && announcement) announcement.textContent = count.textContent;
});

// A box of words is not yet understood when one leaves it: it waits for the form.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.closest("[data-combobox]")) event.stopPropagation();
  },
  true,
);

// The browser's own "back" comes to the row that one left by, as the page's link does.
document.addEventListener("click", (event) => {
  const row = event.target.closest("a")?.closest("[data-row]");
  if (row) history.replaceState(history.state, "", `#${row.id}`);
});
