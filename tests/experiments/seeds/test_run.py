"""Many starts: what is run, where, how it is gone on with, and the tables."""

import csv
import os
import signal
import threading
import time
from functools import partial

import numpy as np
import pytest

import minifnn as mf
from minifnn.__main__ import main
from minifnn.experiments import paper
from minifnn.experiments.paper import Run, result_from_file, run_all
from minifnn.experiments.seeds import run as seeds_run
from minifnn.experiments.seeds.run import configurations, write_tables
from minifnn.experiments.sweep import dask_cluster, worker_processes


def small(seeds=3, activations=("esp", "relu"), **more):
    return configurations(["linear-10"], activations, range(seeds), epochs=25, **more)


FINISHED = "*[0-9].npz"  # not the checkpoints, which come and go


def files(out, pattern="*"):
    """What tells whether a file was written anew."""
    stats = {path.name: path.stat() for path in (out / "runs").glob(pattern)}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}


def same_result(a, b):
    return all(np.array_equal(a.history[name], b.history[name]) for name in a.history.keys())


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


# ------------------------------------------------------------------ configurations


def test_every_combination_once():
    runs = configurations(
        ["linear-10", "digits"], seeds=range(2), betas=paper.BETAS, rates=(0.01, 0.1)
    )
    # published: 4 activations; fixed: ESP alone, for the others are so anyway; trained: 4
    assert len(runs) == len(set(runs)) == len({run.name for run in runs}) == 2 * 9 * 2 * 2
    assert [run.task for run in runs] == ["linear-10"] * 36 + ["digits"] * 36
    names = {run.name for run in runs}
    assert {"linear-10_esp_seed-0", "digits_tanh_beta-trained_rate-0.1_seed-1"} <= names


def test_betas_are_what_they_are_called():
    esp, fixed, trained = (Run("linear-8-2", "esp", 5, beta=beta).network() for beta in paper.BETAS)
    assert esp.trainable_beta == trained.trainable_beta == (True, True, True)
    assert fixed.trainable_beta == (False, False, False)
    assert np.abs(esp.parameters["beta1"]).max() < 0.02
    assert trained.parameters["beta2"].tolist() == [1.0, 1.0]
    relu = Run("linear-8-2", "relu", beta="trained").network()
    assert relu.trainable_beta == (False, False, True)
    for net in (fixed, trained, Run("linear-8-2", "tanh", 5).network()):  # same seed, same weights
        for name in ("W1", "W2", "W3"):
            assert np.array_equal(net.parameters[name], esp.parameters[name])


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


def test_processes_give_the_same_bits_and_a_bar(tmp_path, capsys):
    runs = small(2)
    assert run_all(tmp_path / "one", runs, progress=False) == []
    assert run_all(tmp_path / "two", runs, partial(worker_processes, 2)) == []
    assert "4 runs: " in capsys.readouterr().err
    for run in runs:
        one, two = (result_from_file(run, tmp_path / out / "runs") for out in ("one", "two"))
        assert same_result(one, two)


def test_other_settings_are_refused_before_anything_is_run(tmp_path):
    run_all(tmp_path / "o", small(1), progress=False)
    before = files(tmp_path / "o")
    longer = configurations(["linear-10"], ("esp", "relu"), range(2), epochs=30)
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
    runs = configurations(["linear-10", "digits", "nonlinear-8-2"], ["esp"], range(2))
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
        write_tables(tmp_path / "o", runs)


def test_data_that_are_missing_are_said_before_anything_is_run(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_dir: expected a folder with Lindata\.mat"):
        run_all(tmp_path / "o", small(data_dir=tmp_path), progress=False)
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
    runs = configurations(["linear-10"], seeds=range(15))
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


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    out = tmp_path_factory.mktemp("swept")
    runs = small(4, ("esp", "relu", "sigmoid"))
    assert run_all(out, runs, progress=False) == []
    assert write_tables(out, runs) == 12
    return out, runs


def test_starts_csv_says_what_the_runs_say(swept):
    out, _ = swept
    rows = table(out / "starts.csv")
    assert len(rows) == 12
    assert [row["seed"] for row in rows[:4]] == ["0", "1", "2", "3"]
    run = Run("linear-10", "relu", 2, 25)
    row = next(r for r in rows if r["activation"] == "relu" and r["seed"] == "2")
    result = result_from_file(run, out / "runs")
    net, data = result.net, run.data()
    s = mf.spectrum(mf.hessian(net, data.X_train, data.Y_train))
    assert float(row["cost"]) == pytest.approx(net.loss(data.X_train, data.Y_train), rel=1e-4)
    assert float(row["alpha"]) == pytest.approx(s.alpha_bounds[0], rel=1e-4)
    assert float(row["gamma"]) == pytest.approx(s.gamma, rel=1e-4)
    assert float(row["dead"]) == pytest.approx(s.n_zero_rows / 41, rel=1e-4)
    assert row["inertia_agrees"] == "True"
    assert round(float(row["alpha"]) * 41) <= int(row["bound"])
    q = data.Y_train.mean()
    assert float(row["silence"]) == pytest.approx(
        -q * np.log(q) - (1 - q) * np.log(1 - q), rel=1e-5
    )


def test_first_epochs_are_those_of_the_record():
    history = mf.History({"loss": [0.7, 0.4, 0.5, 0.1], "epoch": [0, 11, 21, 31]})
    assert seeds_run._first_epoch(history, 0.45) == 11
    assert seeds_run._first_epoch(history, 0.1) == 31
    assert seeds_run._first_epoch(history, 0.05) is None


def test_curves_csv_holds_quartiles_over_seeds(swept):
    out, runs = swept
    rows = [row for row in table(out / "curves.csv") if row["activation"] == "esp"]
    assert [row["epoch"] for row in rows] == ["0", "11", "21"]
    assert {row["seeds"] for row in rows} == {"4"}
    histories = [
        result_from_file(run, out / "runs").history for run in runs if run.activation == "esp"
    ]
    quartiles = np.percentile([h["loss"][1] for h in histories], [25, 50, 75])
    found = [float(rows[1][f"cost_{q}"]) for q in (25, 50, 75)]
    assert found == pytest.approx(quartiles, rel=1e-4)


def test_loss_of_a_constant_predictor_of_a_varying_and_of_a_constant_output():
    Y = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert seeds_run.constant_predictor_loss(Y) == pytest.approx(np.log(2) / 2)


# ------------------------------------------------------------------- command line


def call(out, *more):
    tasks = ["--tasks", "linear-10", "--activations", "relu", "--epochs", "12", "--seeds", "2"]
    return main(["sweep", *tasks, "--out", str(out), *more])


def test_sweep_from_the_command_line(tmp_path, capsys):
    assert call(tmp_path / "o", "--workers", "1") == 0
    assert "2 of 2 runs are finished" in capsys.readouterr().out
    made = {path.name for path in (tmp_path / "o").iterdir()}
    assert made >= {"runs", "starts.csv", "curves.csv"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--seeds", "0"], "minifnn: seeds"),
        (["--workers", "0"], "minifnn: workers"),
        (["--rates", "-1"], "minifnn: rate"),
        (["--data-dir", "/nowhere"], "minifnn: data_dir: expected a folder with Lindata.mat"),
    ],
)
def test_a_wrong_option_is_one_clear_line(tmp_path, capsys, more, message):
    assert call(tmp_path / "o", *more) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith(message)
