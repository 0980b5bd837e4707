"""Make the documentation site.

    python docs/build.py [--out FOLDER]

The pages of docs/, the lessons, the API reference (from docstrings) and the
package's source are collected in ``docs/_build/source``, from which Sphinx makes
``docs/_build/html``. A warning ends the build with an error. Neither building nor
reading needs a network, except for one file: MathJax, which draws the formulas, is
fetched with ``npm pack`` once and kept in the user's cache.
"""

import argparse
import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
from html import escape
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PACKAGE = ROOT / "minifnn"
ONEPAGE = ROOT / "lessons" / "onepage.py"
MATHJAX = "3.2.2"
NUMBER = r"\d+\.\d+"
IN_CODE = re.compile(rf"(?:#.*|\s{{3,}})\(({NUMBER})\)\W*$")  # as tests/test_equations.py
EQUATION = re.compile(rf"^\$\$(?:(?!\$\$).)*?\\tag\{{({NUMBER})\}}\s*\$\$$", re.M | re.S)
FOLDERS = ("benchmarks", "findings")  # what the pages show

EVENING = ("activations", "layers", "losses", "network", "optimise", "train", "hessian")
ROOMS = {  # that have pages in the API reference
    "Curvature": "curvature",
    "Figures": "plots",
    "Exercises": "lesson",
    "The published experiments": "experiments",
}
ONE_PAGE = ("plots", "lesson")  # rooms that offer their names in __init__.py
ACTIVATIONS = {  # objects, not functions: one line each
    "sigmoid": "σ(βh): the mean state of a gate that is 0 or 1, (1.5).",
    "tanh": "tanh(βh): the mean state of a gate that is -1 or 1, (1.4).",
    "esp": "h σ(βh): the expected signal of a gate, (2.1).",
    "softplus": "log(1 + exp(βh))/β: ESP plus the entropy over β, (2.11); no value at β = 0.",
    "relu": "max(h, 0): the limit of ESP without noise, (2.9). β changes nothing.",
    "scale": "βh: an output that is scaled, not bent.",
    "identity": "h: no activation at all.",
}


def main(arguments=None):
    """Collect the source and run Sphinx; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=DOCS / "_build", help="docs/_build")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    source, html = options.out / "source", options.out / "html"
    for folder in (source, html):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        assemble(source)
        code = run_sphinx(source, html)
    except BuildError as error:
        print(f"docs/build.py: {error}", file=sys.stderr)
        return 1
    add_laboratory(html / "laboratory")
    if code == 0:
        pages = len(list(html.rglob("*.html")))
        print(f"{pages} pages in {time.perf_counter() - began:.0f} s: {html / 'index.html'}")
    return code


def add_laboratory(folder):
    """Put the laboratory where Sphinx has a stand-in; its links lead to pages of the site."""
    shutil.copytree(DOCS / "laboratory", folder, dirs_exist_ok=True)
    page = folder / "index.html"
    text = page.read_text(encoding="utf-8").replace('href="../../lessons/', 'href="../lessons/')
    text = re.sub(r'(href="\.\./[\w/-]+)\.(?:md|ipynb)"', r'\1.html"', text)
    page.write_text(text, encoding="utf-8")


class BuildError(Exception):
    """An error that the user can fix."""


def run_sphinx(source, html):
    """Exit code of a build in which every warning is an error."""
    try:
        from sphinx.cmd.build import build_main
    except ImportError:
        raise BuildError("Sphinx is not installed: python -m pip install -e '.[docs]'") from None
    options = ["-q", "-W", "--keep-going", "-E", "-b", "html", *addresses()]
    return build_main([*options, "-d", f"{html.parent}/doctrees", str(source), str(html)])


def addresses():
    """What [project.urls] of pyproject.toml says, as options of Sphinx."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    settings = {"Documentation": "ogp_site_url", "Source": "html_theme_options.github_url"}
    urls = project.get("urls", {})
    return [f"-D{setting}={urls[name]}" for name, setting in settings.items() if name in urls]


def assemble(source):
    """Write everything that Sphinx reads to the folder `source`."""
    source.mkdir(parents=True)
    shutil.copy(DOCS / "conf.py", source)
    shutil.copytree(DOCS / "_static", source / "_static")
    fetch_mathjax(source / "_static" / "mathjax")
    for name in FOLDERS:
        shutil.copytree(DOCS / name, source / name, ignore=shutil.ignore_patterns("*.md"))
    for name in ("overview.webp", "start.png"):
        shutil.copy(DOCS / name, source)
    for page in pages():
        (source / page.name).write_text(page_text(page), encoding="utf-8")
    made = {"laboratory/index.md": "# Laboratory\n"} | api_pages() | code_pages() | lesson_pages()
    for name, text in made.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")


def pages():
    """The pages that are written by hand."""
    return sorted(DOCS.glob("*.md"))


