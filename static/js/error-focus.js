// The error summary takes the focus, and its links put the caret into the field, radio groups included.
const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const input = link && document.getElementById(link.hash.slice(1));
    if (!input) return;
    event.preventDefault();
    (input.closest(".field") ?? input).scrollIntoView();
    input.focus({ preventScroll: true });
  });
}
