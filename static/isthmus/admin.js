// The pages of the job queues bring markup of the old admin: `admin.css` draws it for them only.
if (location.pathname.includes("/django_rq/")) document.documentElement.classList.add("queues");

// They also call a jQuery plugin that the admin no longer ships: all it did here was to tick all rows.
document.addEventListener("DOMContentLoaded", () => {
  const jQuery = window.django?.jQuery;
  if (!jQuery || jQuery.fn.actions) return;
  jQuery.fn.actions = function actions() {
    const all = document.getElementById("action-toggle");
    all?.addEventListener("change", () => this.each((_, box) => { box.checked = all.checked; }));
    return this;
  };
});
