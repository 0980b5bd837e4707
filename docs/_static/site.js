/* Formulas are drawn after the page has been laid out. Then: make those smaller that are wider than
   the screen, and go to the place in the address once more. */
function fitFormulas() {
  for (const formula of document.querySelectorAll("mjx-container")) {
    const room = formula.closest("div.math, p, li, td, dd, h1, h2, h3").clientWidth;
    const width = () => formula.firstElementChild.getBoundingClientRect().width;
    formula.style.fontSize = "";
    // more than once: browsers round the unit that formulas are measured in
    for (let size = 100; width() > room + 1 && size > 30; size = 0.97 * size * Math.min(1, room / width()))
      formula.style.fontSize = `${size}%`;
  }
}

window.addEventListener("load", async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  fitFormulas();
  window.addEventListener("resize", fitFormulas);
  if (!location.hash) return;
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (place) (place.closest("div.math") || place).scrollIntoView();
});
