/* Formulas are drawn after the page has been laid out. Then: make those smaller that are wider than
   the screen, and go to the place in the address once more. */
function fitFormulas() {
  for (const box of document.querySelectorAll("mjx-container")) {
    box.style.fontSize = "";
    const room = box.closest("div.math, p, li, td, dd, h1, h2, h3").clientWidth - 1;
    const width = Math.max(box.scrollWidth, box.firstElementChild.getBoundingClientRect().width);
    if (width > room) box.style.fontSize = `${(100 * room) / width}%`;
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
