// The page does not scroll sideways, and no text is cut off; parts that scroll are named regions.
// Folds and menus are looked at, too.
() => {
  const folded = [...document.querySelectorAll("details:not([open])")];
  for (const one of folded) one.open = true;
  const found = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    const wide = [...document.querySelectorAll("body *")].filter((e) => {
      if (!e.checkVisibility() || e.closest(".visually-hidden")) return false;
      for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
        if (getComputedStyle(p).overflowX !== "visible") return false;
      }
      return e.getBoundingClientRect().right > width + 1;
    });
    const culprits = wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 60)).join(", ");
    found.push(`page is ${document.documentElement.scrollWidth} px wide, see ${culprits}`);
  }
  for (const e of document.querySelectorAll("main *")) {
    const style = getComputedStyle(e);
    if (!e.checkVisibility() || e.closest(".visually-hidden, svg")) continue;
    const wider = e.scrollWidth > e.clientWidth + 1;
    if (wider && ["auto", "scroll"].includes(style.overflowX) && !e.matches(".tabs, textarea, pre")
        && !(e.tabIndex === 0 && e.getAttribute("aria-label"))) {
      found.push(`scrolls without being a named region: ${e.outerHTML.slice(0, 100)}`);
    }
    const taller = e.scrollHeight > e.clientHeight + 2;
    const cut =
      (wider && style.overflowX === "hidden") || (taller && style.overflowY === "hidden");
    if (cut && e.clientHeight > 1 && !e.matches("input, select, progress")) {
      found.push(`cuts its content off: ${e.outerHTML.slice(0, 100)}`);
    }
  }
  for (const one of folded) one.open = false;
  return found;
}
