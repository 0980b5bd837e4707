"""Slips in the source of a solution: those listed with an exercise, and every single one.

The second kind changes one node of the solution's syntax tree: a factor or a term left out, a
sign, an axis, a name in the place of another. Of each is said what it is "as if".
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Collection, Iterator
from itertools import combinations
from typing import Any

from .._util.validation import expect
from .exercise import Exercise

EXCHANGED = (  # NumPy's functions that are taken for each other
    ("sum", "mean", "max", "min", "prod", "median", "std", "linalg.norm", "any", "all"),
    ("argmax", "argmin"),
    ("maximum", "minimum"),
    ("exp", "expm1", "exp2"),
    ("log", "log1p", "log2", "log10"),
    ("rint", "floor", "ceil", "trunc"),
    ("triu_indices", "tril_indices"),
)
COMPARED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
TURNED = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}


def listed(exercise: Exercise, together: int = 1) -> Iterator[tuple[str, Any]]:
    """The listed mutants with their messages; `together`, so many edits at once."""
    edits = {}
    for message, mutant in exercise.mutants.items():
        if callable(exercise.solution) and isinstance(mutant, tuple):
            edits[message] = [mutant] if isinstance(mutant[0], str) else list(mutant)
        elif together == 1:
            yield message, mutant
    for group in combinations(edits, together):
        try:
            function = edited(exercise.solution, [one for each in group for one in edits[each]])
        except (ValueError, SyntaxError) as error:
            if together == 1:
                raise ValueError(f"{group[0]!r}: {error}") from None
            continue  # edits of one place
        numbered = " ".join(f"({n}) {message}" for n, message in enumerate(group, start=1))
        several = f"There are {together} slips. {numbered}"
        yield several if together > 1 else group[0], function


def edited(function: Callable, edits: list[tuple[str, str]]) -> Callable:
    """The function with each (old, new) put into its source, where `old` stands once."""
    source = textwrap.dedent(inspect.getsource(function))
    for old, new in edits:
        found = f"{source.count(old)} times in {function.__name__}"
        expect(source.count(old) == 1, "an edit", f"{old!r} once, the docstring counts", found)
        source = source.replace(old, new)
    return _compiled(ast.parse(source), function)


def _compiled(tree, function):
    """The function of this name that a syntax tree defines."""
    names = dict(function.__globals__)
    exec(compile(tree, f"<{function.__name__}>", "exec"), names)
    return names[function.__name__]


def unlisted(
    exercise: Exercise, known: dict[str, Any], kind: str, right: Collection[str] = ()
) -> Iterator[tuple[str, Callable]]:
    """Every function that slips of a kind make of the solution, with what it is as if.

    The kinds: a "form" that is another, a "other" name, number or brackets, "two" forms. No
    expression is told that holds a name not `known` to the learner; a name stands in the place
    of another of its shape. Lines are left alone that compute what the learner has `right`.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(exercise.solution)))
    if any(isinstance(node, ast.While) for node in ast.walk(tree)):
        return  # it might never end
    variants = _others if kind == "other" else _forms
    for n, first in _slips(tree, known, variants, right):
        if kind != "two":
            yield first, _compiled(tree, exercise.solution)
            continue
        for m, second in _slips(tree, known, variants, right):
            if m > n:
                yield f"{first}, and {second}", _compiled(tree, exercise.solution)


def _slips(tree, known, variants, right):
    """Put one slip after the other into a syntax tree: its place and what it is as if."""
    lines = [line for line in tree.body[0].body if not _computes(line) <= set(right)]
    nodes = [node for line in lines for node in ast.walk(line)]
    for n, parent in enumerate(nodes):
        for field, value in list(vars(parent).items()):
            holder: Any = value if isinstance(value, list) else vars(parent)
            for key in range(len(value)) if isinstance(value, list) else (field,):
                node = holder[key]
                for message, new in variants(node, known):
                    holder[key] = ast.fix_missing_locations(ast.copy_location(new, node))
                    yield n, message
                    holder[key] = node


def _computes(line):
    """The names to which a line gives a value; its own text for a line that gives none."""
    names = (node for node in ast.walk(line) if isinstance(node, ast.Name))
    return {n.id for n in names if isinstance(n.ctx, ast.Store)} or {ast.unparse(line)}


def _told(part, known, otherwise):
    """An expression itself, if it is short and its names are known."""
    names = {inner.id for inner in ast.walk(part) if isinstance(inner, ast.Name)}
    text = ast.unparse(part)
    return text if len(text) <= 16 and names <= known.keys() | {"np", "len"} else otherwise


