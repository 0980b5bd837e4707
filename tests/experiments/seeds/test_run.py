"""Many seeds: what a plan runs, where, how it is gone on with, and the table."""

import os
import signal
import threading
import time
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import minifnn as mf
from minifnn.__main__ import main
from minifnn.experiments import paper
from minifnn.experiments.paper import Run, result_from_file, run_all
from minifnn.experiments.seeds import run as seeds_run
from minifnn.experiments.seeds.run import Block, Setting, carry_out, read_plan, read_table
from minifnn.experiments.sweep import dask_cluster, worker_processes
from tests.helpers import RECORD

PLAN = Path(__file__).parents[3] / "docs" / "findings" / "plan.toml"


def runs_of(tasks=("linear-10",), activations=paper.ACTIVATIONS, seeds=1, **more):
    return [Run(*run, **more) for run in product(tasks, activations, range(seeds))]


def small(seeds=3, activations=("esp", "relu"), epochs=25, **more):
    return runs_of(activations=activations, seeds=seeds, epochs=epochs, **more)


FINISHED = "*[0-9].npz"  # not the checkpoints, which come and go


def files(out, pattern="*"):
    """What tells whether a file was written anew."""
    stats = {path.name: path.stat() for path in (out / "runs").glob(pattern)}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}


def same_result(a, b):
    return all(np.array_equal(a.history[name], b.history[name]) for name in a.history.keys())


# ------------------------------------------------------------------ what is run


def test_a_block_is_every_combination_of_what_it_lists():
    block = Block("x", (0, 1), data=("generated", "generated-2", "authors"), inits=("he", "xavier"))
    cells = dict(block.cells())
    assert len(cells) == 4 * 4 * 2 * 2 and len({run.name for run in cells.values()}) == len(cells)
    assert not {setting.data for setting in cells} & {"authors"}  # without a data_dir
    assert len(dict(block.cells("there"))) == 4 * 4 * 3 * 2
    setting = Setting("x", "generated-2", "linear-8-2", "tanh", init="he")
    assert cells[setting] == Run("linear-8-2", "tanh", init="he", data_seed=2, curvature=False)


def test_betas_are_what_they_are_called():
    nets = {beta: Run("linear-8-2", "esp", 5, beta=beta).network() for beta in paper.BETAS}
    trained = {beta: net.trainable_beta for beta, net in nets.items()}
    assert trained["published"] == trained["trained"] == (True, True, True)
    assert trained["fixed"] == (False, False, False)
    assert trained["output"] == (False, False, True)
    assert trained["hidden"] == (True, True, False)
    assert np.abs(nets["published"].parameters["beta1"]).max() < 0.02
    assert nets["trained"].parameters["beta2"].tolist() == [1.0, 1.0]
    relu = Run("linear-8-2", "relu", beta="trained").network()
    assert relu.trainable_beta == (False, False, True)
    same = [*nets.values(), Run("linear-8-2", "tanh", 5).network()]
    for net, name in product(same, ("W1", "W2", "W3")):  # same seed, same weights
        assert np.array_equal(net.parameters[name], nets["published"].parameters[name])


def test_other_starts_widths_and_data_are_what_they_are_called():
    he = Run("nonlinear-10", "relu", 3, init="he", widths=(13,)).network()
    assert he.sizes == (2, 13, 1) and he.n_parameters == 53
    assert np.array_equal(he.theta, mf.mlp([2, 13, 1], "relu", init="he", seed=3).theta)
    one, two = (Run("linear-10", "esp", data_seed=seed).data() for seed in (0, 1))
    assert np.array_equal(two.X_train, mf.datasets.linear(seed=1).X_train)
    assert not np.array_equal(one.X_train, two.X_train)


def first_numbers(net):
    """The weights of each layer, unit by unit, as shares of their limits."""
    weights = [net.parameters[name] for name in net.parameters if name[0] == "W"]
    return [(W.T / np.sqrt(6 / sum(W.shape))).ravel() for W in weights]


def test_one_stream_starts_every_layer_from_the_same_numbers():
    net = Run("linear-8-2", "esp", 4, init="one-stream").network()
    first, second, third = first_numbers(net)
    assert len(first) == len(second) == 16
    np.testing.assert_allclose(first, second, rtol=1e-12)
    np.testing.assert_allclose(first[:2], third, rtol=1e-12)
    assert np.abs(first).max() <= 1 and net.parameters["b1"].tolist() == [0.0] * 8
    independent = first_numbers(Run("linear-8-2", "esp", 4).network())
    assert abs(np.corrcoef(independent[0], independent[1])[0, 1]) < 0.9


