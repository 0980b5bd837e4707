"""The authors' record: files that are not to be trusted, and a copy made for the purpose."""

import csv
import io
import json
import pickle
import re
import shutil
import struct
import time

import numpy as np
import pytest
from authors_copy import data_of, save, write_copy, write_run
from helpers import RECORD, largest

import minifnn as mf
from minifnn._util.files import own_folder
from minifnn.experiments.replication import compare as replay
from minifnn.experiments.replication import record as authors
from minifnn.experiments.replication import report as report
from minifnn.experiments.replication import unpickle as _npy
from minifnn.experiments.replication.compare import SingleAdam, mean_factor
from minifnn.experiments.replication.record import find_runs, read_run
from minifnn.experiments.replication.unpickle import read_npy

# ------------------------------------------------------------- files as they may be


def with_header(path, shape, code, dtype="|O"):
    """An .npy file with any bytes behind a proper header."""
    stream = io.BytesIO()
    about = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, about)
    path.write_bytes(stream.getvalue() + code)
    return path


def ragged():
    """Lists of pairs as their framework gave them: (gradient, value) of two variables."""
    rng = np.random.default_rng(5)
    pairs = np.empty((3, 2, 2), object)
    for index in np.ndindex(3, 2):
        shape = (4, 2) if index[1] == 0 else (4, 1)
        pairs[(*index, 0)], pairs[(*index, 1)] = rng.normal(size=(2, *shape))
    return pairs


def same(found, wanted):
    """Is the same there, as lists within lists, down to the last bit?"""
    if isinstance(found, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    return np.array_equal(found, wanted) and np.asarray(found).dtype == np.asarray(wanted).dtype


@pytest.mark.parametrize(
    "values",
    [
        np.arange(6.0),
        np.arange(6, dtype=np.float32).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([1 + 2j, 3]),
        np.arange(4, dtype=">i2"),
        np.zeros((0, 3)),
        np.array(1.5),
    ],
    ids=str,
)
def test_plain_files_are_read_as_numpy_reads_them(tmp_path, values):
    np.save(tmp_path / "a.npy", values)
    found = read_npy(tmp_path / "a.npy")
    assert np.array_equal(found, values) and found.shape == values.shape


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("core", [b"numpy._core", b"numpy.core"])
def test_lists_of_arrays_are_read_whatever_the_protocol(tmp_path, protocol, core):
    code = pickle.dumps(ragged(), protocol)
    if protocol < 4:  # there a name is a line of its own
        code = code.replace(b"numpy._core", core)
    assert same(read_npy(with_header(tmp_path / "a.npy", (3, 2, 2), code)), ragged())


@pytest.mark.parametrize(
    "entry",
    [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(3, dtype=np.float32),
        np.arange(3, dtype=">f8"),
        np.array([1j, 2.0]),
        np.array([True, False]),
        np.float32(0.5),
        [1, 2.5, 10**20, -3, True],
        (np.arange(2), [np.float64(1)]),
    ],
    ids=str,
)
def test_entries_of_every_kind(tmp_path, entry):
    values = np.empty(2, object)
    values[0], values[1] = entry, np.zeros(1)
    np.save(tmp_path / "a.npy", values, allow_pickle=True)
    assert same(read_npy(tmp_path / "a.npy"), [entry, np.zeros(1)])


def test_an_array_without_dimensions_that_holds_a_list(tmp_path):
    values = np.empty((), object)
    values[()] = [np.arange(3.0), np.arange(2.0)]
    np.save(tmp_path / "a.npy", values, allow_pickle=True)
    assert same(read_npy(tmp_path / "a.npy"), [np.arange(3.0), np.arange(2.0)])


def test_objects_in_the_order_of_fortran(tmp_path):
    np.save(tmp_path / "a.npy", np.asfortranarray(ragged()), allow_pickle=True)
    assert same(read_npy(tmp_path / "a.npy"), ragged())


RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
FLOAT = (
    b"cnumpy\ndtype\n(U\x02f8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
)
OBJECT = b"cnumpy\ndtype\n(U\x02O8K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"


def array(n, dtype, content):
    """The words by which Python 2 pickled an array of n entries."""
    return (
        RECONSTRUCT
        + b"(K\x01J"
        + struct.pack("<i", n)
        + b"\x85"
        + dtype
        + b"\x89"
        + content
        + b"tb"
    )


def of_objects(n, content):
    return b"\x80\x02" + array(n, OBJECT, content) + b"."


def text(raw, way):
    """A str of Python 2: short, long, or in quotes as in protocol 0."""
    if way == "quoted":
        return b"S" + repr(raw)[1:].encode() + b"\n"
    return (
        b"U" + bytes([len(raw)]) + raw
        if way == "short"
        else b"T" + struct.pack("<i", len(raw)) + raw
    )


@pytest.mark.parametrize("way", ["short", "long", "quoted"])
def test_what_python_2_wrote(tmp_path, way):
    values = np.array([1.5, -0.1, 1e300])
    entry = array(3, FLOAT, text(values.tobytes(), way))
    path = with_header(tmp_path / "a.npy", (1,), of_objects(1, b"]" + entry + b"a"))
    assert same(read_npy(path), [values])
    if way != "quoted":  # NumPy would execute the file; this one is our own
        assert same(list(np.load(path, allow_pickle=True, encoding="latin1")), [values])


def test_the_header_of_python_2(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3))
    old = (tmp_path / "a.npy").read_bytes().replace(b"(2, 3), ", b"(2L, 3L)")
    (tmp_path / "a.npy").write_bytes(old)
    assert np.array_equal(read_npy(tmp_path / "a.npy"), np.arange(6.0).reshape(2, 3))


