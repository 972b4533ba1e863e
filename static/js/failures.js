// A part of the page that could not be refreshed stays as it is, and we say so (U13).
const SENTENCES = {
  "htmx:error":
    "Opus ne répond pas\u00a0: vérifiez votre connexion. Ce qui est affiché peut ne plus être à jour.",
  "htmx:response:error":
    "Cette partie de la page n’a pas pu être mise à jour. Rechargez la page.",
};
const ID = "actualisation-impossible";

function tell(sentence) {
  const region = document.getElementById("messages");
  // A poll fails every second: once is enough.
  if (!region || document.getElementById(ID)) return;
  const alert = document.createElement("div");
  alert.id = ID;
  alert.className = "fr-alert fr-alert--sm fr-alert--warning";
  const text = document.createElement("p");
  text.textContent = sentence;
  alert.append(text);
  region.append(alert);
}

for (const [name, sentence] of Object.entries(SENTENCES)) {
  document.addEventListener(name, () => tell(sentence));
}
// The event comes after refused answers too, which swap nothing.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.response?.status < 400) document.getElementById(ID)?.remove();
});
