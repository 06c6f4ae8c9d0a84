// <button data-show-password aria-controls="id" data-show data-hide data-shown data-hidden>, followed by a role=status.
for (const button of document.querySelectorAll("[data-show-password]")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const status = button.parentElement.querySelector("[role=status]");
  if (!input) continue;
  const label = button.firstChild;
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    label.textContent = visible ? button.dataset.hide : button.dataset.show;
  };
  button.addEventListener("click", () => {
    const visible = input.type === "password";
    show(visible);
    if (status) status.textContent = visible ? button.dataset.shown : button.dataset.hidden;
  });
  // Back to a password before it leaves: browsers remember what was typed into a text field.
  input.form?.addEventListener("submit", () => show(false));
  button.hidden = false;
}
