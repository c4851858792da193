// Asks the browser for a security key and puts its answer into the form. Everything else works without this file.
"use strict";

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const named = (credentials) => (credentials ?? []).map((each) => ({ ...each, id: bytesOf(each.id) }));

async function made(options) {
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  };
  const credential = await navigator.credentials.create({ publicKey });
  return answer(credential, {
    attestationObject: textOf(credential.response.attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  });
}

async function asked(options) {
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    allowCredentials: named(options.allowCredentials),
  };
  const credential = await navigator.credentials.get({ publicKey });
  const handle = credential.response.userHandle;
  return answer(credential, {
    authenticatorData: textOf(credential.response.authenticatorData),
    signature: textOf(credential.response.signature),
    userHandle: handle ? textOf(handle) : null,
  });
}

function answer(credential, more) {
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: {},
    response: { clientDataJSON: textOf(credential.response.clientDataJSON), ...more },
  });
}

for (const form of document.querySelectorAll("form[data-key]")) {
  const button = form.querySelector("[data-key-button]");
  const status = form.querySelector("[data-key-status]");
  if (!window.PublicKeyCredential) {
    status.textContent = "This browser knows no security keys.";
    continue;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = form.elements.namedItem("code");
    const codeWasAsked = Boolean(code?.required) && form.dataset.key === "ask";
    if (codeWasAsked) code.required = false;
    if (form.reportValidity()) {
      button.disabled = true;
      status.textContent = "Touch your key, or follow what your browser says.";
      try {
        const options = JSON.parse(form.dataset.keyOptions);
        form.elements.namedItem("key-answer").value = await (form.dataset.key === "make" ? made : asked)(options);
        form.submit();
        return;
      } catch {
        status.textContent = "That did not work, or was stopped. Load the page anew to try once more.";
        button.disabled = false;
      }
    }
    if (codeWasAsked) code.required = true;
  });
}
