"""The documentation site: what its menus, its API pages and its equations promise is there."""

import importlib.util
import inspect
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import minifnn

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


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


def test_start_here_runs_as_it_is_written():
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / "start.md").read_text(), re.M | re.S)
    assert len(blocks) == 5
    code = "".join([OWN_DATA, *blocks]).replace("progress=True", "progress=False")
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "MPLBACKEND": "Agg"}
    )


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


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(build, tmp_path):
    for package in ("sphinx", "myst_nb", "numpydoc", "pydata_sphinx_theme", "sklearn"):
        pytest.importorskip(package)
    if not (shutil.which("npm") or list(build.cache().glob("mathjax-*.tgz"))):
        pytest.skip("no npm, and no MathJax from before")
    command = [sys.executable, str(DOCS / "build.py"), "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html" / "_static" / "mathjax" / "tex-svg-full.js").stat().st_size > 1e6
    equations = (tmp_path / "html" / "equations.html").read_text()
    for code, line in re.findall(r'href="(code/[\w.]+\.html)#(L\d+)"', equations):
        assert f'id="{line}"' in (tmp_path / "html" / code).read_text()
    for place in build.public_names().values():
        pages = (tmp_path / "html" / "api").glob("*.html")
        text = "".join(page.read_text() for page in pages)
        assert f'id="{place}"' in text or f'id="module-{place}"' in text
