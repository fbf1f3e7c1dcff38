// Targets of 24 pixels, stricter than WCAG 2.5.8: only a link within a sentence may be smaller.
// Those in folds and menus are looked at, too.
() => {
  const LEAST = 24;
  const folded = [...document.querySelectorAll("details:not([open])")];
  for (const one of folded) one.open = true;
  const selector = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const box = (e) => {
    const label = e.matches("input") && e.closest("label");
    return (label || e).getBoundingClientRect();
  };
  const targets = [...document.querySelectorAll(selector)]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".skip-link, .visually-hidden"))
    .map((e) => ({ e, r: box(e) }))
    .filter(({ r }) => r.width > 1 && r.height > 1);
  const inSentence = (e) => {
    if (getComputedStyle(e).display !== "inline") return false;
    const around = e.parentElement.textContent.trim();
    return around.length > e.textContent.trim().length + 2;
  };
  const found = targets
    .filter(({ r }) => r.width < LEAST - 0.5 || r.height < LEAST - 0.5)
    .filter(({ e }) => !inSentence(e))
    .map(({ e, r }) => {
      const size = `${Math.round(r.width)} × ${Math.round(r.height)} px`;
      return `target of ${size}: ${e.outerHTML.slice(0, 120)}`;
    });
  for (const one of folded) one.open = false;
  return found;
}
