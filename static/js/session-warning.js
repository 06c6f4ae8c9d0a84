// Opens the dialog before the session ends. Staying is a POST that a person presses; nothing keeps a session alive by itself.
const dialog = document.querySelector("[data-session-warning]");
if (dialog?.showModal) {
  const line = document.querySelector("[data-session-line]");
  const before = Number(dialog.dataset.before) * 1000;
  const parts = Object.fromEntries([...dialog.querySelectorAll("[data-end]")].map((part) => [part.dataset.end, part]));
  const failed = dialog.querySelector("[data-failed]");
  let ends;
  let dismissed = false;
  // The server says how long; only that much is counted here, so that the two clocks need not agree.
  const take = ({ idle, absolute, line: words, at }) => {
    ends = { idle: Date.now() + idle * 1000, absolute: Date.now() + absolute * 1000 };
    if (line.textContent !== words) line.textContent = words;
    if (at) for (const place of dialog.querySelectorAll("[data-at]")) place.textContent = at;
    if (dialog.open && left() > before) dialog.close();
  };
  const end = () => (ends.absolute <= ends.idle ? "absolute" : "idle");
  const left = () => ends[end()] - Date.now();
  // A page opened, or "stay" pressed, in another tab gives this one time too.
  const tabs = new BroadcastChannel("session");
  tabs.addEventListener("message", ({ data }) => take(data));
  const now = { idle: Number(dialog.dataset.idle), absolute: Number(dialog.dataset.absolute), line: line.textContent, at: dialog.dataset.at };
  take(now);
  tabs.postMessage(now);
  // Asked for anew, never sent again: reload() would repeat a POST.
  const leave = () => {
    clearInterval(timer);
    location.replace(location.pathname + location.search);
  };
  const stay = async () => {
    failed.hidden = true;
    const body = new URLSearchParams(new FormData(parts.idle));
    const answer = await fetch(parts.idle.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
    if (!answer) {
      failed.hidden = false;
      return;
    }
    if (!answer.ok) {
      leave(); // the session is over: the server says so and leads back
      return;
    }
    const told = await answer.json();
    take(told);
    tabs.postMessage(told);
  };
  const warn = () => {
    const kind = end();
    for (const [name, part] of Object.entries(parts)) part.hidden = name !== kind;
    dialog.setAttribute("aria-labelledby", `session-${kind}-title`);
    dialog.setAttribute("aria-describedby", `session-${kind}-text`);
    dialog.showModal(); // focus goes in, and back to where it was when the dialog closes
  };
  const look = () => {
    if (left() <= 0) leave();
    else if (left() <= before && !dialog.open && !(dismissed && end() === "absolute")) warn();
  };
  parts.idle.addEventListener("submit", (event) => { event.preventDefault(); stay(); });
  parts.absolute.addEventListener("submit", () => { dismissed = true; });
  dialog.addEventListener("cancel", (event) => {
    if (end() === "absolute") dismissed = true;
    else { event.preventDefault(); stay(); }
  });
  const timer = setInterval(look, 5000);
  document.addEventListener("visibilitychange", look);
}
