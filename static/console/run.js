// One run as it happens: listens to its stream, keeps figures and log up to date, and comes back by itself.
//
// The stream tells that there is news and how far the run is. Lines of the log are fetched by the number of the last one
// that is shown, so that none is missed or doubled, however often the connection broke. Where streams do not get through,
// the same is asked for every few seconds.

import { localTimes } from "./console.js";

const LOG_EVERY = 1000; // milliseconds between two fetches of a kind, at least
const STATE_EVERY = 2500;
const LOOK_EVERY = 10000; // what has no event of its own: a wait that begins, a worker that comes back
const POLL_EVERY = 4000;
const PATIENCE = 8000; // without a connection for longer: poll
const FURTHEST_RETRY = 30000;
const MOST_LINES = 1000;

const page = document.getElementById("run");
const log = document.getElementById("log");
const link = document.getElementById("run-link");
const spoken = document.getElementById("run-spoken");

let seen = Number(page.dataset.seq); // the last event of the stream
let logged = seen; // the last event that the log was fetched up to
let ended = "ended" in page.dataset;
let source = null;
let retryIn = 2000;
let lostSince = 0;
let poller = 0;
let lastSpoken = "";

// --- Words ---

const numbers = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

function duration(seconds) {
  if (seconds == null) return "not known yet";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.round(seconds % 60)).padStart(2, "0")} s`;
  const hours = Math.floor(minutes / 60);
  return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
}

function tell(text) {
  if (text === lastSpoken) return;
  lastSpoken = text;
  spoken.textContent = text;
}

function note(name) {
  link.hidden = !name;
  link.textContent = name ? link.dataset[name] : "";
}

function write(name, text) {
  for (const element of page.querySelectorAll(`[data-now="${name}"]`)) element.textContent = text;
}

// --- Fetching: never two of a kind at once, never hastily, never the last one forgotten ---

function unhurried(work, rest) {
  let running = false;
  let again = false;
  return async function run() {
    if (running) { again = true; return; }
    running = true;
    do {
      again = false;
      try { await work(); } catch { /* the connection is lost: the next news brings it */ }
      await new Promise((resolve) => setTimeout(resolve, rest));
    } while (again);
    running = false;
  };
}

async function fetched(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (answer.redirected || answer.headers.has("HX-Redirect")) {
    ended = true;
    source?.close();
    clearInterval(poller);
    note("signedOut");
    throw new Error("signed out");
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

const refreshState = unhurried(async () => {
  const answer = await fetched(page.dataset.state);
  const old = document.getElementById("run-state");
  const typing = old.contains(document.activeElement) && document.activeElement.matches("input");
  if (typing) return;
  const box = document.createElement("template");
  box.innerHTML = await answer.text();
  const fresh = box.content.getElementById("run-state");
  const focused = old.contains(document.activeElement) ? document.activeElement.textContent : "";
  const changed = old.dataset.status !== fresh.dataset.status;
  old.replaceWith(fresh);
  htmx.process(fresh);
  localTimes(fresh);
  if (focused) [...fresh.querySelectorAll("button, a")].find((one) => one.textContent === focused)?.focus();
  if (changed) tell(`The run is ${fresh.dataset.status.toLowerCase()}.`);
}, STATE_EVERY);

const refreshLog = unhurried(async () => {
  const answer = await fetched(`${page.dataset.log}?after=${logged}&level=${page.dataset.level}`);
  const box = document.createElement("template");
  box.innerHTML = await answer.text();
  logged = Math.max(logged, Number(answer.headers.get("X-Last-Event")));
  if (logged < seen) setTimeout(refreshLog); // more than one piece: the next one follows
  const lines = [...box.content.querySelectorAll("li[data-seq]")];
  if (!lines.length) return;
  document.getElementById("log-empty")?.remove();
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  for (const line of lines) localTimes(line);
  log.append(...lines);
  while (log.childElementCount > MOST_LINES) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}, LOG_EVERY);

// --- Events ---

function showProgress(data) {
  const bar = document.getElementById("run-bar");
  if (bar) bar.value = data.percent;
  write("percent", `${data.percent} %`);
  write("current", numbers.format(data.current));
  write("total", numbers.format(data.total));
  write("speed", numbers.format(data.speed));
  write("left", duration(data.etaSeconds));
  const tenth = Math.floor(data.percent / 10) * 10;
  if (tenth) tell(`${tenth} per cent, ${data.phase}.`);
}

function arrived(event) {
  const number = Number(event.lastEventId);
  if (number <= seen) return;
  seen = number;
  const data = JSON.parse(event.data);
  if (event.type === "progress") {
    showProgress(data);
    refreshState();
    return;
  }
  refreshLog();
  if (event.type === "status") refreshState();
  if (event.type === "done") finish();
}

function finish() {
  ended = true;
  source?.close();
  clearInterval(poller);
  note("");
  refreshState();
  refreshLog();
}

// --- Listening ---

function listen() {
  if (ended) return;
  source?.close();
  source = new EventSource(`${page.dataset.stream}?lastEventId=${seen}`);
  source.addEventListener("open", connected);
  source.addEventListener("error", lost);
  for (const kind of [...page.dataset.kinds.split(" "), "progress", "done"]) source.addEventListener(kind, arrived);
}

function connected() {
  retryIn = 2000;
  lostSince = 0;
  clearInterval(poller);
  poller = 0;
  note("");
  refreshState();
  refreshLog();
}

function lost() {
  if (ended) return;
  lostSince ||= Date.now();
  if (!poller) {
    note("lost");
    poller = setInterval(poll, POLL_EVERY);
  }
  // The browser tries again by itself unless the server said no: then it is our turn, at growing intervals.
  if (source.readyState === EventSource.CLOSED) {
    setTimeout(listen, retryIn);
    retryIn = Math.min(retryIn * 2, FURTHEST_RETRY);
  }
}

async function poll() {
  if (ended) return;
  try {
    const news = await (await fetched(page.dataset.news)).json();
    if (Date.now() - lostSince > PATIENCE) note("polling");
    if (news.seq > logged) { refreshLog(); refreshState(); }
    if (news.ended) finish();
  } catch {
    if (!ended) note("lost");
  }
}

// --- The page itself ---

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.opens) document.getElementById(button.dataset.opens).showModal();
  if ("close" in button.dataset) button.closest("dialog").close();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const dialog = event.target.dataset?.closes;
  if (dialog) document.getElementById(dialog).close();
  if (event.detail.requestConfig?.verb === "post") refreshLog();
});
document.getElementById("log-level").addEventListener("change", (event) => event.target.form.requestSubmit());
for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;
addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
addEventListener("pagehide", () => source?.close());

log.scrollTop = log.scrollHeight;
if (!ended) {
  listen();
  setInterval(() => { if (!ended && !document.hidden) refreshState(); }, LOOK_EVERY);
}
