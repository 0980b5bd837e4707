"""The documentation site: what its menus, its API pages and its equations promise is there."""

import functools
import http.server
import importlib.util
import inspect
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from importlib import import_module
from pathlib import Path

import pytest

import minifnn

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)


@pytest.fixture(scope="module")
def build():
    """docs/build.py as a module; it needs Sphinx only where it runs it."""
    spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(build):
    """Every page as Sphinx will see it, without the code pages: {name: text}."""
    pages = {page.name: build.page_text(page) for page in build.pages()}
    pages["laboratory/index.md"] = "# Laboratory"  # a stand-in for the page that is copied there
    return pages | build.api_pages() | build.lesson_pages()


def menus(text):
    """What the toctrees of a page list."""
    blocks = re.findall(r"^```\{toctree\}\n(.*?)^```", text, flags=re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    entries = [line for line in lines if line and not line.startswith(":")]
    return [re.sub(r".*<(.*)>", r"\1", entry) for entry in entries]


def test_every_page_in_a_menu_exists_and_every_page_is_in_one(build, written):
    code = {f"code/{name}" for name in ("index", "onepage", *map(build.dotted, build.modules()))}
    there = {name.rsplit(".", 1)[0] for name in written} | code
    listed = [
        f"{name.rpartition('/')[0]}/{entry}".lstrip("/")
        for name, text in written.items()
        if name.endswith(".md")
        for entry in menus(text)
    ]
    assert len(set(listed)) == len(listed)
    assert set(listed) - there == set()
    assert there - code - {"index"} - set(listed) == set()


def test_every_link_between_pages_leads_somewhere(build, written):
    files = ("index", "onepage", *map(build.dotted, build.modules()))
    code = {f"code/{name}.md" for name in files}
    for name, text in written.items():
        folder = Path(name).parent
        for link in re.findall(r"\]\(([^)\s:]+\.(?:md|ipynb))(?:#[^)]*)?\)", text):
            place = (ROOT / "x" / folder / link).resolve().relative_to(ROOT / "x").as_posix()
            assert place in written or place in code, f"{name} links to {link}"


def test_every_public_name_has_a_place_on_an_api_page(build, written):
    names = build.public_names()
    assert list(names) == minifnn.__all__
    for name, place in names.items():
        assert f"`{name} <{place}>`" in written["api/index.md"]
        thing = getattr(minifnn, name)
        module = place if inspect.ismodule(thing) else thing.__module__
        page = written[f"api/{module.removeprefix('minifnn.')}.md"]
        assert f"automodule:: {module}\n" in page
        assert inspect.getdoc(thing)  # automodule leaves out what has none


def test_every_activation_is_described(build):
    activations = import_module("minifnn.activations")
    assert set(build.ACTIVATIONS) == set(activations.ACTIVATIONS)


def test_every_equation_leads_to_its_lines_and_back(build, written):
    page, places = written["equations.md"], build.code_lines()
    tags = re.findall(r"\\tag\{(\d+\.\d+)\}", page)
    assert set(tags) == set(places)
    code = build.code_pages() if importlib.util.find_spec("pygments") else {}
    for number in tags:
        assert page.count(f'id="eq-{number}"') == 1
        for module, line in places[number]:
            assert f'href="code/{module}.html#L{line}"' in page
            text = build.source_of(module).read_text().splitlines()[line - 1]
            assert f"({number})" in text
            if code:
                (row,) = re.findall(rf'^.*id="L{line}".*$', code[f"code/{module}.md"], flags=re.M)
                assert f'href="../equations.html#eq-{number}"' in row


def test_the_text_of_equations_stays_what_it_was(build, written):
    """Taking the links out again gives docs/equations.md, up to empty lines."""
    page = re.sub(r'<p class="where">.*</p>|</?div.*>|</?a\b[^>]*>', "", written["equations.md"])
    assert page.split() == (DOCS / "equations.md").read_text().split()


def test_a_slider_becomes_the_picture_that_it_holds(build):
    picture = {"output_type": "display_data", "data": {"image/png": "..."}, "metadata": {}}
    states = {
        "box": {"state": {"children": ["IPY_MODEL_slider", "IPY_MODEL_out"]}},
        "slider": {"state": {"value": 1.0}},
        "out": {"state": {"outputs": [picture]}},
    }
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "box"}}
    assert build.still({"output_type": "display_data", "data": view}, states) == [picture]
    assert build.still(picture, states) == [picture]


OWN_DATA = """
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
X, X_test, y, y_test = train_test_split(*load_iris(return_X_y=True), random_state=0)
"""


def test_start_here_prints_what_it_shows():
    """Of a line with more digits than three, the words: the last digits depend on the machine."""
    page = (DOCS / "start.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```(?:\n\n```\n(.*?)^```)?", page, re.M | re.S)
    assert len(blocks) == 5
    code = "".join([OWN_DATA, *(code for code, _ in blocks)]).replace("progress=True", "")
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    got, shown = done.stdout.splitlines(), "".join(out for _, out in blocks).splitlines()
    assert len(got) > len(shown) > 5  # what is printed of one's own data is not shown
    for one, other in zip(got, shown):
        long = re.search(r"\d\.\d+e", other)
        assert one.split()[0] == other.split()[0] if long else one == other


