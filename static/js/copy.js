// <button data-copy="text" data-copied="Copied"><span data-label>Copy</span></button>
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return; // Refused by the browser: the text beside the button can be selected.
    }
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 4000);
  });
  button.hidden = false;
}