# ------------------------------------------------------------ files that mean no good


class Caller:
    """Pickles as a call of any function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def hostile_objects(marker):
    """Entries whose unpickling would leave a marker behind, or call NumPy."""
    import os

    yield Caller(os.system, f"touch {marker}")
    yield Caller(eval, f"open({str(marker)!r}, 'w')")
    yield Caller(np.save, str(marker), 1)
    yield Caller(np.ones, 3)
    yield Caller(np.load, "a.npy")
    yield np.dtype([("a", "f8")])
    yield np.array([(1.0,)], dtype=[("a", "f8")])
    yield np.array(["2020-01-01"], dtype="M8[D]")
    yield np.array(["text"])
    yield {"a": 1}
    yield {1, 2}
    yield "text"
    yield None
    yield 1j


def test_nothing_is_executed(tmp_path):
    marker = tmp_path / "marker"
    for n, entry in enumerate(hostile_objects(marker)):
        values = np.empty(1, object)
        values[0] = entry
        path = tmp_path / f"{n}.npy"
        for protocol in range(6):
            with_header(path, (1,), pickle.dumps(values, protocol))
            with pytest.raises(ValueError, match=rf"{n}\.npy is refused: ."):
                read_npy(path)
    assert sorted(tmp_path.glob("marker*")) == []


ONE = b"]" + array(1, FLOAT, b"U\x08" + bytes(8)) + b"a"  # a list of one array


def bomb():
    """Seven lists, each with the one before it a hundred times: 10^14 numbers."""
    levels = [b"]q\x00(" + b"K\x01" * 100 + b"e0"]
    for n in range(1, 7):
        levels.append(b"]q" + bytes([n]) + b"(" + (b"h" + bytes([n - 1])) * 100 + b"e0")
    return b"\x80\x02" + b"".join(levels) + array(100, OBJECT, b"h\x06") + b"."


HOSTILE = {
    "nothing": b"",
    "no pickle": b"hello",
    "a name that no array needs": b"cos\nsystem\n(U\x02lstR.",
    "a private part of NumPy": b"cnumpy.testing._private.utils\nrunstring\n(U\x011}tR.",
    "a module with a name like NumPy's": b"cmultiarray\n_reconstruct\n)R.",
    "a name made on the stack": b"\x80\x04\x8c\x02os\x8c\x06system\x93)R.",
    "a name that is a number": b"\x80\x04K\x01K\x02\x93)R.",
    "a persistent id": b"Pname\n.",
    "a persistent id from the stack": b"U\x04nameQ.",
    "an extension": b"\x82\x01.",
    "an instance": b"(ios\nsystem\n.",
    "a call of what is no function": b"K\x01)R.",
    "a call of the array type": b"cnumpy\nndarray\n)R.",
    "state for what is no array": b"]K\x01\x85b.",
    "nothing on the stack": b"0.",
    "no mark": b"t.",
    "recalled without being kept": b"h\x05.",
    "kept without being there": b"q\x05.",
    "an append to a number": b"K\x01K\x02a.",
    "bytes that are not there": b"\x8e" + b"\xff" * 7 + b"\x0f.",
    "a text that is not there": b"X\xff\xff\xff\x7fabc.",
    "a bytearray that is not there": b"\x80\x05\x96" + b"\xff" * 7 + b"\x0f.",
    "no array": b"K\x01.",
    "an array that was not filled": RECONSTRUCT + b".",
    "another shape than the header's": of_objects(2, b"](K\x01K\x01e"),
    "fewer objects than the shape": of_objects(1, b"]"),
    "a thousand million objects": of_objects(10**9, b"]"),
    "fewer than none": of_objects(-1, b"]"),
    "objects as bytes": of_objects(1, b"U\x08" + bytes(8)),
    "too few bytes": of_objects(1, b"]" + array(2, FLOAT, b"U\x08" + bytes(8)) + b"a"),
    "a thousand million numbers": of_objects(1, b"]" + array(10**9, FLOAT, b"U\x01a") + b"a"),
    "numbers as a list": of_objects(1, b"]" + array(1, FLOAT, b"]K\x01a") + b"a"),
    "a dtype with no such size": of_objects(1, ONE.replace(b"\x02f8", b"\x02f3")),
    "a dtype of nothing": of_objects(1, ONE.replace(b"\x02f8", b"\x02V8")),
    "a dtype that is a list": of_objects(1, ONE.replace(b"U\x02f8", b"]")),
    "a list in itself": of_objects(1, b"]q\x00h\x00a"),
    "an array in itself": b"\x80\x02"
    + RECONSTRUCT
    + b"q\x00(K\x01K\x01\x85"
    + OBJECT
    + b"\x89]h\x00atb.",
    "a list that grew afterwards": of_objects(1, b"]q\x00K\x01a")[:-1] + b"h\x00K\x02a0.",
    "many lists begun": b"]" * 10**5 + b".",
    "many tuples within tuples": of_objects(1, b"](K\x01" + b"\x85" * 10**5 + b"e"),
    "many marks": b"(" * 10**5 + b"t.",
    "lists of the same lists": bomb(),
    "an overlong number": b"I" + b"9" * 10**5 + b"\n.",
    "code in a text": b"S__import__('os')\n.",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_pickle_is_refused_at_once(tmp_path, what):
    shape = (100,) if what == "lists of the same lists" else (1,)
    path = with_header(tmp_path / "a.npy", shape, HOSTILE[what])
    began = time.process_time()
    with pytest.raises(ValueError, match=r"a\.npy is refused: ."):
        read_npy(path)
    assert time.process_time() - began < 5


def test_every_file_that_ends_too_early_is_refused(tmp_path):
    whole = with_header(tmp_path / "a.npy", (1,), of_objects(1, ONE)).read_bytes()
    np.save(tmp_path / "b.npy", np.arange(4.0))
    for content in (whole, (tmp_path / "b.npy").read_bytes()):
        for end in range(len(content)):
            (tmp_path / "c.npy").write_bytes(content[:end])
            with pytest.raises(ValueError, match="is refused"):
                read_npy(tmp_path / "c.npy")


def test_a_damaged_file_is_read_or_refused_but_nothing_else(tmp_path):
    rng = np.random.default_rng(1)
    whole = np.frombuffer(
        with_header(tmp_path / "a.npy", (1,), of_objects(1, ONE)).read_bytes(), "u1"
    )
    for _ in range(300):
        content = whole.copy()
        places = rng.integers(0, len(whole), size=rng.integers(1, 4))
        content[places] = rng.integers(0, 256, size=len(places))
        (tmp_path / "a.npy").write_bytes(content.tobytes())
        try:
            read_npy(tmp_path / "a.npy")
        except ValueError as error:
            assert "a.npy is refused: " in str(error)


@pytest.mark.parametrize("shape", [(2, 2), (2**40,), (-1,), (True,), (2**70, 0)])
def test_a_plain_file_that_pretends_is_refused(tmp_path, shape):
    path = with_header(tmp_path / "a.npy", (3,), bytes(24), "<f8")
    content = path.read_bytes().replace(b"(3,)", str(shape).encode())
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is refused"):
        read_npy(path)


@pytest.mark.parametrize("dtype", ["<U4", "<M8[D]", [("a", "<f8")], "|V8"])
def test_other_dtypes_are_refused(tmp_path, dtype):
    with pytest.raises(ValueError, match="is refused"):
        read_npy(with_header(tmp_path / "a.npy", (1,), bytes(np.dtype(dtype).itemsize), dtype))


def test_a_large_pickle_a_folder_and_nothing_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(_npy, "LARGEST", 10)
    path = with_header(tmp_path / "a.npy", (1,), of_objects(1, ONE))
    with pytest.raises(ValueError, match="wanted 10 at most"):
        read_npy(path)
    for path in (tmp_path, tmp_path / "none.npy"):
        with pytest.raises(ValueError, match="is refused"):
            read_npy(path)


# --------------------------------------------------------------------- a whole copy

RUNS = [("linear-10", "esp"), ("linear-10", "relu"), ("nonlinear-8-2", "sigmoid")]
# what rounding decides, and an end that is not the published one
LEFT_TO_ROUNDING = {"alpha_bound", "cost_float64", "end"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of three runs, and their folders."""
    path = tmp_path_factory.mktemp("copy") / "Repository of the authors"
    return path, write_copy(path, RUNS)


