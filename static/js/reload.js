// <p data-reload="3">: something is being worked on; load the page again in so many seconds, a few times, unless a form was begun.
const MOST = 12;

for (const element of document.querySelectorAll("[data-reload]")) {
  const key = `reload:${location.pathname}`;
  const times = Number(sessionStorage.getItem(key) ?? 0);
  if (times >= MOST) continue;
  sessionStorage.setItem(key, String(times + 1));
  setTimeout(() => {
    const begun = [...document.querySelectorAll("input[type=file]")].some((input) => input.files.length);
    if (!begun) location.reload();
  }, Number(element.dataset.reload) * 1000);
}
if (!document.querySelector("[data-reload]")) sessionStorage.removeItem(`reload:${location.pathname}`);
