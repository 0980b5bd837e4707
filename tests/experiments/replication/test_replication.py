"""The authors' record: a copy made for the purpose is read, recomputed, compared, reported."""

import csv
import json
import re
import shutil

import numpy as np
import pytest
from authors_copy import data_of, write_copy, write_run
from helpers import RECORD, largest

import minifnn as mf
from minifnn.experiments.replication import report
from minifnn.experiments.replication.compare import QUANTITIES, Float32Adam, mean_factor
from minifnn.experiments.replication.record import Files, Record, find_runs, read_run, their_order

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


@pytest.fixture
def own_copy(copy, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(copy[0], tmp_path / "copy")


def rows_of(runs):
    return {(run.files.activation, row.quantity): row for run in runs for row in run.rows}


def table(out):
    with open(out / "replay.csv", newline="") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------------------- finding runs


def test_the_runs_are_found_by_their_folders(copy, own_copy):
    odd = own_copy / "TF" / "Artificial_class" / "10_Lin"
    for place in (
        "cost_esp3.npy",
        "Relu_xavier 1/cost_esp3.npy",
        "Softplus/cost_softplus3.npy",
        "Relu_xavier 1/weights.npy",
    ):
        (odd / place).parent.mkdir(exist_ok=True)
        shutil.copy(copy[1][0] / "cost_ftmp3.npy", odd / place)
    shutil.copy(copy[1][0] / "cost_ftmp3.npy", own_copy / "cost_esp3.npy")
    runs, passed_over = find_runs(own_copy)
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


def test_the_first_word_of_a_folder_is_the_activation(tmp_path):
    activations = {
        "FTMP": "esp",
        "Esp 2": "esp",
        "Relu-1": "relu",
        "relu2": "relu",
        "SIGMOID 0.01": "sigmoid",
        "run 7": "relu",  # the name of the file says it
    }
    for folder in activations:
        (tmp_path / "82_NL" / folder).mkdir(parents=True)
        np.save(tmp_path / "82_NL" / folder / "cost_relu4.npy", np.ones(3))
    runs, passed_over = find_runs(tmp_path)
    assert {run.name.removeprefix("82_NL/"): run.activation for run in runs} == activations
    assert {run.task for run in runs} == {"nonlinear-8-2"} and passed_over == []


# --------------------------------------------------------------------- a whole copy


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
        assert set(found) == set(QUANTITIES) - bound
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
    made = {str(path.relative_to(out)) for path in out.rglob("*.*")}
    pictures = {"figures/cost.pdf", "figures/alpha.pdf"}
    assert made - {"minifnn.txt"} == {"replay.csv", "replay.html"} | pictures
    page = (out / "replay.html").read_text()
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert page.count("<div role=img") == page.count("<svg") >= 2
    assert "<text" in page and "#ffffff" not in page  # words, and readable on a dark page too
    assert "What could not be read" not in page
    assert len(table(out)) == sum(len(run.rows) for run in runs)


def test_wrong_arguments_are_named(tmp_path, copy):
    with pytest.raises(FileNotFoundError, match="path: expected a folder"):
        report.replay(tmp_path / "none", tmp_path / "out")
    with pytest.raises(ValueError, match="path: expected a folder with runs such as"):
        report.replay(tmp_path, tmp_path / "out")
    with pytest.raises(ValueError, match="workers"):
        report.replay(copy[0], tmp_path / "out", workers=0)
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError, match="out"):
        report.replay(copy[0], tmp_path / "file", progress=False)


def change(folder, kind, place, factor):
    (path,) = folder.glob(f"{kind}_*.npy")
    values = np.load(path)
    values[place] *= factor
    np.save(path, values)