def _others(node, known):
    """A name or a whole number in another's place, or brackets: (what it is as if, the new)."""
    match node:
        case ast.BinOp(
            left, ast.Mult() | ast.Div() as op, ast.BinOp(a, ast.Add() | ast.Sub() as plus, b)
        ):
            yield "brackets around a sum were missing", ast.BinOp(ast.BinOp(left, op, a), plus, b)
        case ast.BinOp(
            ast.BinOp(a, ast.Add() | ast.Sub() as plus, b), ast.Mult() | ast.Div() as op, right
        ):
            yield "brackets around a sum were missing", ast.BinOp(a, plus, ast.BinOp(b, op, right))
        case ast.BinOp(left, ast.Div() as op, ast.BinOp(a, ast.Mult() | ast.Div() as by, b)):
            yield "brackets below a fraction were missing", ast.BinOp(ast.BinOp(left, op, a), by, b)
        case ast.BinOp(left, ast.Pow(), ast.BinOp(a, op, b)):
            yield (
                "brackets in a power were missing",
                ast.BinOp(ast.BinOp(left, ast.Pow(), a), op, b),
            )
            yield "a power were a product", ast.BinOp(left, ast.Mult(), node.right)
        case ast.BinOp(ast.Call(func, [one], []), ast.Add() | ast.Sub() as op, right):
            inside = ast.Call(func, [ast.BinOp(one, op, right)], [])
            yield f"one term more stood inside {ast.unparse(func)}()", inside
        case ast.Call(func, [ast.BinOp(one, ast.Add() | ast.Sub() as op, right)], []):
            outside = ast.BinOp(ast.Call(func, [one], []), op, right)
            yield f"one term stood outside {ast.unparse(func)}()", outside
            outside = ast.BinOp(one, op, ast.Call(func, [right], []))
            yield f"one term stood outside {ast.unparse(func)}()", outside
        case ast.Constant(int(n)) if not isinstance(n, bool):
            for m in sorted({n + 1, n - 1, 1 - n}):
                yield f"{n} were {m}", ast.Constant(m)
        case ast.Name(name, ast.Load()):
            what = name if name in known else "another quantity"
            for other, shape in known.items():
                if other != name and known.get(name, shape) == shape:
                    yield f"{other} stood in the place of {what}", ast.Name(other, ast.Load())
            for other in known:
                factor = ast.Name(other, ast.Load())
                yield (
                    f"there were a factor {other} too many in one place",
                    ast.BinOp(node, ast.Mult(), factor),
                )
                yield (
                    f"a factor {other} were missing in one place",
                    ast.BinOp(node, ast.Div(), factor),
                )


def _forms(node, known):
    """What one slip makes of an expression: (what it is as if, the new expression)."""

    def told(part, otherwise):
        return _told(part, known, otherwise)

    match node:
        case ast.BinOp(left, ast.Mult(), right):
            for one, other in ((left, right), (right, left)):
                factor = told(one, "one factor")
                yield f"{factor} were missing in a product", other
                yield f"{factor} stood twice in a product", ast.BinOp(one, node.op, node)
                yield f"{factor} divided, and did not multiply", ast.BinOp(other, ast.Div(), one)
        case ast.BinOp(left, ast.Div(), right):
            divisor = told(right, "the divisor")
            yield f"the division by {divisor} were missing", left
            yield f"you divided by {divisor} twice", ast.BinOp(node, node.op, right)
            yield "you divided without the rest (//)", ast.BinOp(left, ast.FloorDiv(), right)
            yield f"{divisor} multiplied, and did not divide", ast.BinOp(left, ast.Mult(), right)
            yield "a fraction stood upside down", ast.BinOp(right, node.op, left)
        case ast.BinOp(left, ast.Add() | ast.Sub() as op, right):
            first, second = told(left, "one term"), told(right, "one term")
            minus = ast.Sub() if isinstance(op, ast.Add) else ast.Add()
            alone = right if isinstance(op, ast.Add) else ast.UnaryOp(ast.USub(), right)
            yield f"{second} had the other sign", ast.BinOp(left, minus, right)
            yield f"{first} had the other sign", ast.BinOp(ast.UnaryOp(ast.USub(), left), op, right)
            yield f"{second} were missing in a sum", left
            yield f"{first} were missing in a sum", alone
            yield f"{second} stood twice in a sum", ast.BinOp(node, op, right)
        case ast.BinOp(left, ast.Pow(), right):
            yield f"the power of {told(left, 'one factor')} were missing", left
        case ast.BinOp(left, ast.MatMult(), right):
            rows = ast.parse(f"len({ast.unparse(right)})", mode="eval").body
            yield "a product of matrices were a mean, not a sum", ast.BinOp(node, ast.Div(), rows)
            yield "a product of matrices had the other sign", ast.UnaryOp(ast.USub(), node)
        case ast.UnaryOp(ast.USub(), operand):
            yield f"the minus before {told(operand, 'one term')} were missing", operand
        case ast.Compare(left, [op], [right]) if type(op) in COMPARED:
            yield (
                "a comparison took the case of equality the other way",
                ast.Compare(left, [COMPARED[type(op)]()], [right]),
            )
            yield "a comparison were turned round", ast.Compare(left, [TURNED[type(op)]()], [right])
        case ast.Attribute(value, "T"):
            yield f"{told(value, 'one matrix')} were not transposed", value
        case ast.Call(ast.Attribute(value, attr) as func, args, keywords):
            inner = args[0] if ast.unparse(value) == "np" and args else value
            given = args if ast.unparse(value) == "np" else [value, *args]
            for taken in (name for group in EXCHANGED if attr in group for name in group):
                new = ast.parse(f"np.{taken}", mode="eval").body
                yield f"you took {taken} in the place of {attr}", ast.Call(new, given, keywords)
            yield f"{attr}() were missing", inner
            for k in keywords:
                if k.arg == "axis":
                    rest = [word for word in keywords if word is not k]
                    yield f"{attr}() went over all axes, not one", ast.Call(func, args, rest)
                    for axis in (0, 1):
                        turned = [*rest, ast.keyword("axis", ast.Constant(axis))]
                        yield f"{attr}() went over axis {axis}", ast.Call(func, args, turned)
