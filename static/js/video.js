// <div data-recorder hidden>: records a short video into the file field beside it. Without camera or script the field stays.
const KINDS = ["video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4"];

const pick = () => globalThis.MediaRecorder && navigator.mediaDevices?.getUserMedia
  ? KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) : undefined;

for (const box of document.querySelectorAll("[data-recorder]")) {
  const kind = pick();
  if (!kind) continue;
  const form = box.closest("form");
  const input = form.querySelector("input[type=file]");
  const live = form.querySelector("[data-recorder-live]");
  const start = box.querySelector("[data-recorder-start]");
  const stop = box.querySelector("[data-recorder-stop]");
  const screen = box.querySelector("video");
  const say = (text) => { box.querySelector("[role=status]").textContent = text; };

  const keep = (parts) => {
    const type = kind.split(";")[0];
    const file = new File(parts, `video.${type.split("/")[1]}`, { type });
    const carrier = new DataTransfer();
    carrier.items.add(file);
    input.files = carrier.files;
    live.value = "1";
    if (screen.src) URL.revokeObjectURL(screen.src);
    screen.srcObject = null;
    screen.src = URL.createObjectURL(file);
    screen.muted = false;
    screen.controls = true;
    say(box.dataset.done);
  };

  const record = (stream) => {
    const parts = [];
    const recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 2_500_000 });
    let seconds = 0;
    const timer = setInterval(() => {
      seconds += 1;
      stop.hidden = seconds < Number(box.dataset.least);
      const left = Number(box.dataset.seconds) - seconds;
      say(`${box.dataset.recording} ${box.dataset.left.replace("{n}", String(left))}`);
      if (left <= 0) recorder.stop();
    }, 1000);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      stop.hidden = true;
      start.hidden = false;
      keep(parts);
    };
    stop.onclick = () => recorder.stop();
    recorder.start();
    say(box.dataset.recording);
  };

  start.addEventListener("click", async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { facingMode: "user", width: { ideal: 1280 } } });
      start.hidden = true;
      screen.controls = false;
      screen.muted = true;
      screen.removeAttribute("src");
      screen.srcObject = stream;
      await screen.play();
      record(stream);
    } catch {
      start.hidden = false;
      say(box.dataset.refused);
    }
  });
  input.addEventListener("change", () => { live.value = ""; });
  box.hidden = false;
}
