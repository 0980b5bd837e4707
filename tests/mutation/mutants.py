"""The faults: every place of a source where one sign, index or constant can be changed.

A mutant changes one token. Left alone are texts, type hints and what only type checkers see,
imports, and what is raised.
"""

import ast
import re
from dataclasses import dataclass, field

SWAPS = {
    **{ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*")},
    **{ast.FloorDiv: ("//", "/"), ast.Pow: ("**", "*")},
    **{ast.LShift: ("<<", ">>"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&")},
    **{ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")},
    **{ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not")},
    **{ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in")},
    **{ast.And: ("and", "or"), ast.Or: ("or", "and")},
}
NAMES = {"min": "max", "minimum": "maximum", "argmin": "argmax", "any": "all", "tril": "triu"}
NAMES |= {new: old for old, new in NAMES.items()}
SILENT = ast.Raise | ast.Import | ast.ImportFrom | ast.JoinedStr


@dataclass(frozen=True)
class Mutant:
    """One changed token: the line before and after, and the whole source after.

    `function` is "" outside functions; `statement` is the line of the innermost
    statement, `line` that of the token.
    """

    module: str
    function: str
    line: int
    before: str
    after: str
    statement: int = field(compare=False)
    source: str = field(repr=False, compare=False)

    @property
    def name(self):
        """What identifies it even when lines are added above."""
        return self.module, self.function, self.before, self.after


def mutants(module, source):
    """Every mutant of a source, in the order of its lines."""
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    found = []
    for (start, end, new), function, statement in sorted(finder.found):
        changed = (finder.text[:start] + new.encode() + finder.text[end:]).decode()
        line = finder.text[:start].count(b"\n")
        before, after = (_line(text, line) for text in (source, changed))
        found.append(Mutant(module, function, line + 1, before, after, statement, changed))
    return found


def _line(text, n):
    """A line by its number, without its comment."""
    return text.splitlines()[n].split("  #")[0].strip()


def with_probes(source):
    """The source as a tree in which each statement of a function notes that it is reached."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in [inner for function in functions for inner in ast.walk(function)]:
        for name in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(node, name, None), list):
                setattr(node, name, [new for old in block for new in (_probe(old), old)])
    return ast.fix_missing_locations(tree)


def _probe(statement):
    return ast.parse(f"__reached__.add({statement.lineno})").body[0]


def _changes_sides(test):
    """Whether another mutant of the test is its negation already."""
    if isinstance(test, ast.Compare):
        return isinstance(test.ops[0], ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In | ast.NotIn)
    return isinstance(test, ast.UnaryOp)


def _is_for_type_checkers(node):
    """Whether nothing of it is left when the code runs."""
    marks = [node.test] if isinstance(node, ast.If) else getattr(node, "decorator_list", [])
    return {ast.unparse(mark).split(".")[-1] for mark in marks} & {"TYPE_CHECKING", "overload"}


class _Finder(ast.NodeVisitor):
    """Collects (start, end, new text), with the function and the statement around it."""

    def __init__(self, source):
        self.text, self.found = source.encode(), []
        self.line_starts = [0]
        for line in self.text.splitlines(keepends=True):
            self.line_starts.append(self.line_starts[-1] + len(line))
        self.scope, self.function, self.statement = [], "", 0

    def visit(self, node):
        """Collect the mutants of a node and of what is in it."""
        if isinstance(node, SILENT) or _is_for_type_checkers(node):
            return
        outside = self.statement
        if isinstance(node, ast.stmt):
            self.statement = node.lineno
        getattr(self, f"_{type(node).__name__.lower()}", lambda node: None)(node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            self._enter(node)
        else:
            for name, value in ast.iter_fields(node):
                if name != "annotation":
                    self._each(value)
        self.statement = outside

    def _each(self, value):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                self.visit(child)

    def _enter(self, node):
        """Decorators and defaults belong outside, the body inside."""
        self._each(node.decorator_list)
        if isinstance(node, ast.FunctionDef):
            self._each(node.args.defaults)
        outside, self.scope = self.function, [*self.scope, node.name]
        if isinstance(node, ast.FunctionDef):
            self.function = ".".join(self.scope)
        self._each(node.body)
        self.scope, self.function = self.scope[:-1], outside

    # -- what is changed, by the kind of node

    def _binop(self, node):
        self._swap(node.left, node.op, node.right)

    def _compare(self, node):
        for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators):
            self._swap(left, op, right)

    def _boolop(self, node):
        for left, right in zip(node.values, node.values[1:]):
            self._swap(left, node.op, right)

    def _augassign(self, node):
        self._swap(node.target, node.op, node.value, "=")
        self._replace(self._end(node.target), self._start(node.value), " = ")

    def _unaryop(self, node):
        sign = "not " if isinstance(node.op, ast.Not) else "-"
        self._replace(self._start(node), self._start(node) + len(sign), "")

    def _constant(self, node):
        value, new = node.value, None
        if isinstance(value, bool):
            new = not value
        elif isinstance(value, int):
            new = value + 1
        elif isinstance(value, float):
            new = 2 * value or 1.0
        if new is not None:
            self._replace(self._start(node), self._end(node), repr(new))

    def _keyword(self, node):
        if node.arg == "axis" and isinstance(node.value, ast.Constant) and node.value.value == 1:
            self._replace(self._start(node.value), self._end(node.value), "0")

    def _slice(self, node):
        for bound in (node.lower, node.upper):
            if bound is not None:
                self._replace(self._start(bound), self._end(bound), "")

    def _attribute(self, node):
        if node.attr == "T":
            self._replace(self._end(node.value), self._end(node), "")
        if node.attr in NAMES:
            self._replace(self._end(node) - len(node.attr), self._end(node), NAMES[node.attr])

    def _name(self, node):
        if node.id in NAMES:
            self._replace(self._start(node), self._end(node), NAMES[node.id])

    def _if(self, node):
        if not _changes_sides(node.test):
            self._negate(node.test, "not ")

    _ifexp = _if

    def _call(self, node):
        if getattr(node.func, "attr", "") == "where":  # the other branch
            self._negate(node.args[0], "~")

    def _negate(self, test, sign):
        start, end = self._start(test), self._end(test)
        self._replace(start, end, f"{sign}({self.text[start:end].decode()})")

    # -- texts

    def _swap(self, left, op, right, suffix=""):
        """Another operator in place of the one between two operands."""
        if type(op) not in SWAPS:
            return
        old, new = (symbol + suffix for symbol in SWAPS[type(op)])
        start, end = self._end(left), self._start(right)
        gap = self.text[start:end].decode()
        self._replace(start, end, re.sub(re.escape(old), new, gap, count=1))

    def _replace(self, start, end, new):
        self.found.append(((start, end, new), self.function, self.statement))

    def _start(self, node):
        return self.line_starts[node.lineno - 1] + node.col_offset

    def _end(self, node):
        return self.line_starts[node.end_lineno - 1] + node.end_col_offset
