// The preview: marks the item that is shown in the list of items.

const items = document.getElementById("preview-items");

function mark(number) {
  for (const link of items.querySelectorAll("a[data-item]")) {
    if (link.dataset.item === number) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:afterSwap", () => {
  mark(new URLSearchParams(location.search).get("item") || "");
});
document.addEventListener("htmx:pushedIntoHistory", () => {
  mark(new URLSearchParams(location.search).get("item") || "");
});
