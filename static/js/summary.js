// What went wrong takes the cursor (A5). A skip link leaves its fragment in the address
// that the form is sent to, and the browser then leaves autofocus aside.
const told = document.querySelector("[role=alert][autofocus]");
// The address as the page was asked for: this script may come after the first keys.
const arrivedAt = new URL(performance.getEntriesByType("navigation")[0].name).hash;
// Whoever was quicker, and follows a link of the summary already, is left there.
const isNowhere = () =>
  [null, document.body].includes(document.activeElement) ||
  (location.hash === arrivedAt &&
    document.activeElement === document.querySelector(":target"));

function lead() {
  if (isNowhere()) told?.focus();
}

lead();
// The fragment is followed once the page is whole.
addEventListener("load", lead);
