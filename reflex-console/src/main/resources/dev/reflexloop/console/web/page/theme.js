// Classic and first, so that the page never flashes in the other theme.
(function () {
  const chosen = localStorage.getItem("reflex.theme");
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
})();
