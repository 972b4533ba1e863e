// The communes of a postcode, as soon as it is typed. Without this script the page asks
// for them when it is sent.
const commune = document.querySelector("[data-communes]");
const postcode = document.getElementById("id_postcode");

async function propose() {
  const url = `${commune.dataset.communes}?postcode=${encodeURIComponent(postcode.value.trim())}`;
  const answer = await fetch(url);
  if (!answer.ok) return;
  const { choices } = await answer.json();
  const before = commune.value;
  const options = choices.map(([code, name]) => new Option(name, code));
  commune.replaceChildren(commune.options[0], ...options);
  commune.value = choices.length === 1 ? choices[0][0] : before;
  if (commune.selectedIndex < 0) commune.value = "";
}

postcode?.addEventListener("change", propose);
