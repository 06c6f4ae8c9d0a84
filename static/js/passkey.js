// <form data-passkey="get|create" data-refused data-known data-focus data-autofill hidden> with <input name="passkey">.
// The form's own address gives the question; the browser's answer is posted there, and the page that comes says the rest.
const known = window.PublicKeyCredential;
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));
const OVER = "InvalidAccessError"; // the sign-in or session is over: the server says so when it is asked for the page
let running; // one ceremony at a time: the quiet one of autofill gives way to the button's

const question = async (form) => {
  const body = new FormData(form);
  body.set("options", "1");
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.headers.get("content-type")?.startsWith("application/json")) throw new DOMException("over", OVER);
  const asked = await answer.json();
  const options = { ...asked, challenge: bytes(asked.challenge) };
  if (asked.user) options.user = { ...asked.user, id: bytes(asked.user.id) };
  if (asked.allowCredentials) options.allowCredentials = named(asked.allowCredentials);
  if (asked.excludeCredentials) options.excludeCredentials = named(asked.excludeCredentials);
  return options;
};

const written = (credential) => {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    if (response.userHandle) said.userHandle = text(response.userHandle);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: said,
  });
};

const answer = async (form, more = {}) => {
  running?.abort();
  const { signal } = (running = new AbortController());
  const publicKey = await question(form);
  const ask = form.dataset.passkey === "create" ? "create" : "get";
  const credential = await navigator.credentials[ask]({ publicKey, signal, ...more });
  form.elements.passkey.value = written(credential);
  form.submit();
};

const focusFirstEmpty = (ids) => {
  const fields = ids.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
  (fields.find((field) => !field.value) ?? fields.at(-1))?.focus();
};

// The device said no, was too slow, or the person thought better of it. Which of them it was, browsers do not tell.
const calm = (form, error) => {
  if (error.name === "AbortError") return;
  if (error.name === OVER) return location.replace(location.pathname + location.search);
  const status = form.querySelector("[role=status]");
  status.textContent = error.name === "InvalidStateError" && form.dataset.known ? form.dataset.known : form.dataset.refused;
  if (form.dataset.focus) focusFirstEmpty(form.dataset.focus);
};

// A question is good for five minutes, a page stands longer: it is asked anew before that.
const FRESH = 4 * 60 * 1000;
const autofill = async (form) => {
  if (!(await known.isConditionalMediationAvailable?.())) return;
  const again = setTimeout(() => autofill(form), FRESH);
  try {
    await answer(form, { mediation: "conditional" });
  } catch (error) {
    clearTimeout(again);
    if (error.name === "NotAllowedError") calm(form, error);
  }
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!known) continue;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelector("[role=status]").textContent = "";
    try {
      await answer(form);
    } catch (error) {
      calm(form, error);
      if ("autofill" in form.dataset && error.name !== "AbortError") autofill(form);
    }
  });
  form.hidden = false;
  if ("autofill" in form.dataset) autofill(form);
}

for (const note of document.querySelectorAll("[data-passkey-absent]")) note.hidden = Boolean(known);

// What the device keeps and the portal no longer takes: it is told, and offers it no more. Where it cannot be told, nothing is lost.
const tell = (deed, what) => known?.[deed]?.(what).catch(() => {});

const refused = document.querySelector("[data-passkey-refused]");
if (refused) {
  focusFirstEmpty(refused.dataset.passkeyRefused);
  const { unknown: credentialId, rp: rpId } = refused.dataset;
  if (credentialId) tell("signalUnknownCredential", { rpId, credentialId });
}

const list = document.querySelector("[data-passkey-list]");
if (list) {
  const { rp: rpId, user: userId, accepted, name, displayName } = list.dataset;
  tell("signalAllAcceptedCredentials", { rpId, userId, allAcceptedCredentialIds: accepted.split(" ").filter(Boolean) });
  tell("signalCurrentUserDetails", { rpId, userId, name, displayName });
}
