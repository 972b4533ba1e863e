// Passkeys: the browser's part of the two ceremonies. For each block marked
// data-passkey="get" or "create": ask the server for its options, have the person sign,
// put the answer into the form and send it. Without JavaScript, or in a browser that has
// no passkeys, the block keeps its sentence that says what to use instead.
const SENTENCES = {
  cancelled:
    "La demande a été annulée. Recommencez quand vous voulez, ou utilisez un autre moyen de connexion.",
  late: "Le temps est écoulé sans réponse de votre appareil. Recommencez.",
  known:
    "Cet appareil a déjà une clé d’accès pour votre compte\u00a0: inutile d’en ajouter une autre.",
  unsupported:
    "Cet appareil ne sait pas faire une clé d’accès protégée par une empreinte, un visage ou un code. Utilisez l’application d’authentification.",
  forbidden:
    "Votre navigateur refuse les clés d’accès à cette adresse. Ouvrez Opus à son adresse habituelle.",
  unreachable: "Opus ne répond pas\u00a0: vérifiez votre connexion, puis recommencez.",
  ended: "Votre session s’est fermée entre-temps. Rechargez la page, puis recommencez.",
  unknown: "Votre appareil n’a pas pu répondre. Recommencez, ou utilisez un autre moyen de connexion.",
};
const WAITING = "Suivez les indications de votre navigateur ou de votre téléphone.";

class Told extends Error {}

function toBytes(text) {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const withBytes = (keys = []) => keys.map((key) => ({ ...key, id: toBytes(key.id) }));

async function askOptions(block, form) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  let response;
  try {
    response = await fetch(block.dataset.options, { method: "POST", body });
  } catch {
    throw new Told(SENTENCES.unreachable);
  }
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  if (response.redirected || !isJson) {
    throw new Told(response.status >= 500 ? SENTENCES.unreachable : SENTENCES.ended);
  }
  const options = await response.json();
  if (!response.ok) throw new Told(options.detail);
  return options;
}

async function sign(options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: withBytes(options.allowCredentials),
  };
  const { id, type, rawId, response } = await navigator.credentials.get({ publicKey });
  return {
    id,
    type,
    rawId: toText(rawId),
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: response.userHandle && toText(response.userHandle),
    },
  };
}

async function make(options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
  };
  const key = await navigator.credentials.create({ publicKey });
  return {
    id: key.id,
    type: key.type,
    rawId: toText(key.rawId),
    response: {
      clientDataJSON: toText(key.response.clientDataJSON),
      attestationObject: toText(key.response.attestationObject),
      transports: key.response.getTransports?.() ?? [],
    },
    clientExtensionResults: key.getClientExtensionResults(),
  };
}

// A browser says "not allowed" both when one cancels and when time runs out.
function explain(error, hasRunOut) {
  if (error instanceof Told) return error.message;
  switch (error.name) {
    case "NotAllowedError":
    case "AbortError":
      return hasRunOut ? SENTENCES.late : SENTENCES.cancelled;
    case "TimeoutError":
      return SENTENCES.late;
    case "InvalidStateError":
      return SENTENCES.known;
    case "NotSupportedError":
    case "ConstraintError":
      return SENTENCES.unsupported;
    case "SecurityError":
      return SENTENCES.forbidden;
    default:
      return SENTENCES.unknown;
  }
}

function prepare(block) {
  const form = block.querySelector("form");
  const button = form.querySelector("button:not([formaction], [aria-hidden])");
  const status = block.querySelector("[data-passkey-status]");
  const ceremony = block.dataset.passkey === "create" ? make : sign;
  block.querySelector("[data-passkey-instead]").remove();
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    // What asks about a refused name is no passkey's business.
    if (event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    button.disabled = true;
    status.className = "fr-message fr-message--info";
    status.textContent = WAITING;
    let ends = Infinity;
    try {
      const options = await askOptions(block, form);
      ends = performance.now() + options.timeout;
      form.elements.credential.value = JSON.stringify(await ceremony(options));
      form.submit();
    } catch (error) {
      status.className = "fr-message fr-message--error";
      status.textContent = explain(error, performance.now() >= ends);
      button.disabled = false;
    }
  });
}

// The page comes back from the browser's memory with its button still waiting.
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach(prepare);
}