def page_text(page):
    """A page as Sphinx reads it: with links that stay inside the site."""
    text = page.read_text(encoding="utf-8")
    text = text.replace("](../lessons/", "](lessons/")
    text = text.replace("](lessons/onepage.py)", "](code/onepage.md)")
    text = text.replace("](../README.md)", "](index.md)")
    text = re.sub(
        r"\]\(\.\./minifnn/([\w/]+)\.py\)", lambda m: f"](code/{m[1].replace('/', '.')}.md)", text
    )
    return equations_with_links(text) if page.stem == "equations" else text


def code_lines():
    """Where each equation is a line of code: {"5.3": [("layers", 37), ...]}."""
    places = {}
    for path in modules():
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if found := IN_CODE.search(line):
                places.setdefault(found[1], []).append((dotted(path), n))
    return places


def equations_with_links(text):
    """Below each equation, the lines of code that it becomes and the lesson that derives it."""
    places, lessons = code_lines(), {int(p.name[:2]): p.stem for p in lesson_files() if digit(p)}

    def with_links(match):
        number = match[1]
        links = [
            f'<a href="code/{name}.html#L{n}">{name.replace(".", "/")}.py:{n}</a>'
            for name, n in places[number]
        ]
        lesson = int(number.split(".")[0])
        links.append(f'<a href="lessons/{lessons[lesson]}.html#mjx-eqn:{number}">lesson</a>')
        return (
            f'\n<div class="equation" id="eq-{number}">\n\n{match[0]}\n\n'
            f'<p class="where">{" · ".join(links)}</p>\n</div>\n'
        )

    head, *rest = EQUATION.split(text)  # prose, number, prose, number, ...
    prose = [head, *rest[1::2]]
    blocks = [with_links(match) for match in EQUATION.finditer(text)]
    link = r'<a href="#eq-\1">(\1)</a>'
    prose = [re.sub(rf"(?<!# )\(({NUMBER})\)", link, part) for part in prose]
    return "".join(part for pair in zip(prose, [*blocks, ""]) for part in pair)


# ------------------------------------------------------------------------ lessons


def lesson_files():
    return sorted((ROOT / "lessons").glob("[0-9A-Z]*.ipynb"))


def digit(path):
    return path.name[0].isdigit()


TO_DO = "To do it, not only to read it: [`minifnn lessons`](../lessons.md)."


def lesson_pages():
    """The readers' notebooks with their stored figures, and the solved ones."""
    found = {}
    for path in lesson_files():
        solved = path.parent / "solved" / path.name
        name = path.name
        if not digit(path):  # nothing to solve in an appendix
            found[f"lessons/{name}"] = notebook(solved)
            continue
        found[f"lessons/{name}"] = notebook(path, f"{TO_DO} [The answers](solved/{name}).")
        found[f"lessons/solved/{name}"] = notebook(
            solved, f"With the answers. [Without](../{name})."
        )
    return found


def notebook(path, note=None):
    """A copy of a notebook for the site: sliders become the picture that they hold."""
    book = json.loads(path.read_text(encoding="utf-8"))
    states = book["metadata"].pop("widgets", {})
    states = next(iter(states.values()), {}).get("state", {})
    for cell in book["cells"]:
        if "outputs" in cell:
            cell["outputs"] = [one for old in cell["outputs"] for one in still(old, states)]
    if note:
        extra = {"cell_type": "markdown", "id": "site-note", "metadata": {}, "source": note}
        book["cells"].insert(1, extra)
    return json.dumps(book, ensure_ascii=False)


def still(output, states):
    """What a slider shows before anybody moves it; any other output as it is."""
    view = output.get("data", {}).get("application/vnd.jupyter.widget-view+json")
    if view is None:
        return [output]
    box = states.get(view["model_id"], {}).get("state", {})
    children = [states[name.removeprefix("IPY_MODEL_")] for name in box.get("children", [])]
    return [one for child in children for one in child["state"].get("outputs", [])]


