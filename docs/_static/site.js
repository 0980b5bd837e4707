/* Formulas are drawn after the page has been laid out: go to the place in the address once more. */
window.addEventListener("load", async () => {
  if (!location.hash) return;
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (place) (place.closest("div.math") || place).scrollIntoView();
});
