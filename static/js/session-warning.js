// Opens the dialog before a quiet session ends. Staying asks for this page again, which is what keeps a session alive.
const dialog = document.querySelector("[data-session-warning]");
if (dialog?.showModal) {
  const idle = Number(dialog.dataset.idle) * 1000;
  const warning = Number(dialog.dataset.warning) * 1000;
  let since = Date.now();
  const stay = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (!answer?.ok) {
      location.reload(); // the session is over: the server says so and leads back
      return;
    }
    since = Date.now();
    dialog.close();
  };
  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
  setInterval(() => {
    const quiet = Date.now() - since;
    if (quiet >= idle) location.reload();
    else if (quiet >= idle - warning && !dialog.open) dialog.showModal();
  }, 5000);
}
