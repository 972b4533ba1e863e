// Buttons marked data-copy put the text of a field on the clipboard, and say so. Without
// JavaScript they stay hidden: the field can be selected and copied by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.focus();
      field.select();
      return;
    }
    document.getElementById("messages").textContent = button.dataset.copied;
    button.textContent = button.dataset.copied;
  });
}
