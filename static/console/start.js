// The start page: the reader's zone for "not before", and words that follow the choices.

const form = document.getElementById("start");
const button = form.querySelector("button[data-start]");

form.elements.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

function follow() {
  button.textContent = form.elements.dry_run.checked ? button.dataset.dry : button.dataset.start;
}

form.addEventListener("change", follow);
form.addEventListener("submit", () => setTimeout(() => { button.disabled = true; }));
addEventListener("pageshow", (event) => { if (event.persisted) button.disabled = false; });
follow();
