// Swagger UI skips levels of headings: its groups of calls stand right below the page's title.
const page = document.getElementById("swagger-ui");
new MutationObserver(() => {
  for (const head of page.querySelectorAll(":is(h3, h4):not([aria-level])")) {
    head.setAttribute("aria-level", "2");
  }
}).observe(page, { childList: true, subtree: true });

// Its sheet has a dark half, behind a class on the root.
const system = matchMedia("(prefers-color-scheme: dark)");
function followTheme() {
  const { theme } = document.documentElement.dataset;
  document.documentElement.classList.toggle("dark-mode", theme ? theme === "dark" : system.matches);
}
followTheme();
system.addEventListener("change", followTheme);
new MutationObserver(followTheme).observe(document.documentElement, {
  attributeFilter: ["data-theme"],
});
