// WCAG 1.4.12: the spacing that people may set.
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * {
      line-height: 1.5 !important;
      letter-spacing: .12em !important;
      word-spacing: .16em !important;
    }
    p { margin-bottom: 2em !important; }
  `);
  document.adoptedStyleSheets.push(sheet);
}
