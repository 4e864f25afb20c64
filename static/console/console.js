// What every page of the console needs: theme, menu, times in the reader's zone, messages, htmx's CSRF header.

const root = document.documentElement;

function showsDark() {
  const chosen = root.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchTheme() {
  const theme = showsDark() ? "light" : "dark";
  root.dataset.theme = theme;
  // The server reads it, so that the next page is drawn right from its first pixel on.
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
}

function toggleMenu(button) {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  document.getElementById("menu").classList.toggle("menu--open", open);
}

const local = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

// Where the day is known: <time data-local="clock">
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

export function localTimes(within = document) {
  for (const element of within.querySelectorAll("time[data-local]")) {
    const moment = new Date(element.getAttribute("datetime"));
    if (!Number.isNaN(moment.getTime())) element.textContent = (element.dataset.local === "clock" ? clock : local).format(moment);
    element.removeAttribute("data-local");
  }
}

// Bars that are not <progress>: <span class="bar__fill" data-percent="40"></span>
export function bars(within = document) {
  for (const element of within.querySelectorAll("[data-percent]")) {
    element.style.inlineSize = `${Math.min(100, Math.max(0, Number(element.dataset.percent) || 0))}%`;
  }
}

export function say(text, kind = "info") {
  const box = document.createElement("div");
  box.className = `callout callout--${kind}`;
  box.dataset.message = "";
  const words = document.createElement("p");
  words.textContent = text;
  const button = document.createElement("button");
  button.className = "button button--quiet";
  button.type = "button";
  button.dataset.dismiss = "";
  button.setAttribute("aria-label", "Dismiss this message");
  button.textContent = "×";
  box.append(words, button);
  document.getElementById("messages").append(box);
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    button.textContent = "Copied";
  } catch {
    source.focus();
    if (source.select) source.select();
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("themeSwitch" in button.dataset) switchTheme();
  if ("menu" in button.dataset) toggleMenu(button);
  if ("dismiss" in button.dataset) button.closest("[data-message]").remove();
  if ("copy" in button.dataset) copy(button);
  if ("print" in button.dataset) print();
});

// <form data-confirm="Delete the webhook?"> asks first.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
}, true);

document.addEventListener("keydown", (event) => {
  const open = document.querySelector("details.account[open]");
  if (event.key === "Escape" && open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// htmx's events.
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});
document.addEventListener("htmx:load", (event) => {
  localTimes(event.detail.elt);
  bars(event.detail.elt);
});
document.addEventListener("htmx:sendError", (event) => {
  // A part that is fetched again and again says by itself that the connection is lost.
  if (!event.target.closest("[data-live]")) say("The server cannot be reached. Try again in a moment.", "warn");
});
document.addEventListener("htmx:responseError", (event) => {
  if (event.target.closest("[data-live]")) return;
  const text = event.detail.xhr.getResponseHeader("X-Problem");
  say(text ? decodeURIComponent(text) : "That did not work. Load the page again and retry.", "bad");
});

localTimes();
bars();