@pytest.mark.skipif(not RECORD.is_dir(), reason="the authors' record is not here")
def test_the_authors_started_every_layer_from_the_same_numbers():
    """Their first record is one step of Adam, 0.01 per weight, after the start."""
    record = np.load(RECORD / "nl10_esp.npz")
    W1, W2 = record["W1"][0] / np.sqrt(6 / 12), record["W2"][0] / np.sqrt(6 / 11)
    assert np.abs(W1.ravel()[:10] - W2.ravel()).max() < 2 * 0.01 / np.sqrt(6 / 12) + 1e-9
    assert np.corrcoef(W1.ravel()[:10], W2.ravel())[0, 1] > 0.998


def test_the_plan_of_the_findings_is_readable_and_says_what_is_run():
    plan = read_plan(PLAN)
    settings = [setting for block in plan for setting, _ in block.cells("there")]
    assert len(settings) == len(set(settings))
    fresh = [block for block in plan if block.name not in ("published", "starts")]
    assert all(min(*block.seeds, *block.tuning) >= 200 for block in fresh)
    for block in fresh:  # tuned on other seeds than those judged
        assert block.tuning[0] > block.seeds[1] and paper.RATE in block.rates


def test_a_plan_that_does_not_fit_is_named(tmp_path):
    for text in ("[[block]]\nname = 'x'\nsed = [0, 1]", "x = ", "[[block]]\nname = 'x'"):
        (tmp_path / "plan.toml").write_text(text)
        with pytest.raises(ValueError, match=r"plan\.toml: "):
            read_plan(tmp_path / "plan.toml")


def test_the_rate_is_the_optimizers():
    _, slow = Run("linear-10", "tanh", epochs=12, rate=1e-4).train()
    _, fast = Run("linear-10", "tanh", epochs=12).train()
    step = [
        np.abs(h["theta"][0] - Run("linear-10", "tanh").network().theta).max() for h in (slow, fast)
    ]
    assert step == pytest.approx([1e-4, 1e-2], rel=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beta": "free"}, "beta.*one of"),
        ({"rate": 0.0}, "rate"),
        ({"rate": float("inf")}, "rate"),
        ({"init": "zero"}, "init.*one of"),
    ],
)
def test_run_names_the_argument(options, message):
    with pytest.raises(ValueError, match=message):
        Run("linear-10", "esp", **options)


# ------------------------------------------------------------------ doing them


def test_what_is_done_is_not_done_again(tmp_path):
    assert run_all(tmp_path / "o", small(2), progress=False) == []
    before = files(tmp_path / "o")
    assert len(before) == 4
    assert run_all(tmp_path / "o", small(3), progress=False) == []
    after = files(tmp_path / "o")
    assert len(after) == 6
    assert all(after[name] == before[name] for name in before)  # not even written anew


def test_processes_give_the_same_bits_and_a_line_per_run(tmp_path, capsys):
    runs = small(2)
    assert run_all(tmp_path / "one", runs, progress=False) == []
    assert run_all(tmp_path / "two", runs, partial(worker_processes, 2)) == []
    lines = capsys.readouterr().err.splitlines()  # one per run, where there is no terminal
    assert len(lines) == 4 and all(" done: " in line for line in lines)
    for run in runs:
        one, two = (result_from_file(run, tmp_path / out / "runs") for out in ("one", "two"))
        assert same_result(one, two)


def test_other_settings_are_refused_before_anything_is_run(tmp_path):
    run_all(tmp_path / "o", small(1), progress=False)
    before = files(tmp_path / "o")
    longer = small(2, epochs=30)
    with pytest.raises(ValueError, match="choose another folder"):
        run_all(tmp_path / "o", longer, progress=False)
    assert files(tmp_path / "o") == before


def test_a_failing_run_is_reported_with_its_configuration(tmp_path, monkeypatch):
    def broken(run):
        if run.name == "linear-10_relu_seed-1":
            raise OSError(28, "No space left on device")
        return real(run)

    real = Run.network
    monkeypatch.setattr(Run, "network", broken)
    (failure,) = run_all(tmp_path / "o", small(), progress=False)
    assert failure.config.name == "linear-10_relu_seed-1"
    assert "No space left" in str(failure.error)
    assert len(files(tmp_path / "o")) == 5


def test_the_longest_are_run_first(tmp_path, monkeypatch):
    tasks = []
    monkeypatch.setattr(paper, "run_to_file", lambda run, folder: tasks.append(run.task))
    runs = runs_of(["linear-10", "digits", "nonlinear-8-2"], ["esp"], 2)
    run_all(tmp_path / "o", runs, progress=False)
    assert tasks == ["digits"] * 2 + ["nonlinear-8-2"] * 2 + ["linear-10"] * 2


