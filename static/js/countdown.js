// Keeps <… data-left="seconds" data-units data-join data-done> fresh, once a minute, with the server's words and clock.
// It is a timer (live region off): nobody is interrupted every minute; only the end is announced.
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

const words = (seconds, units, join) => {
  let rest = Math.ceil(seconds / 60) * 60;
  const parts = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push({ name, text: units[name][count === 1 ? 0 : 1].replace("{n}", String(count)) });
  }
  const texts = parts.map((part) => part.text);
  if (join === "ja") return parts.length > 1 && parts[0].name === "day" ? `${texts[0]}と${texts.slice(1).join("")}` : texts.join("");
  return texts.length > 1 ? `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}` : texts[0];
};

for (const element of document.querySelectorAll("[data-until][data-left]")) {
  const started = Date.now(); // also counts while the computer sleeps
  const left = Number(element.dataset.left);
  const units = JSON.parse(element.dataset.units);
  const tick = () => {
    const seconds = left - (Date.now() - started) / 1000;
    if (seconds > 0) {
      const text = words(seconds, units, element.dataset.join);
      if (element.textContent !== text) element.textContent = text;
      return;
    }
    clearInterval(timer);
    if (!element.dataset.done || left <= 0) return;
    const place = element.closest(".left-over") ?? element;
    place.setAttribute("role", "status");
    place.textContent = element.dataset.done;
  };
  const timer = setInterval(tick, 5000);
  document.addEventListener("visibilitychange", tick);
}
