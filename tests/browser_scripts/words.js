// Every word a person sees or hears on the page, each text of an element by itself.
() => {
  const quiet = "script, style, code, pre, kbd, time, samp, .mono, .avatar, [translate=no]";
  const texts = [], attributes = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (element.closest(quiet) || element.closest("[lang]") !== document.documentElement) continue;
    if (!element.checkVisibility() && !element.closest("svg, .visually-hidden, details")) continue;
    texts.push(walk.currentNode.data);
  }
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest(quiet)) continue;
    for (const name of ["alt", "title", "aria-label", "placeholder"]) {
      if (element.hasAttribute(name)) attributes.push(element.getAttribute(name));
    }
  }
  attributes.push(document.title);
  const plain = (words) => words.map((text) => text.replace(/\s+/g, " ")).filter((text) => text.trim());
  return { texts: plain(texts), attributes: plain(attributes) };
}