def test_what_was_tampered_with_is_found(copy, own_copy, tmp_path):
    esp, relu, sigmoid = (own_copy / folder.relative_to(copy[0]) for folder in copy[1])
    change(esp, "hessians", (2, 3, 4), 1.001)
    change(esp, "index", 3, 1.5)
    change(sigmoid, "cost", 1, 1.001)
    change(sigmoid, "residual", (0, 0, 5), -1)
    change(sigmoid, "hessians", (1, 0, 0), np.nan)
    next(relu.glob("eigen_*")).unlink()
    next(relu.glob("zeros_*")).write_bytes(b"hello")
    runs, problems = report.replay(own_copy, tmp_path / "out", 1, progress=False)
    wrong = {
        key: (row.wrong, row.first)
        for key, row in rows_of(runs).items()
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
    assert re.search(r"Relu_xavier 1: .*zeros_Relu3\.npy: .", problems[1])
    page = (tmp_path / "out" / "replay.html").read_text()
    assert "the first at epoch 21" in page
    assert "the parameters agree there, so the record does not fit itself" in page
    assert "there is no file eigen_*.npy" in page


def test_a_run_that_cannot_be_read_stops_no_other(own_copy, tmp_path):
    next(own_copy.rglob("grads_and_vars_ftmp3.npy")).write_bytes(b"hello")
    (own_copy / "data" / "NLdata.mat").unlink()
    runs, problems = report.replay(own_copy, tmp_path / "out", 1, progress=False)
    assert [run.files.activation for run in runs] == ["relu"]
    assert "grads_and_vars_ftmp3.npy: " in problems[0]
    assert "NLdata.mat" in problems[1]
    assert {row["activation"] for row in table(tmp_path / "out")} == {"relu"}


def test_a_failing_figure_is_named_and_the_other_is_made(replayed, tmp_path, monkeypatch):
    def broken(runs, ax):
        raise RuntimeError("no ink")

    monkeypatch.setattr(report, "_costs", broken)
    failed = report.write_replay(tmp_path, replayed[1], [], [])
    assert failed == ["figure cost: RuntimeError: no ink"]
    assert "no ink" in (tmp_path / "replay.html").read_text()
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["alpha.pdf"]


def test_nothing_but_refused_runs_makes_a_report_too(tmp_path):
    place = tmp_path / "10_NL" / "Relu"
    place.mkdir(parents=True)
    (place / "cost_relu3.npy").write_bytes(b"<b>")
    runs, problems = report.replay(tmp_path, tmp_path / "out", progress=False)
    assert (runs, len(problems)) == ([], 1)
    assert "10_NL/Relu: " in (tmp_path / "out" / "replay.html").read_text()


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
        ("grads_and_vars", lambda a: a[None], "theta"),
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
        ("accuracy", lambda a: a[:, 1:], "cannot reshape array of size 6"),
        ("index", lambda a: a * np.nan, "expected finite numbers"),
        ("index", lambda a: a * 1j, "expected real numbers"),
        ("eigen", lambda a: a[:, 1:], "cannot reshape array of size 204"),
        ("hessians", lambda a: a[:, 1:], r"expected an array .* of shape \(4, 52, 52\)"),
        ("residual", lambda a: a[1:], "expected 4 records, got 3"),
    ],
)
def test_what_does_not_fit_is_named(copy, tmp_path, kind, turn, message):
    record, _ = reshaped(copy, tmp_path, kind, turn)
    (problem,) = record.problems
    assert re.search(f"{kind}_ftmp3.npy: {message}", problem)


def in_our_orientation(pairs):
    """The same with W as (inputs, units)."""
    return as_lists([[[entry.T for entry in pair] for pair in row] for row in pairs])


@pytest.mark.parametrize(
    ("kind", "turn", "message"),
    [
        ("cost", lambda a: a * np.inf, "cost_ftmp3.npy: expected finite numbers"),
        ("cost", lambda a: np.ones(10**5), "expected 1000 records at most, got 100000"),
        ("grads_and_vars", lambda a: a[1:], "expected 4 records, got 3"),
        ("grads_and_vars", lambda a: a[:, 1:], "expected one row per unit"),
        ("grads_and_vars", lambda a: a[:, ::-1], "expected one row per unit"),
        ("grads_and_vars", in_our_orientation, "expected one row per unit"),
    ],
)
def test_a_run_without_costs_or_parameters_is_refused(copy, tmp_path, kind, turn, message):
    with pytest.raises(ValueError, match=message):
        reshaped(copy, tmp_path, kind, turn)


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
    return net, data, theirs[:, their_order(net)], arrays


def test_their_hessians_are_met_after_the_factor(recorded):
    net, data, thetas, arrays = recorded
    files = Files("", "nonlinear-10", "esp", {})
    record = Record(files, net, None, thetas, None, None, matrices=arrays["H"])
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
    ways = {"single": lambda: Float32Adam(mean_factor(690)), "double": lambda: mf.Adam(0.01)}
    away = {}
    for name, make in ways.items():
        start = net.with_theta(before_the_first_step(net, data, thetas[0], make))
        away[name] = max(largest(start.parameters["b1"]), largest(start.parameters["b2"]))
    assert away["single"] < 1e-16
    assert away["double"] > 1e-9


def test_their_training_is_met_to_the_last_bit_until_it_amplifies_it(recorded):
    _, _, thetas, arrays = recorded
    history = course(recorded, lambda: Float32Adam(mean_factor(690)))
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
