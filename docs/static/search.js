// Formulas in the results of a search are typeset like those of the pages.
document.addEventListener("DOMContentLoaded", () => {
  const results = document.getElementById("search-results");
  if (!results) {
    return;
  }
  results.classList.add("mathjax_process");
  // A summary may begin or end within a formula: what is left of that is no formula. Nor is
  // what one clicks on a part of the text.
  const trim = () => {
    const walker = document.createTreeWalker(results, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.data;
      const whole = text
        .replace(/(Show|Hide) code cell source\s*/g, "")
        .replace(/^((?!\\\().)*?\\\)/s, "…")
        .replace(/\\\(((?!\\\)).)*$/s, "…");
      if (whole !== text) {
        walker.currentNode.data = whole;
      }
    }
  };
  let waiting = null;
  const typeset = () => {
    waiting = null;
    observer.disconnect();
    trim();
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
