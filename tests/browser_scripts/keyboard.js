// The skip link comes first; what has focus shows it, and is not under the header.
() => {
  const found = [];
  const name = (e) => e.outerHTML.slice(0, 100);
  const selector =
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(selector)].filter(
    (e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }));
  const skip = all[0];
  if (!skip?.matches("a.skip-link") || !document.querySelector(skip.getAttribute("href"))) {
    found.push("the first stop is no skip link to an existing place");
  }
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const shows = (e) => {
    for (let box = e, i = 0; box && i < 3; box = box.parentElement, i += 1) {
      if ([null, "::after"].some((part) => outlined(getComputedStyle(box, part)))) return true;
    }
    const ring = e.querySelector(".hit-area");
    if (!ring) return false;
    const { stroke, strokeWidth } = getComputedStyle(ring);
    return stroke !== "none" && parseFloat(strokeWidth) >= 2;
  };
  const header = document.querySelector("header.top-bar");
  for (const e of all.slice(0, 200)) {
    e.focus();
    if (document.activeElement !== e) continue;
    if (!shows(e)) found.push(`focus cannot be seen on ${name(e)}`);
    const box = e.getBoundingClientRect();
    if (header && !header.contains(e) && e !== skip && box.height < innerHeight / 2
        && box.bottom > 0 && box.top < header.getBoundingClientRect().bottom - 1) {
      found.push(`focus is under the header on ${name(e)}`);
    }
  }
  document.activeElement.blur();
  scrollTo(0, 0);
  return found;
}