def test_addresses_come_from_one_place(build, tmp_path, monkeypatch):
    filled = '[project.urls]\nSource = "https://a.org/b"\nDocumentation = "https://a.org/c/"\n'
    (tmp_path / "pyproject.toml").write_text(filled)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    there = ["-Dogp_site_url=https://a.org/c/", "-Dhtml_theme_options.github_url=https://a.org/b"]
    assert build.addresses() == there


def test_no_address_of_a_registry(build):
    text = (DOCS / "build.py").read_text() + (DOCS / "conf.py").read_text()
    assert not re.search(r"https?://", text)


def test_without_npm_the_error_says_what_to_do(build, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(build.BuildError, match="Install npm"):
        build.fetch_mathjax(tmp_path / "mathjax")


def test_a_broken_archive_is_named(build, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    archive = build.cache() / f"mathjax-{build.MATHJAX}.tgz"
    archive.parent.mkdir()
    archive.write_bytes(b"half of a download")
    with pytest.raises(build.BuildError, match="broken"):
        build.fetch_mathjax(tmp_path / "mathjax")


PACKAGES = (
    "sphinx myst_nb numpydoc pydata_sphinx_theme sphinx_copybutton sphinxext.opengraph sklearn"
)


@pytest.fixture(scope="module")
def site(build, tmp_path_factory):
    """The folder of the built site; MINIFNN_SITE names one that is there already."""
    if there := os.environ.get("MINIFNN_SITE"):
        return Path(there)
    for package in PACKAGES.split():
        pytest.importorskip(package)
    if not (shutil.which("npm") or list(build.cache().glob("mathjax-*.tgz"))):
        pytest.skip("no npm, and no MathJax from before")
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(DOCS / "build.py"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out / "html"


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(build, site):
    assert (site / "_static" / "mathjax" / "tex-svg-full.js").stat().st_size > 1e6
    equations = (site / "equations.html").read_text()
    for code, line in re.findall(r'href="(code/[\w.]+\.html)#(L\d+)"', equations):
        assert f'id="{line}"' in (site / code).read_text()
    for place in build.public_names().values():
        text = "".join(page.read_text() for page in (site / "api").glob("*.html"))
        assert f'id="{place}"' in text or f'id="module-{place}"' in text


@pytest.mark.slow
def test_the_laboratory_is_whole_and_one_step_away(site):
    page = (site / "laboratory" / "index.html").read_text()
    for link in re.findall(r'(?:href|src)="(?!https?:|data:|#)([^"#?]+)', page):
        assert (site / "laboratory" / link).resolve().exists(), link
    assert 'href="../index.html"' in page
    assert 'class="nav-link nav-internal" href="laboratory/index.html"' in re.sub(
        r"\s+", " ", (site / "index.html").read_text()
    )


@pytest.mark.slow
def test_a_lesson_is_found_once(site):
    index = json.loads((site / "searchindex.js").read_text()[len("Search.setIndex(") : -1])
    titles = [title for title in index["titles"] if re.match(r"(Lesson )?\d+[.:]", title)]
    assert len(titles) == len(set(titles)) > 10


@pytest.mark.slow
def test_a_page_has_a_preview_a_picture_and_its_source(site):
    page = (site / "lessons" / "01_gate.html").read_text()
    for what in ("og:title", "og:description", "og:image", 'rel="icon"', "copybutton.js"):
        assert what in page, what
    source = re.search(r'href="\.\./(_sources/[^"]*)"', page)[1]
    assert (site / source).exists()


class Server(http.server.ThreadingHTTPServer):
    """The site, and at /widths.html a page that measures it and sends its answer back."""

    def __init__(self, site, pages):
        text = (Path(__file__).with_name("widths.html")).read_text()
        self.page = text.replace("PAGES = []", f"PAGES = {json.dumps(pages)}").encode()
        self.answers = queue.Queue()
        handler = functools.partial(Handler, directory=str(site))
        super().__init__(("127.0.0.1", 0), handler)


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/widths.html":
            return super().do_GET()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.page)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        self.server.answers.put(json.loads(body))

    def log_message(self, *_):
        pass


KINDS = """index start lessons reproduce findings spectra how-it-works reference equations glossary
trust mutation benchmarks teaching solved lessons/02_signal lessons/10_hessian lessons/B_mathematics
lessons/solved/05_backward api/index api/hessian api/curvature.spectrum code/index code/hessian
code/onepage"""


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_every_kind_of_page_fits_a_phone_and_a_screen(site, tmp_path):
    """At 390 and 1300 px, light and dark: no clipped formula or line of code, one row of header."""
    flags = """--headless=new --no-sandbox --disable-gpu --disable-background-networking
    --window-size=1400,1000 --remote-debugging-port=0"""
    with Server(site, [f"{name}.html" for name in KINDS.split()]) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/widths.html"
        command = [CHROMIUM, *flags.split(), f"--user-data-dir={tmp_path}", address]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as browser:
            try:
                answer = server.answers.get(timeout=900)
            finally:
                browser.terminate()
                server.shutdown()
    assert answer["found"] == []
    assert answer["formulas"] > 1000
    assert answer["smallest"] > 0.4  # of the size of the text
