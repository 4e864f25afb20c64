// Tables behind charts are folded on the screen and printed in full.

const opened = [];

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("main details:not([open])")) {
    details.open = true;
    opened.push(details);
  }
});

addEventListener("afterprint", () => {
  while (opened.length) opened.pop().open = false;
});
