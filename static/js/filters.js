// Filters apply as one ticks them (htmx refreshes the list); say the new count (A9).
document.addEventListener("htmx:after:swap", () => {
  const count = document.querySelector("[data-count]");
  const announcement = document.getElementById("annonce");
  if (count && announcement) announcement.textContent = count.textContent;
});
