// A second press while the first is on its way does nothing. The server is safe without it; this spares the person an error page.
const REST = 8000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  const last = Number(form.dataset.sentAt ?? 0);
  if (last && Date.now() - last < REST) {
    event.preventDefault();
    return;
  }
  form.dataset.sentAt = String(Date.now());
});

// Enter that only ends a conversion of the Japanese input method must not send the form (Safari does send it).
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
}, true);

// Back from the cache of pages: a form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sentAt;
});