# --------------------------------------------------------------- API, and the code


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def dotted(path):
    """minifnn/curvature/spectrum.py -> "curvature.spectrum"."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def api():
    """What has a page in the API reference: {title: names of modules}."""
    names = [name for name in map(dotted, modules()) if "__" not in name]
    beside = [name for name in names if "." not in name and name not in (*EVENING, "backend")]
    found = {"The evening": list(EVENING), "Beside it": beside}
    for title, room in ROOMS.items():
        inside = [name for name in names if name.startswith(f"{room}.")]
        found[title] = [room] if room in ONE_PAGE else inside
    return found


def api_pages():
    """A page for each module of the API, whose text is its docstrings."""
    found = {}
    lines = ["# API reference", "", API_INTRO, ""]
    homes = public_names()
    lines += [", ".join(f"{{py:obj}}`{name} <{home}>`" for name, home in homes.items()) + ".", ""]
    for title, names in api().items():
        lines += [f"## {title}", ""]
        for name in names:
            lines.append(f"- [`minifnn.{name}`]({name}.md): {first_line(source_of(name))}")
            found[f"api/{name}.md"] = api_page(name)
        lines.append("")
    every = [name for names in api().values() for name in names]
    lines += ["```{toctree}", ":hidden:", "", *every, "```", ""]
    found["api/index.md"] = "\n".join(lines)
    return found


def source_of(name):
    """The file of a module: "plots" -> minifnn/plots/__init__.py."""
    path = PACKAGE.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


API_INTRO = """\
Made from the docstrings. After `import minifnn as mf` these names are in `mf`; the others are
imported from their modules."""


def api_page(name):
    lines = [f"# minifnn.{name}", "", "```{eval-rst}", f".. automodule:: minifnn.{name}"]
    lines += ["   :members:", "   :member-order: bysource"]
    if name == "sklearn":  # made by scikit-learn, which documents them
        lines += ["   :exclude-members: set_fit_request, set_score_request"]
    if name == "activations":
        lines += ["   :exclude-members: " + ", ".join(ACTIVATIONS)]
        for activation, text in ACTIVATIONS.items():
            lines += ["", f".. py:data:: minifnn.activations.{activation}", "", f"   {text}"]
    return "\n".join([*lines, "```", ""])


def public_names():
    """Names of minifnn.__all__, each with the place of its docstring: {name: dotted path}."""
    import minifnn

    things = {name: getattr(minifnn, name) for name in minifnn.__all__}
    return {
        name: thing.__name__ if inspect.ismodule(thing) else f"{thing.__module__}.{name}"
        for name, thing in things.items()
    }


def first_line(path):
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n")[0]


def code_pages():
    """The source of each module: every line has an anchor, every equation number a link."""
    files = {"onepage": ONEPAGE} | {name: source_of(name) for name in EVENING}
    files |= {dotted(path): path for path in modules()}
    pages = {f"code/{name}.md": code_page(path) for name, path in files.items()}
    lines = ["# The code", "", CODE_INTRO, ""]
    for name, path in files.items():
        lines.append(f"- [`{name_in_tree(path)}`]({name}.md): {first_line(path)}")
    lines += ["", "```{toctree}", ":hidden:", "", *files, "```", ""]
    return pages | {"code/index.md": "\n".join(lines)}


def name_in_tree(path):
    """curvature/spectrum.py, as the floor plan has it."""
    return path.relative_to(PACKAGE if PACKAGE in path.parents else ROOT).as_posix()


WIDE = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n"
CODE_INTRO = """\
Each file as it is; begin with `lessons/onepage.py`. Where a line ends in `# (5.3)`, it is the line
that equation 5.3 becomes, and the number leads to the [equation](../equations.md).
[How it works](../how-it-works.md) says which file to read next."""


def code_page(path):
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    text = path.read_text(encoding="utf-8")
    defined = set(re.findall(rf"\\tag\{{({NUMBER})\}}", (DOCS / "equations.md").read_text()))
    coloured = highlight(text, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    rows = []
    for n, (plain, line) in enumerate(zip(text.splitlines(), coloured.splitlines()), 1):
        in_comment = re.findall(rf"\(({NUMBER})\)", plain.partition("#")[2])
        for number in {*in_comment, *IN_CODE.findall(plain)} & defined:
            link = f'<a href="../equations.html#eq-{number}">({number})</a>'
            line = link.join(line.rsplit(f"({number})", 1))
        rows.append(f'<span class="line" id="L{n}"><a class="n" href="#L{n}">{n}</a>{line}</span>')
    listing = '<div class="highlight source"><pre>' + "\n".join(rows) + "</pre></div>"
    name = escape(name_in_tree(path)).replace("_", r"\_")
    return f"{WIDE}# {name}\n\n``````{{raw}} html\n{listing}\n``````\n"


# ------------------------------------------------------------------------ MathJax


def cache():
    """Where MathJax is kept between builds: outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "minifnn-docs"


def fetch_mathjax(target):
    """Put MathJax's one file and its licence into the folder `target`."""
    archive = cache() / f"mathjax-{MATHJAX}.tgz"
    if not archive.exists():
        cache().mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", f"mathjax@{MATHJAX}", "--fetch-retries=1"]
        try:
            subprocess.run(command, cwd=cache(), check=True, capture_output=True, text=True)
        except FileNotFoundError:
            raise BuildError(f"neither npm nor {archive} is there. {ADVICE}") from None
        except subprocess.CalledProcessError as error:
            raise BuildError(f"npm pack failed: {error.stderr.strip()}\n{ADVICE}") from None
    target.mkdir(parents=True)
    try:
        with tarfile.open(archive) as file:
            for name in ("es5/tex-svg-full.js", "LICENSE"):
                content = file.extractfile(f"package/{name}").read()
                (target / Path(name).name).write_bytes(content)
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise BuildError(f"{archive} is broken ({error}); delete it and try again") from None


ADVICE = (
    "MathJax draws the formulas. Install npm, or put the archive of the npm package "
    f"mathjax {MATHJAX} there by hand."
)

if __name__ == "__main__":
    raise SystemExit(main())