def test_a_run_whose_file_stays_away_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "run_to_file", lambda run, folder: None)
    failures = run_all(tmp_path / "o", small(1), progress=False)
    assert len(failures) == 2
    assert "is it shared?" in str(failures[0].error)


def test_a_damaged_file_is_named_and_kept(tmp_path):
    runs = small(1)
    run_all(tmp_path / "o", runs, progress=False)
    path = tmp_path / "o" / "runs" / "linear-10_esp_seed-0.npz"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ValueError, match=r"linear-10_esp_seed-0\.npz: expected a minifnn run"):
        run_all(tmp_path / "o", runs, progress=False)


def test_data_that_are_missing_are_said_before_anything_is_run(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_dir: expected a folder with Lindata\.mat"):
        run_all(tmp_path / "o", small(data_dir=str(tmp_path)), progress=False)
    assert not files(tmp_path / "o")


def die_once(run, folder):
    """A run that takes its process along, the first time."""
    marker = folder / f"{run.name}.died"
    if run.seed == 1 and not marker.exists():
        marker.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    paper.run_to_file(run, folder)


def die(run, folder):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals are of Unix")
def test_a_process_that_dies_takes_no_run_along(tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "run_to_file", die_once)
    runs = small(3, ["esp"])
    assert run_all(tmp_path / "o", runs, partial(worker_processes, 2), progress=False) == []
    assert len(list((tmp_path / "o" / "runs").glob("*.npz"))) == 3


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals are of Unix")
def test_processes_that_always_die_are_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "run_to_file", die)
    runs = small(2, ["esp"])
    failures = run_all(tmp_path / "o", runs, partial(worker_processes, 2), progress=False)
    assert {failure.config for failure in failures} == set(runs)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals are of Unix")
