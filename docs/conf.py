"""Settings of the documentation site; docs/build.py brings its pages together."""

import ast
import importlib.util
import re
import sys
from pathlib import Path

from docutils import nodes

import minifnn
import minifnn.sklearn  # before autodoc mocks torch, which scikit-learn looks for

project = "minifnn"
author = "The minifnn authors"
copyright = "the minifnn authors; texts and figures CC BY 4.0, code BSD-3-Clause"
version = release = minifnn.__version__

extensions = [
    "myst_nb",  # pages and notebooks in Markdown
    "numpydoc",  # docstrings in NumPy style
    "sphinx.ext.autodoc",
    "sphinx.ext.linkcode",  # from a name to its line of code
    "sphinx.ext.mathjax",
    "sphinx_copybutton",  # code, to the clipboard
    "sphinxext.opengraph",  # what a link to a page shows elsewhere
]
autodoc_mock_imports = ["torch"]  # only minifnn.torch needs it
autodoc_typehints = "none"  # the docstrings say it
default_role = "py:obj"  # `hvp` in a docstring is a name
numpydoc_show_class_members = False  # automodule lists them
nb_execution_mode = "off"  # the figures are stored in the notebooks
nb_ipywidgets_js = {}  # no sliders, no scripts from elsewhere
nb_merge_streams = True
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
highlight_language = "none"  # a block that is not said to be Python is none
smartquotes = False  # what is written is what is shown
exclude_patterns = ["**/README.md"]
copybutton_selector = "div.highlight pre:not(.source pre)"
ogp_social_cards = {"enable": False}  # one picture for all pages
ogp_image = "_static/card.png"

html_theme = "pydata_sphinx_theme"
html_title = "minifnn"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo, html_favicon = "_static/logo.svg", "_static/logo.svg"
html_show_sourcelink = True  # the page's own Markdown or notebook
html_sourcelink_suffix = ""
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_js_files = ["site.js"]
ALONE = ("index", "start", "how-it-works", "benchmarks", "teaching")  # nothing below them
html_sidebars = {name: [] for name in ALONE}
html_theme_options = {
    "show_prev_next": True,
    "logo": {"text": "minifnn"},
    "header_links_before_dropdown": 9,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

mathjax_path = "mathjax/tex-svg-full.js"  # one file, which asks for no other
mathjax3_config = {
    "options": {"enableMenu": False},
    "svg": {"fontCache": "local", "displayAlign": "left", "displayIndent": "0"},
}


def linkcode_resolve(domain, info):
    """Where a name is defined: a line of the page that shows its module's code."""
    names = info.get("fullname", "").split(".")
    module = sys.modules.get(info.get("module", "")) if domain == "py" else None
    home = getattr(getattr(module, names[0], None), "__module__", info.get("module", ""))
    spec = importlib.util.find_spec(home) if module else None
    if spec is None:
        return None
    path = Path(spec.origin)
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for name in names:
        node = next((node for node in body if _defines(node, name)), None)
        if node is None:
            return None
        body = getattr(node, "body", [])
    parts = path.relative_to(Path(minifnn.__file__).parent).with_suffix("").parts
    return f"../code/{'.'.join(parts)}.html#L{node.lineno}"


def _defines(node, name):
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name == name
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    return any(getattr(target, "id", None) == name for target in targets)


def plain_bars(app, what, name, obj, options, lines):
    """In docstrings |x| is an absolute value and never a substitution of reStructuredText."""
    literal = False  # inside a block that as_it_stands has marked
    for i, line in enumerate(lines):
        literal |= line == "::"
        literal &= not line or line == "::" or line.startswith(" ")
        if not literal and not line.lstrip().startswith((">>>", "...")):
            parts = re.split(r"(``.*?``|`.*?`)", line)
            parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
            lines[i] = "".join(parts)


def as_it_stands(app, what, name, obj, options, lines):
    """Before its first section, what a docstring indents is a formula: its lines stay lines."""
    sections = (i for i, line in enumerate(lines) if re.fullmatch(r"-{3,}", line.strip()))
    text = "\n".join(lines[: next(sections, len(lines))])
    rest = lines[len(text.split("\n")) :]
    paragraph = re.compile(
        r"(?:\A|(?<=\n\n))(?P<above>(?![-*] )\S.*(?:\n\S.*)*)\n\n(?=[ ]{2,}[^\s>])"
    )
    text = paragraph.sub(lambda m: m[0] if m["above"].endswith("::") else f"{m[0]}::\n\n", text)
    lines[:] = text.split("\n") + rest


def whole_formulas(app, doctree):
    r"""Hand formulas of several lines to MathJax as they are: in Sphinx's split, no \tag may be."""
    for node in doctree.findall(nodes.math_block):
        if r"\\" in node.astext() and r"\tag" in node.astext():
            node.children = [nodes.Text(rf"\[{node.astext()}\]")]
            node["no-wrap"] = node["nowrap"] = True


def found_once(app, doctree):
    """Leave the lessons with answers out of the search: without answers they are in it."""
    if app.env.docname.startswith("lessons/solved/"):
        app.env.metadata[app.env.docname]["nosearch"] = True


def bare_field(app, what, name, obj, skip, options):
    """Leave out "Alias for field number 0": the class says what its fields are."""
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field") else None


def setup(app):
    app.connect("doctree-read", whole_formulas)
    app.connect("doctree-read", found_once)
    app.connect("autodoc-skip-member", bare_field)
    app.connect("autodoc-process-docstring", as_it_stands, priority=350)
    app.connect("autodoc-process-docstring", plain_bars, priority=400)
