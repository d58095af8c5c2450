// Formulas in the results of a search are typeset like those of the pages.
document.addEventListener("DOMContentLoaded", () => {
  const results = document.getElementById("search-results");
  if (!results) {
    return;
  }
  results.classList.add("mathjax_process");
  let waiting = null;
  const typeset = () => {
    waiting = null;
    observer.disconnect();
    MathJax.startup.promise
      .then(() => MathJax.typesetPromise([results]))
      .finally(() => observer.observe(results, { childList: true, subtree: true }));
  };
  // Results arrive one by one; their summaries later.
  const observer = new MutationObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(typeset, 200);
  });
  observer.observe(results, { childList: true, subtree: true });
});
