// Opens the dialog before a quiet session ends. Staying asks for this page again, which is what keeps a session alive.
const dialog = document.querySelector("[data-session-warning]");
if (dialog?.showModal) {
  const idle = Number(dialog.dataset.idle) * 1000;
  const warning = Number(dialog.dataset.warning) * 1000;
  let since = Date.now();
  // A page opened or kept in another tab keeps the session alive for this one too.
  const tabs = new BroadcastChannel("session");
  const alive = () => { since = Date.now(); if (dialog.open) dialog.close(); };
  tabs.addEventListener("message", alive);
  tabs.postMessage("alive");
  // Asked for anew, never sent again: reload() would repeat a POST.
  const leave = () => location.replace(location.pathname + location.search);
  const stay = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (!answer?.ok) {
      leave(); // the session is over: the server says so and leads back
      return;
    }
    alive();
    tabs.postMessage("alive");
  };
  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
  setInterval(() => {
    const quiet = Date.now() - since;
    if (quiet >= idle) leave();
    else if (quiet >= idle - warning && !dialog.open) dialog.showModal();
  }, 5000);
}
