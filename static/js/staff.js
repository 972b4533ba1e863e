// On a phone a row of a list becomes a card: each cell says which column it is of.
// Without this script the table is scrolled sideways.
(() => {
  const table = document.getElementById("result_list");
  if (!table) return;
  const names = [...table.querySelectorAll("thead th")].map((cell) =>
    (cell.querySelector(".text") ?? cell).textContent.trim(),
  );
  for (const row of table.tBodies[0]?.rows ?? []) {
    [...row.cells].forEach((cell, index) => {
      if (names[index]) cell.dataset.label = names[index];
    });
  }
  table.classList.add("cards");
})();
