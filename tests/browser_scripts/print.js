// On paper: no navigation, dark on white, rows and figures whole.
(pageHeight) => {
  const found = [];
  for (const e of document.querySelectorAll(".top-bar, .skip-link, nav, .button, .filters")) {
    if (e.checkVisibility() && e.getBoundingClientRect().height > 0) {
      found.push(`still there: ${e.outerHTML.slice(0, 80)}`);
    }
  }
  const color = getComputedStyle(document.body);
  if (color.backgroundColor !== "rgb(255, 255, 255)") {
    found.push(`ground is ${color.backgroundColor}`);
  }
  if (!/^rgb\((\d|[1-6]\d), /.test(color.color)) found.push(`ink is ${color.color}`);
  for (const row of document.querySelectorAll("tr")) {
    if (row.checkVisibility() && getComputedStyle(row).breakInside !== "avoid") {
      found.push("rows may be split");
      break;
    }
  }
  for (const figure of document.querySelectorAll(".figure-section")) {
    if (figure.getBoundingClientRect().height > pageHeight) {
      found.push("a forest plot is longer than a page");
    }
  }
  return found;
}
