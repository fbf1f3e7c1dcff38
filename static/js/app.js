// Progressive enhancement only: every page works without this file.
const root = document.documentElement;
const MENUS = "details[open]:is(.dropdown, .account-menu, .nav-narrow)";

// What it says stands in the page, in the reader's language; {name} is filled in here.
function words(name, values = {}) {
  const sentence = document.getElementById("live").dataset[name];
  return sentence.replace(/{(\w+)}/g, (_, key) => values[key]);
}

// Says a sentence to screen readers.
function announce(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}

// Theme: the server writes data-theme from the cookie, so there is no flash and no inline script.
function switchTheme() {
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax${secure}`;
  announce(words(root.dataset.theme));
}

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.innerText);
  announce(words("copied"));
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(MENUS)) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const button = event.target.closest?.("[data-theme-toggle], [data-copy], [data-close]");
  if (!button) return;
  if (button.matches("[data-theme-toggle]")) {
    event.preventDefault();
    switchTheme();
  } else if (button.matches("[data-close]")) {
    event.preventDefault();
    const menu = button.closest("details");
    menu.open = false;
    menu.querySelector("summary").focus();
  } else {
    copy(button);
  }
});

// An address that names a place starts there for the keyboard and for screen readers too: a
// decision leads back to where it was made.
// What it names in a fold is unfolded.
function begin() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  const fold = place.closest("details.folded");
  if (fold && !fold.open) {
    fold.open = true;
    place.scrollIntoView();
  }
  if (place.tabIndex < 0) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

begin();
addEventListener("hashchange", begin);

// On a narrow screen a row of tabs shows the present one.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

// "/" puts the cursor in search, Escape closes the open menu.
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(MENUS);
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key === "/" && !typing && !modified) {
    event.preventDefault();
    document.getElementById("gq")?.focus();
  }
});

// data-filter on an input hides rows of a long table without a round trip; data-all ticks boxes, but not doubtful ones.
document.addEventListener("input", ({ target }) => {
  if (target.dataset.all) {
    const boxes = target.form.querySelectorAll(`[name="${target.dataset.all}"]:not([data-doubtful])`);
    for (const box of boxes) box.checked = target.checked;
  }
  if (!target.dataset.filter) return;
  const wanted = target.value.trim().toLowerCase();
  const rows = [...document.querySelectorAll(`${target.dataset.filter} [data-k]`)];
  for (const row of rows) row.hidden = !row.dataset.k.toLowerCase().includes(wanted);
  const shown = rows.filter((row) => !row.hidden).length;
  announce(words("shown", { shown, all: rows.length }));
});

// What is under way answers what stood in the form before: it takes nothing away that was typed since.
document.addEventListener("input", ({ target }) => {
  const form = target.closest("[data-newest]");
  if (form) htmx.trigger(form, "htmx:abort");
});

// A request that a newer one took the place of is no error. Before htmx writes the error of an event to the console it
// shows the event to its logger; what else went wrong after a request has an event of its own.
htmx.logger = (_, name, detail) => {
  if (["htmx:afterRequest", "htmx:sendAbort"].includes(name)) delete detail.error;
};

// The cell of a table whose matter stands beside it.
document.addEventListener("click", ({ target }) => {
  const cell = target.closest?.(".matrix-cell[hx-get]");
  if (!cell) return;
  for (const other of document.querySelectorAll(".matrix-cell[aria-current]")) {
    other.removeAttribute("aria-current");
  }
  cell.setAttribute("aria-current", "true");
});

// htmx: after a swap the result count gets focus: keyboard and screen readers land on the change.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  const count = target.querySelector?.("#rcount");
  // A form that came back with errors takes the focus itself.
  if (count && !target.querySelector("[autofocus]")) {
    count.focus({ preventScroll: true });
    announce(count.textContent.trim());
  }
  // A part that was opened is read from its heading on; in a form that was drawn anew one stays.
  const heading = target.querySelector?.("[data-landing]");
  if (heading && !target.contains(document.activeElement)) {
    heading.focus({ preventScroll: true });
  }
  // Such a part says what is wrong by now: what stands at the fields is of what stood there before.
  if (target.matches?.("[data-judges]")) forgetErrors(target.closest("form"));
  // A polled part is announced when its stage changes, not at every percent.
  const part = target.matches?.("[data-announce]")
    ? target
    : target.querySelector?.("[data-announce]");
  if (part && part.dataset.announce !== root.dataset.announced) {
    root.dataset.announced = part.dataset.announce;
    announce(part.dataset.announce);
  }
});

function forgetErrors(form) {
  for (const said of form.querySelectorAll(".error-summary, .field-error")) said.remove();
  for (const field of form.querySelectorAll(".invalid")) field.classList.remove("invalid");
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

function failed({ target }) {
  announce(words("failed"));
  const message = target.querySelector?.(".upload-message");
  if (message) message.textContent = words("failed");
}
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", failed);

// Upload: how far the bytes are, in the form that sends them.
document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  const up = target.matches?.("[data-upload]") && target.querySelector(".upload");
  if (!up || !detail.lengthComputable || !detail.total) return;
  const bar = up.querySelector("progress");
  // The answer has a progress too: the bar never goes back.
  const percent = Math.max(bar.value, Math.floor((100 * detail.loaded) / detail.total));
  up.hidden = false;
  bar.value = percent;
  target.querySelector(".upload-message").textContent =
    percent < 100 ? words("sent", { percent }) : words("checking");
});
