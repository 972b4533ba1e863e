// The offers or persons ticked in a list: counted aloud, kept in the address and by new
// searches (without this they are kept from page to page, and the bar counts by CSS).
const bar = () => document.querySelector("[data-ticks]");
const form = () => document.getElementById("plusieurs");
const name = () => bar()?.dataset.name ?? "offre";
const ticked = () => (form() ? new FormData(form()).getAll(name()) : []);

function inWords(number) {
  const { none, one, many } = bar().dataset;
  if (!number) return none;
  return number > 1 ? `${number}\u00a0${many}` : one;
}

function carry(parameters, numbers) {
  parameters.delete(name());
  for (const number of numbers) parameters.append(name(), number);
}

// In this page's address, and in the way back from each offer.
function keepInAddresses(numbers) {
  const here = new URL(location.href);
  carry(here.searchParams, numbers);
  history.replaceState(history.state, "", here);
  for (const link of document.querySelectorAll("[data-row] h3 a")) {
    const url = new URL(link.href);
    const back = new URL(url.searchParams.get("retour") ?? here, here);
    carry(back.searchParams, numbers);
    url.searchParams.set("retour", back.pathname + back.search);
    link.href = url;
  }
}

function count() {
  if (!bar()) return "";
  const number = ticked().length;
  const isTooMany = number > Number(bar().dataset.ticks);
  const excess = bar().querySelector(".opus-bar__excess");
  excess.hidden = !isTooMany;
  bar().querySelector("button").disabled = !number || isTooMany;
  bar().querySelector(".opus-bar__elsewhere")?.remove();
  bar().querySelector("strong").textContent = inWords(number);
  return isTooMany ? `${inWords(number)}. ${excess.textContent}` : inWords(number);
}

document.addEventListener("change", (event) => {
  if (!form() || event.target.form !== form() || event.target.name !== name()) return;
  const aloud = count();
  document.getElementById("annonce").textContent = aloud;
  keepInAddresses(ticked());
});

// A new search from the boxes, an order, a part taken off: the ticks come along.
document.addEventListener("formdata", (event) => {
  if (event.target.id !== "recherche") return;
  for (const number of ticked()) event.formData.append(name(), number);
});

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest("#offres a[href], #personnes a[href]");
    if (!link || "untick" in link.dataset || link.pathname !== location.pathname) return;
    const url = new URL(link.href);
    carry(url.searchParams, ticked());
    link.href = url;
  },
  true,
);

document.addEventListener("htmx:after:swap", count);
count();
