// Swagger UI skips levels of headings: its groups of calls stand right below the page's title.
const page = document.getElementById("swagger-ui");
new MutationObserver(() => {
  for (const head of page.querySelectorAll(":is(h3, h4):not([aria-level])")) {
    head.setAttribute("aria-level", "2");
  }
}).observe(page, { childList: true, subtree: true });