def test_a_dask_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(tmp_path):
    distributed = pytest.importorskip("distributed")
    runs = runs_of(seeds=15)
    out, seen = tmp_path / "o", {}
    options = {"processes": True, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(n_workers=2, **options) as cluster:

        def kill_one():
            while len(files(out, FINISHED)) < 10:
                time.sleep(0.01)
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
            seen.update(files(out, FINISHED))

        killer = threading.Thread(target=kill_one, daemon=True)
        killer.start()
        failures = run_all(
            out, runs, partial(dask_cluster, cluster.scheduler_address), progress=False
        )
        killer.join(timeout=30)
    assert failures == []
    after = files(out)
    assert {f"{run.name}.npz" for run in runs} <= set(after)
    assert 5 < len(seen) < len(runs)
    assert all(after[name] == one for name, one in seen.items())
    run_all(tmp_path / "here", runs[:2], progress=False)
    for run in runs[:2]:
        there, here = (
            result_from_file(run, folder / "runs") for folder in (out, tmp_path / "here")
        )
        assert np.allclose(there.history["theta"], here.history["theta"], rtol=1e-12, atol=1e-15)


# ---------------------------------------------------------------------- the tables


THREE = Block("published", (0, 3), ["linear-10"], activations=paper.ACTIVATIONS[:3], epochs=60,
              spectra=True)  # fmt: skip
TUNED = Block("f", (5, 7), ["linear-10"], activations=["tanh"], betas=["output"], epochs=60,
              rates=(0.001, 0.1), tuning=(10, 11))  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    out = tmp_path_factory.mktemp("swept")
    assert carry_out(out, [THREE, TUNED], progress=False) == []
    return out


def test_the_table_says_what_the_runs_say(swept):
    table = read_table(swept / "seeds.csv")
    assert [s.activation for s in table][:3] == ["esp", "relu", "sigmoid"]
    group = table[Setting("published", "generated", "linear-10", "relu")]
    assert group["seed"].tolist() == [0, 1, 2, 3]
    run = Run("linear-10", "relu", 2, 60, curvature=False)
    (net, history), data = run.train(), run.data()
    H = mf.hessian(net, data.X_train, data.Y_train)
    s = mf.spectrum(H, mf.hessian_error(net, data.X_train, data.Y_train))
    row = {name: values[2] for name, values in group.items()}
    assert history["epoch"].tolist() == [11, 51, 59]
    expected = {
        "cost": net.loss(data.X_train, data.Y_train),  # after the last step
        "cost_51": history["loss"][1],
        "alpha": s.alpha_bounds[0],
        "alpha_most": s.alpha_bounds[1],
        "gamma": s.gamma,
        "flat_1e-3": s.flat(1e-3),
        "dead": s.n_zero_rows / 41,
        "parameters": 41,
        "test_accuracy": net.score(data.X_test, data.Y_test),
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-3)
    assert row["inertia_agrees"] and round(row["alpha"] * 41) <= row["bound"]
    q = data.Y_train.mean()
    assert row["silence"] == pytest.approx(-q * np.log(q) - (1 - q) * np.log(1 - q), rel=1e-3)
    assert "flat_1e-3" not in table[Setting("f", "generated", "linear-10", "tanh", "output")]


def test_a_rate_is_chosen_on_other_seeds_than_it_is_judged_on(swept):
    table = read_table(swept / "seeds.csv")
    tried = {s.rate: group for s, group in table.items() if s.block == "f, tuning"}
    judged = {s.rate: group for s, group in table.items() if s.block == "f"}
    assert set(tried) == {0.001, 0.1} and set(judged) == {0.01, 0.1}  # the published one, the best
    assert np.median(tried[0.1]["cost"]) < np.median(tried[0.001]["cost"])
    assert tried[0.1]["seed"].tolist() == [10, 11] and judged[0.1]["seed"].tolist() == [5, 6, 7]


def test_a_setting_with_a_failed_run_is_not_in_the_table(tmp_path, monkeypatch):
    def broken(run):
        if run.name == "linear-10_relu_seed-1":
            raise OSError(28, "No space left on device")
        return real(run)

    real = Run.network
    monkeypatch.setattr(Run, "network", broken)
    (failure,) = carry_out(tmp_path / "o", [THREE], progress=False)
    assert failure.config.seed == 1
    table = read_table(tmp_path / "o" / "seeds.csv")
    assert [setting.activation for setting in table] == ["esp", "sigmoid"]


def test_a_second_call_gives_the_same_table_and_trains_nothing(swept, monkeypatch):
    before, text = files(swept), (swept / "seeds.csv").read_bytes()
    assert carry_out(swept, [THREE, TUNED], progress=False) == []
    assert files(swept) == before and (swept / "seeds.csv").read_bytes() == text


@pytest.mark.parametrize("activation", ["esp", "relu"])
def test_the_same_function_in_other_coordinates(activation):
    """alpha does not change with the gauge; flatness does, and both if betas are folded."""
    run = Run("nonlinear-10", activation, curvature=False)
    (net, _), data = run.train(), run.data()
    X, Y = data.X_train, data.Y_train
    ten = seeds_run.rescaled(net, [10.0, 1.0])
    s, other = (mf.spectrum(mf.hessian(one, X, Y)) for one in (net, ten))
    np.testing.assert_allclose(ten.logits(X), net.logits(X), atol=1e-10)
    assert other.alpha_bounds == s.alpha_bounds
    assert other.flat(1e-3) > s.flat(1e-3) + 0.02
    if activation == "esp":
        folded = seeds_run.rescaled(net, net.betas)
        np.testing.assert_allclose(folded.logits(X), net.logits(X), atol=1e-10)
        assert (net.n_parameters, folded.n_parameters) == (52, 41)
        assert all((beta == 1).all() for beta in folded.betas)
        assert mf.spectrum(mf.hessian(folded, X, Y)).flat(1e-6) < s.flat(1e-6) - 0.05


def test_loss_of_a_constant_predictor_of_a_varying_and_of_a_constant_output():
    Y = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert seeds_run.constant_predictor_loss(Y) == pytest.approx(np.log(2) / 2)


# ------------------------------------------------------------------- command line


def call(out, *more):
    tasks = ["--tasks", "linear-10", "--activations", "relu", "--epochs", "12", "--seeds", "2"]
    return main(["sweep", *tasks, "--out", str(out), *more])


def test_sweep_from_the_command_line(tmp_path, capsys):
    assert call(tmp_path / "o", "--workers", "1") == 0
    assert "seeds.csv" in capsys.readouterr().out
    (setting,) = read_table(tmp_path / "o" / "seeds.csv")
    assert setting == Setting("published", "generated", "linear-10", "relu")


def test_a_plan_from_the_command_line(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[[block]]\nname = "x"\nseeds = [3, 4]\ntasks = ["linear-10"]\nepochs = 12\n'
        'activations = ["tanh"]\nwidths = [[3], [2, 2]]\ndata = ["generated-1", "authors"]\n'
    )
    out = tmp_path / "o"
    assert main(["sweep", "--plan", str(plan), "--out", str(out), "--workers", "1"]) == 0
    assert [(s.data, s.widths) for s in read_table(out / "seeds.csv")] == [
        ("generated-1", "3"),
        ("generated-1", "2-2"),
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--seeds", "0"], "minifnn: seeds"),
        (["--workers", "0"], "minifnn: workers"),
        (["--plan", "/nowhere"], "minifnn: /nowhere: "),
        (["--data-dir", "/nowhere"], "minifnn: data_dir: expected a folder with Lindata.mat"),
    ],
)
def test_a_wrong_option_is_one_clear_line(tmp_path, capsys, more, message):
    assert call(tmp_path / "o", *more) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith(message)
