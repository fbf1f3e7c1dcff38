// WCAG 2.5.8: targets of 24 pixels, or with that much room, or within a sentence.
() => {
  const LEAST = 24;
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
  const crowded = ({ e, r }) => {
    const x = r.left + r.width / 2;
    const y = r.top + r.height / 2;
    return targets.some(({ e: other, r: o }) => {
      if (other === e || other.contains(e) || e.contains(other)) return false;
      const dx = Math.max(o.left - x, 0, x - o.right);
      const dy = Math.max(o.top - y, 0, y - o.bottom);
      return Math.hypot(dx, dy) < LEAST / 2 - 0.5;
    });
  };
  return targets
    .filter(({ r }) => r.width < LEAST - 0.5 || r.height < LEAST - 0.5)
    .filter((t) => !inSentence(t.e) && crowded(t))
    .map(({ e, r }) => {
      const size = `${Math.round(r.width)} × ${Math.round(r.height)} px`;
      return `target of ${size}: ${e.outerHTML.slice(0, 120)}`;
    });
}