@pytest.fixture(scope="module")
def replayed(copy, tmp_path_factory):
    out = tmp_path_factory.mktemp("replayed") / "out"
    runs, problems = report.replay(copy[0], out, workers=1, progress=False)
    assert problems == []
    return out, runs


def rows_of(runs):
    return {(run.activation, row.quantity): row for run in runs for row in run.rows}


def table(out):
    with open(out / "replay.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_the_runs_are_found_by_their_folders(copy, tmp_path):
    shutil.copytree(copy[0], tmp_path / "copy")
    odd = tmp_path / "copy" / "TF" / "Artificial_class" / "10_Lin"
    for place in (
        "cost_esp3.npy",
        "Relu_xavier 1/cost_esp3.npy",
        "Softplus/cost_softplus3.npy",
        "Relu_xavier 1/weights.npy",
    ):
        (odd / place).parent.mkdir(exist_ok=True)
        shutil.copy(copy[1][0] / "cost_ftmp3.npy", odd / place)
    shutil.copy(copy[1][0] / "cost_ftmp3.npy", tmp_path / "copy" / "cost_esp3.npy")
    runs, passed_over = find_runs(tmp_path / "copy")
    place = "TF/Artificial_class/10_Lin"
    assert [(run.name, run.task, run.activation, len(run.paths)) for run in runs] == [
        (place, "linear-10", "esp", 1),  # the costs that lie in the task's own folder
        (f"{place}/Relu_xavier 1/Relu3", "linear-10", "relu", 8),
        (f"{place}/Relu_xavier 1/esp3", "linear-10", "relu", 1),
        (f"{place}/ftmp_xavier 1", "linear-10", "esp", 8),
        ("TF/Artificial_class/82_NL/sigmoid_xavier 1", "nonlinear-8-2", "sigmoid", 8),
    ]
    assert sorted(sentence.split(": ")[1] for sentence in passed_over) == [
        "its folder names no activation",
        "its folder names no task",
        "its name is none of the record",
    ]


@pytest.mark.parametrize(
    ("folder", "activation"),
    [
        ("ftmp_xavier", "esp"),
        ("FTMP", "esp"),
        ("Esp 2", "esp"),
        ("Relu-1", "relu"),
        ("relu2", "relu"),
        ("SIGMOID 0.01", "sigmoid"),
        ("run 7", "relu"),  # the name of the file says it
    ],
)
def test_the_first_word_of_a_folder_is_the_activation(tmp_path, folder, activation):
    place = tmp_path / "TF" / "Artificial_class" / "82_NL" / folder
    place.mkdir(parents=True)
    np.save(place / "cost_relu4.npy", np.ones(3))
    (run,), passed_over = find_runs(tmp_path)
    assert (run.task, run.activation, passed_over) == ("nonlinear-8-2", activation, [])


def test_a_record_is_turned_to_our_order(copy):
    """At the recorded parameters, in our order, our Hessian is theirs."""
    for files in find_runs(copy[0])[0]:
        record, data = read_run(files), data_of(copy[0], files.task)
        assert record.epochs.tolist() == [0, 11, 21, 31]
        net = record.net.with_theta(record.theta[2].copy())
        H = mf.hessian(net, data.X_train, data.Y_train) * mean_factor(data.Y_train.size)
        assert largest(record.hessian(2) - H) <= 1e-15 * largest(H)
        residuals = net.predict(data.X_train) - data.Y_train
        assert np.array_equal(record.residuals[2], residuals)


def test_everything_in_the_copy_is_met(replayed):
    rows = rows_of(replayed[1])
    exact = {"alpha", "gamma", "alpha_matrix", "gamma_matrix", "alpha_interval", "gamma_rows"}
    for activation in ("esp", "relu", "sigmoid"):
        found = {name: row for (a, name), row in rows.items() if a == activation}
        bound = {"alpha_bound"} - ({"alpha_bound"} if activation == "relu" else set())
        assert set(found) == set(replay.QUANTITIES) - bound
        assert {name for name, row in found.items() if row.agrees == "no"} <= LEFT_TO_ROUNDING
        assert {name for name in exact if found[name].error == 0} == exact
        assert found["hessian"].error <= 1e-12 and found["hessian"].records == 4
        assert found["residuals"].error <= 1e-12
        assert found["cost"].error <= 1e-6 and found["cost"].records == 3
        assert found["theta"].error <= 1e-12
        assert found["first_gradient"].error <= 1e-14
    assert rows["esp", "cost"].error < rows["esp", "cost_float64"].error


def test_the_report_is_whole_and_self_contained(replayed):
    out, runs = replayed
    made = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    pictures = {"figures/cost.png", "figures/alpha.png"}
    assert made == {"minifnn.txt", "replay.csv", "replay.html"} | pictures
    page = (out / "replay.html").read_text()
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert page.count("<img src=") == 2
    assert "What could not be read" not in page
    assert len(table(out)) == sum(len(run.rows) for run in runs)


def test_a_call_may_be_repeated_but_not_into_a_folder_of_somebody_else(replayed, copy):
    out, _ = replayed
    assert own_folder(out) == out
    with pytest.raises(FileExistsError, match="which has files that minifnn did not write"):
        report.replay(copy[0], copy[0], progress=False)
    with pytest.raises(FileExistsError, match="which is a file; wanted a folder"):
        report.replay(copy[0], out / "replay.csv", progress=False)


def test_wrong_arguments_are_named(tmp_path, copy):
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        report.replay(tmp_path / "none", tmp_path / "out")
    with pytest.raises(ValueError, match="wanted a folder with runs such as"):
        report.replay(tmp_path, tmp_path / "out")
    with pytest.raises(ValueError, match="workers is 0, wanted at least 1"):
        report.replay(copy[0], tmp_path / "out", workers=0)
    assert not (tmp_path / "out").exists()


def change(folder, kind, place, factor):
    (path,) = folder.glob(f"{kind}_*.npy")
    values = np.load(path)
    values[place] *= factor
    np.save(path, values)


def test_what_was_tampered_with_is_found(copy, tmp_path):
    shutil.copytree(copy[0], tmp_path / "copy")
    esp, relu, sigmoid = (tmp_path / "copy" / f.relative_to(copy[0]) for f in copy[1])
    change(esp, "hessians", (2, 3, 4), 1.001)
    change(esp, "index", 3, 1.5)
    change(sigmoid, "cost", 1, 1.001)
    change(sigmoid, "residual", (0, 0, 5), -1)
    change(sigmoid, "hessians", (1, 0, 0), np.nan)
    next(relu.glob("eigen_*")).unlink()
    next(relu.glob("zeros_*")).write_bytes(b"hello")
    runs, problems = report.replay(tmp_path / "copy", tmp_path / "out", 1, progress=False)
    wrong = {
        (run.activation, row.quantity): (row.wrong, row.first)
        for run in runs
        for row in run.rows
        if row.agrees == "no" and row.quantity not in LEFT_TO_ROUNDING
    }
    assert wrong == {
        ("esp", "hessian"): (1, 21),
        ("esp", "alpha"): (1, 31),
        ("esp", "alpha_matrix"): (1, 31),
        ("esp", "alpha_ours"): (1, 31),
        ("esp", "alpha_interval"): (1, 31),
        ("sigmoid", "residuals"): (1, 0),
        ("sigmoid", "hessian"): (1, 11),
        ("sigmoid", "alpha_matrix"): (1, 11),
        ("sigmoid", "cost"): (1, 11),
    }
    assert len(problems) == 2
    assert problems[0].endswith("Relu_xavier 1: there is no file eigen_*.npy")
    assert "zeros_Relu3.npy is refused" in problems[1]
    page = (tmp_path / "out" / "replay.html").read_text()
    assert "the first at epoch 21" in page
    assert "the parameters agree there, so the record does not fit itself" in page
    assert "there is no file eigen_*.npy" in page


def test_a_run_that_cannot_be_read_stops_no_other(copy, tmp_path):
    shutil.copytree(copy[0], tmp_path / "copy")
    next((tmp_path / "copy").rglob("grads_and_vars_ftmp3.npy")).write_bytes(b"hello")
    (tmp_path / "copy" / "data" / "NLdata.mat").unlink()
    runs, problems = report.replay(tmp_path / "copy", tmp_path / "out", 1, progress=False)
    assert [run.activation for run in runs] == ["relu"]
    assert "grads_and_vars_ftmp3.npy is refused" in problems[0]
    assert "there is no NLdata.mat in it" in problems[1]
    assert {row["activation"] for row in table(tmp_path / "out")} == {"relu"}


def test_a_failing_figure_is_named_and_the_other_is_made(replayed, tmp_path, monkeypatch):
    def broken(runs):
        raise RuntimeError("no ink")

    figures = [("cost", "Cost", broken), report.FIGURES[1]]
    monkeypatch.setattr(report, "FIGURES", figures)
    (tmp_path / "figures").mkdir()
    assert report.write_replay(tmp_path, replayed[1]) == ["figure cost: RuntimeError: no ink"]
    assert "no ink" in (tmp_path / "replay.html").read_text()
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["alpha.png"]


def test_nothing_but_refused_runs_makes_a_report_too(tmp_path):
    place = tmp_path / "copy" / "10_NL" / "Relu"
    place.mkdir(parents=True)
    (place / "cost_relu3.npy").write_bytes(b"hello")
    runs, problems = report.replay(tmp_path / "copy", tmp_path / "out", progress=False)
    assert (runs, len(problems)) == ([], 1)
    assert "is refused" in (tmp_path / "out" / "replay.html").read_text()


@pytest.mark.slow
def test_processes_give_the_same(copy, replayed, tmp_path):
    runs, problems = report.replay(copy[0], tmp_path / "out", workers=2, progress=True)
    assert problems == []
    quantities = {key: row.agrees for key, row in rows_of(runs).items()}
    assert quantities == {key: row.agrees for key, row in rows_of(replayed[1]).items()}


@pytest.mark.slow
def test_the_digits_do_without_hessians(copy, tmp_path):
    shutil.copytree(copy[0] / "data", tmp_path / "copy" / "data")
    write_run(tmp_path / "copy", "digits", "relu", 1)
    (run,), problems = report.replay(tmp_path / "copy", tmp_path / "out", 1, progress=False)
    assert problems == []
    wrong = {row.quantity for row in run.rows if row.agrees == "no"}
    assert wrong <= LEFT_TO_ROUNDING | {"gamma_rows"}  # a symmetric solver made these zeros
    assert not {"hessian", "alpha_matrix", "alpha_ours", "cost"} & {r.quantity for r in run.rows}


# -------------------------------------------------------- other shapes of the same


def reshaped(copy, tmp_path, kind, turn):
    """The first run of a copy in which a file has been turned, and what it was."""
    shutil.copytree(copy[1][0], tmp_path / "10_Lin" / copy[1][0].name)
    (path,) = tmp_path.rglob(f"{kind}_*.npy")
    was = read_run(find_runs(copy[1][0])[0][0])
    np.save(path, turn(np.load(path, allow_pickle=kind == "grads_and_vars")), allow_pickle=True)
    return read_run(find_runs(tmp_path)[0][0]), was


def as_lists(values):
    """An array of objects that holds lists of tuples."""
    rows = np.empty(len(values), object)
    rows[:] = [[tuple(pair) for pair in row] for row in values]
    return rows


def as_objects(values):
    rows = np.empty(len(values), object)
    for i, row in enumerate(values):
        rows[i] = row
    return rows


@pytest.mark.parametrize(
    ("kind", "turn", "name"),
    [
        ("cost", lambda a: a[:, None], "cost"),
        ("cost", lambda a: a[None], "cost"),
        ("cost", as_objects, "cost"),
        ("accuracy", lambda a: a.T, "accuracy"),
        ("accuracy", lambda a: a[:, :, None], "accuracy"),
        ("index", lambda a: a[None, :, None], "alpha"),
        ("eigen", as_objects, "eigenvalues"),
        ("eigen", lambda a: a + 0j, "eigenvalues"),
        ("residual", lambda a: a[:, 0], "residuals"),
        ("residual", lambda a: a.transpose(0, 2, 1), "residuals"),
        ("residual", as_objects, "residuals"),
        ("grads_and_vars", as_lists, "theta"),
        ("grads_and_vars", np.asfortranarray, "gradient"),
        ("hessians", np.asfortranarray, "matrices"),
    ],
)
def test_other_shapes_of_the_same_are_read(copy, tmp_path, kind, turn, name):
    record, was = reshaped(copy, tmp_path, kind, turn)
    assert record.problems == []
    assert np.array_equal(getattr(record, name), getattr(was, name))


@pytest.mark.parametrize(
    ("kind", "turn", "message"),
    [
        ("accuracy", lambda a: a[:, 1:], "it has 6 numbers, wanted 8"),
        ("index", lambda a: a[1:], "it has 3 records, wanted 4"),
        ("index", lambda a: a * np.nan, "it holds NaN or infinity"),
        ("index", lambda a: a * 1j, "it holds complex numbers"),
        ("eigen", lambda a: a[:, 1:], "it has 51 numbers, wanted 52"),
        ("hessians", lambda a: a[:, 1:], r"it is no array of real numbers of shape \(4, 52, 52\)"),
        ("residual", lambda a: a[1:], "it has 3 records, wanted 4"),
    ],
)
def test_what_does_not_fit_is_named(copy, tmp_path, kind, turn, message):
    record, _ = reshaped(copy, tmp_path, kind, turn)
    assert len(record.problems) == 1
    assert re.search(f"{kind}_ftmp3.npy is refused: {message}", record.problems[0])


@pytest.mark.parametrize(
    ("kind", "turn", "message"),
    [
        ("cost", lambda a: a * np.inf, "cost_ftmp3.npy is refused: it holds NaN or infinity"),
        ("cost", lambda a: np.ones(10**5), "it has 100000 records, wanted 1000 at most"),
        ("grads_and_vars", lambda a: a[:, 1:], "it has 5 records, wanted 6"),
        ("grads_and_vars", lambda a: a[:, ::-1], "it has 1 numbers, wanted 20"),
        ("grads_and_vars", lambda a: a[1:], "it has 3 records, wanted 4"),
    ],
)
def test_a_run_without_costs_or_parameters_is_refused(copy, tmp_path, kind, turn, message):
    with pytest.raises(ValueError, match=message):
        reshaped(copy, tmp_path, kind, turn)


def test_weights_in_our_orientation_are_refused(copy, tmp_path):
    def turn(values):
        turned = [[[entry.T for entry in pair] for pair in row] for row in values]
        save(tmp_path / "turned.npy", "grads_and_vars", turned)
        return np.load(tmp_path / "turned.npy", allow_pickle=True)

    with pytest.raises(ValueError, match=r"W1 has shape \(2, 10\), wanted \(10, 2\)"):
        reshaped(copy, tmp_path, "grads_and_vars", turn)


# ------------------------------------------------------------- the authors' own record


@pytest.fixture(scope="module")
def recorded():
    """The six published records of non-linear 2-10-1, ESP: network, data, thetas, arrays."""
    if not RECORD.exists():
        pytest.skip("the authors' record is not here")
    arrays = dict(np.load(RECORD / "nl10_esp.npz"))
    net, data = mf.mlp([2, 10, 1], "esp"), mf.datasets.from_mat(RECORD / "NLdata.mat", 0.2, 0)
    names = ("W1", "b1", "beta1", "W2", "b2", "beta2")
    theirs = np.array([np.concatenate([arrays[n][r].ravel() for n in names]) for r in range(6)])
    return net, data, theirs[:, authors.their_order(net)], arrays


def test_their_hessians_are_met_after_the_factor(recorded):
    net, data, thetas, arrays = recorded
    files = authors.Files("", "nonlinear-10", "esp", {})
    record = authors.Record(files, net, None, thetas, None, None, matrices=arrays["H"])
    for r, theta in enumerate(thetas):
        H = mf.hessian(net.with_theta(theta.copy()), data.X_train, data.Y_train)
        assert largest(H * mean_factor(690) - record.hessian(r)) <= 1e-14 * largest(H)


def before_the_first_step(net, data, theta, make):
    """Where the first step came from: the place whose step leads to theta."""
    before = theta.copy()
    for _ in range(30):
        step = np.zeros_like(theta)
        make().step(step, net.with_theta(before.copy()).gradient(data.X_train, data.Y_train))
        before = theta - step
    return before


def course(recorded, make, epochs=2300):
    net, data, thetas, _ = recorded
    net = net.with_theta(before_the_first_step(net, data, thetas[0], make))
    return mf.train(net, data.X_train, data.Y_train, epochs=epochs, optimizer=make())


def test_the_first_step_leads_back_to_biases_of_zero(recorded):
    """Biases start at zero, and are found there to the last bit: the constants are float32."""
    net, data, thetas, _ = recorded
    ways = {"single": lambda: SingleAdam(mean_factor(690)), "double": lambda: mf.Adam(0.01)}
    away = {}
    for name, make in ways.items():
        start = net.with_theta(before_the_first_step(net, data, thetas[0], make))
        away[name] = max(largest(start.parameters["b1"]), largest(start.parameters["b2"]))
    assert away["single"] < 1e-16
    assert away["double"] > 1e-9


def test_their_training_is_met_to_the_last_bit_until_it_amplifies_it(recorded):
    _, _, thetas, arrays = recorded
    history = course(recorded, lambda: SingleAdam(mean_factor(690)))
    away = [largest(history["theta"][r] - thetas[i]) for i, r in enumerate(arrays["record"])]
    assert max(away[:3]) < 1e-13  # up to epoch 151
    assert away[3] < 0.01 and away[5] < 1
    curves = json.loads((RECORD / "published_curves.json").read_text())["runs"]
    (published,) = (c for c in curves if (c["task"], c["hidden"]) == ("10_NL", "esp"))
    costs = np.array(published["cost"])
    assert np.abs(history["loss"] - costs)[:20].max() < 6e-7  # they are rounded to 1e-6
    assert np.abs(history["loss"] / costs - 1).max() < 0.1


def test_in_float64_the_training_parts_from_theirs_at_once(recorded):
    _, _, thetas, _ = recorded
    history = course(recorded, lambda: mf.Adam(0.01, decay=(0.9, 500)), epochs=60)
    assert 1e-8 < largest(history["theta"][5] - thetas[1]) < 1e-4  # epoch 51
