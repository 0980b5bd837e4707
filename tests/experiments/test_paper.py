"""The published experiments: protocol, resuming, report, command line."""

import csv
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import RECORD

import minifnn as mf
from minifnn import plots
from minifnn.__main__ import main
from minifnn._util import checkpoint
from minifnn.experiments import paper, report
from minifnn.experiments.paper import PUBLISHED, TASKS, Run
from minifnn.experiments.sweep import Outcome

SMALL = {"tasks": ["linear-10", "linear-8-2"], "activations": ["esp", "relu"], "epochs": 25}


def small(out, **options):
    return paper.reproduce(out, **{**SMALL, "workers": 1, "progress": False, **options})


def same(a, b):
    return all(np.array_equal(a.history[name], b.history[name]) for name in a.history.keys())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("finished")
    results, failures = small(out)
    assert not failures
    return out, results


# --------------------------------------------------------------------- protocol


def test_networks_and_starts_are_the_published_ones():
    sizes = {"esp": (52, 56, 1920), "relu": (41, 45, 1885), "sigmoid": (41, 45, 1885)}
    for activation, P in sizes.items():
        nets = [Run(task, activation).network() for task in TASKS]
        assert [net.n_parameters for net in nets] == [P[0], P[1], P[0], P[1], P[2]]
    net = Run("digits", "esp").network()
    assert 0.002 < net.parameters["beta1"].std() < 0.006
    assert not net.parameters["b1"].any()
    assert np.abs(net.parameters["W1"]).max() <= np.sqrt(6 / 89)
    assert Run("linear-10", "relu").network().betas[0].tolist() == [1.0] * 10


def test_data_have_the_published_sizes():
    for task, (train, test) in {"linear-10": (38, 13), "nonlinear-10": (690, 173)}.items():
        data = Run(task, "esp").data()
        assert (len(data.X_train), len(data.X_test)) == (train, test)


def test_every_published_end_point_is_there():
    assert set(PUBLISHED) == {(t, a) for t in TASKS for a in ("esp", "relu", "sigmoid")}


def test_the_authors_data_are_found_by_name():
    if not RECORD.exists():
        pytest.skip("the authors' record is not here")
    data = Run("nonlinear-10", "esp", data_dir=str(RECORD.parent)).data()
    assert len(data.X_train) == 690
    assert not np.array_equal(data.X_train, mf.datasets.nonlinear().X_train)


@pytest.mark.slow
def test_training_reaches_the_published_end_points_in_character():
    """ESP below ReLU and sigmoid on the non-linear task, at the default seed."""
    end = {}
    for activation in ("esp", "relu", "sigmoid"):
        run = Run("nonlinear-10", activation)
        net, data = run.network(), run.data()
        adam = mf.Adam(0.01, decay=(0.9, 500))
        history = mf.train(net, data.X_train, data.Y_train, epochs=2300, optimizer=adam)
        end[activation] = history["loss"][-1]
    assert end["esp"] < 0.6 * end["relu"]
    assert end["esp"] < 0.6 * end["sigmoid"]
    assert end["esp"] < 0.15


# --------------------------------------------------------------- runs and files


def test_results_come_in_order_and_with_their_settings(finished):
    _, results = finished
    names = [result.run.name for result in results]
    assert names == [
        "linear-10_esp_seed-0",
        "linear-10_relu_seed-0",
        "linear-8-2_esp_seed-0",
        "linear-8-2_relu_seed-0",
    ]
    for result in results:
        assert result.history["epoch"].tolist() == [0, 11, 21]
        assert result.history["eigenvalues"].shape == (3, result.net.n_parameters)
        assert np.array_equal(result.net.theta, result.history["theta"][-1])
        assert result.seconds > 0


def test_a_finished_run_is_not_run_again(finished, monkeypatch):
    out, results = finished
    monkeypatch.setattr(Run, "train", None)
    again, failures = small(out)
    assert not failures
    assert all(same(a, b) for a, b in zip(again, results))


def test_an_interrupted_call_goes_on_and_ends_in_the_same_bits(finished, tmp_path, monkeypatch):
    records = []

    def stop(path, arrays):
        real(path, arrays)
        records.append(path.name)
        if len(records) == 6:
            raise KeyboardInterrupt

    real = checkpoint.write_arrays
    monkeypatch.setattr(checkpoint, "write_arrays", stop)
    with pytest.raises(KeyboardInterrupt):
        small(tmp_path / "o")
    left = sorted(path.name for path in (tmp_path / "o" / "runs").iterdir())
    assert left == ["linear-10_esp_seed-0.npz", "linear-10_relu_seed-0.checkpoint.npz"]
    monkeypatch.setattr(checkpoint, "write_arrays", real)
    results, failures = small(tmp_path / "o")
    assert not failures
    assert all(same(a, b) for a, b in zip(results, finished[1]))
    assert not list((tmp_path / "o").rglob("*checkpoint*"))


def test_processes_give_the_same_bits(finished, tmp_path):
    results, failures = small(tmp_path / "o", workers=2, progress=True)
    assert not failures
    assert all(same(a, b) for a, b in zip(results, finished[1]))


def test_a_failing_run_is_reported_and_stops_no_other(tmp_path, few_figures, monkeypatch):
    def network(run):
        if run.name == "linear-10_relu_seed-0":
            raise OSError(28, "No space left on device")
        return real(run)

    real = Run.network
    monkeypatch.setattr(Run, "network", network)
    results, failures = small(tmp_path / "o")
    assert [failure.config.name for failure in failures] == ["linear-10_relu_seed-0"]
    assert len(results) == 3
    problems = report.write_report(tmp_path / "o", results, failures)
    assert problems == ["linear-10_relu_seed-0: OSError: [Errno 28] No space left on device"]
    assert "No space left on device" in (tmp_path / "o" / "report.html").read_text()


COMPILED = """
import sys, tempfile, minifnn as mf
from minifnn.experiments import paper, report
def kernels():
    modules = [vars(sys.modules[name]) for name in list(sys.modules) if ".compiled" in name]
    named = {name: kernel for module in modules for name, kernel in module.items()}
    return {(name, str(s)) for name in named for s in getattr(named[name], "signatures", ())}
paper.compile_kernels()
before, folder = kernels(), tempfile.mkdtemp()
for task, activation, epochs in (("digits", "relu", 1), ("nonlinear-8-2", "esp", 12)):
    run = paper.Run(task, activation, epochs=epochs)
    paper.run_to_file(run, folder)
result = paper.result_from_file(run, folder)
report.summary(result), report._cells(result)
print(len(before), kernels() - before)
"""


def test_what_is_compiled_first_is_all_that_runs_and_tables_need():
    done = subprocess.run([sys.executable, "-c", COMPILED], capture_output=True, text=True)
    n, rest = done.stdout.split(" ", 1)
    assert rest.strip() == "set()" and int(n) >= 8, done.stderr


def test_without_a_terminal_every_finished_run_is_a_line(tmp_path, capfd):
    small(tmp_path / "o", progress=True)
    lines = capfd.readouterr().err.strip().splitlines()
    assert all("\r" not in line for line in lines)
    ends = [line.split()[0] for line in lines if " done: " in line]
    assert sorted(ends) == sorted(path.stem for path in (tmp_path / "o" / "runs").iterdir())
    assert re.search(r" done: 100% after \d+ s, about 0 s left$", lines[-1])


def test_other_settings_are_refused_and_nothing_is_lost(finished):
    out, _ = finished
    before = {path: path.read_bytes() for path in (out / "runs").iterdir()}
    for options in ({"epochs": 30}, {"as_published": True}):
        with pytest.raises(ValueError, match="choose another folder"):
            small(out, **options)
    assert {path: path.read_bytes() for path in (out / "runs").iterdir()} == before


def test_a_file_is_no_folder_to_write_to(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="out"):
        small(tmp_path / "thesis.txt")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_missing_data_are_said_before_anything_is_run(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data_dir: expected a folder with Lindata\.mat"):
        small(tmp_path / "o", data_dir=tmp_path)
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("xor", "esp"), ValueError, "task.*one of"),
        (("digits", "swish"), ValueError, "activation.*one of"),
        (("digits", "esp", -1), ValueError, "seed"),
        (("digits", "esp", 0, 0), ValueError, "epochs"),
    ],
)
def test_run_names_the_argument(arguments, error, message):
    with pytest.raises(error, match=message):
        Run(*arguments)


# ----------------------------------------------------------------------- report


@pytest.fixture
def few_figures(monkeypatch):
    """Reports have three of their figures, or it takes long."""

    def few(by_task):
        return [name for name in names(by_task) if name in ("cost", "alpha", "gamma")]

    names = report.names
    monkeypatch.setattr(report, "names", few)


def test_report_is_whole_and_self_contained(finished):
    out, results = finished
    assert report.write_report(out, results) == []
    page = (out / "report.html").read_text()
    links = set(re.findall(r'(?:src|href)="(?!data:|#)([^"]*)', page))
    pdfs = {f"figures/{path.name}" for path in (out / "figures").iterdir()}
    assert links == {"https://arxiv.org/abs/1805.08786", "summary.csv", "figures/"} | pdfs
    assert {path.stem for path in (out / "figures").iterdir()} == {
        "ends", "cost", "accuracy", "alpha", "gamma", "residuals", "flat", "eigenvalues",
        "weights", "boundaries", "eigenvectors", "sharpness", "parts", "valleys"}  # fmt: skip
    # two panels of nine figures, one per run of four, and three in the first row
    assert page.count("<div role=img") == 9 * 2 + 4 * 4 + 3
    inside = set(re.findall(r'href="#([^"]*)', re.sub(r"<svg.*?</svg>", "", page, flags=re.S)))
    assert inside <= set(re.findall(r"id=\"?([\w-]+)", page))
    assert "0.65739" in page  # the published ReLU that got stuck


def test_the_report_links_to_what_lies_beside_it(finished, few_figures, tmp_path):
    for folder in ("docs", "lessons", "out"):
        (tmp_path / folder).mkdir()
    (tmp_path / "docs" / "findings.md").touch()
    report.write_report(tmp_path / "out", finished[1])
    page = (tmp_path / "out" / "report.html").read_text()
    assert 'href="../docs/findings.md"' in page and 'href="../lessons/"' in page


def test_report_counts_zeros_and_says_where_alpha_comes_from(finished):
    _, results = finished
    relu = results[1]
    P, dead, gauge, _, numerical, alpha, by_inertia, most = report._cells(relu)["zeros"]
    data = relu.run.data()
    H = mf.hessian(relu.net, data.X_train, data.Y_train)
    s = mf.spectrum(H)
    assert (P, dead, numerical) == (41, s.n_zero_rows, round(s.gamma * 41))
    assert gauge == 10 - dead // 4
    assert alpha == by_inertia
    assert round(s.alpha * 41) <= most
    counts = report._cells(relu)["parts"][:3]
    residual = mf.spectrum(mf.residual_part(relu.net, data.X_train, data.Y_train))
    assert counts == [round(s.alpha * 41), 0, round(residual.alpha * 41)]


def test_summary_csv_says_what_the_histories_say(finished, few_figures):
    out, results = finished
    report.write_report(out, results)
    with open(out / "summary.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["activation"] for row in rows] == ["esp", "relu", "esp", "relu"]
    assert float(rows[0]["cost"]) == results[0].history["loss"][-1]
    assert float(rows[2]["alpha"]) == results[2].history["alpha"][-1]
    assert int(rows[1]["parameters"]) == 41


def test_a_failing_figure_is_named_and_the_others_are_made(
    finished, few_figures, tmp_path, monkeypatch
):
    def broken(histories, ax=None):
        raise RuntimeError("no ink")

    monkeypatch.setattr(plots, "alpha_against_cost", broken)
    problems = report.write_report(tmp_path, finished[1])
    assert problems == ["figure alpha: RuntimeError: no ink"]
    page = (tmp_path / "report.html").read_text()
    assert "no ink" in page
    assert (tmp_path / "figures" / "gamma.pdf").exists()
    assert not (tmp_path / "figures" / "alpha.pdf").exists()


def test_a_report_of_no_finished_run_says_what_failed_and_draws_nothing(tmp_path):
    failed = Outcome(Run("digits", "esp"), error=MemoryError("no room & <b>"))
    problems = report.write_report(tmp_path, [], [failed])
    assert problems == ["digits_esp_seed-0: MemoryError: no room & <b>"]
    assert "no room &amp; &lt;b&gt;" in (tmp_path / "report.html").read_text()
    assert list((tmp_path / "figures").iterdir()) == []


def test_a_full_disk_keeps_the_old_report(finished, tmp_path, monkeypatch):
    (tmp_path / "summary.csv").write_text("old")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(OSError, match="disk full"):
        report.write_report(tmp_path, finished[1])
    assert (tmp_path / "summary.csv").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"summary.csv", "figures"}


# ----------------------------------------------------------------- command line


def call(out, *more):
    tasks = ["--tasks", "linear-10", "--activations", "esp", "--epochs", "12", "--workers", "1"]
    return main(["reproduce", *tasks, "--out", str(out), *more])


def test_reproduce_from_the_command_line(tmp_path, few_figures, capsys):
    assert call(tmp_path / "o") == 0
    assert "1 runs are finished. Open" in capsys.readouterr().out
    made = {path.name for path in (tmp_path / "o").iterdir()}
    assert made >= {"runs", "figures", "report.html", "summary.csv"}


def test_names_may_be_in_any_case(tmp_path, few_figures):
    assert call(tmp_path / "o", "--tasks", "LINEAR-10", "--activations", "ReLU", "Tanh") == 0
    runs = {path.stem for path in (tmp_path / "o" / "runs").iterdir()}
    assert runs == {"linear-10_relu_seed-0", "linear-10_tanh_seed-0"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--seed", "-1"], "minifnn: seed"),
        (["--epochs", "0"], "minifnn: epochs"),
        (["--workers", "0"], "minifnn: workers"),
        (["--data-dir", "/nowhere"], "minifnn: data_dir: expected a folder with Lindata.mat"),
    ],
)
def test_a_wrong_option_is_one_clear_line(tmp_path, capsys, more, message):
    assert call(tmp_path / "o", *more) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(message)


def test_an_unknown_task_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        call(tmp_path / "o", "--tasks", "xor")
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert "invalid choice: 'xor'" in said and said.startswith("usage: minifnn reproduce")
    assert said.count("nonlinear-8-2") == 1


def test_ctrl_c_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(paper, "reproduce", stop)
    assert call(tmp_path / "o") == 130
    assert "Call it again to go on" in capsys.readouterr().err


def test_a_failure_is_in_the_exit_code(tmp_path, few_figures, capsys, monkeypatch):
    def broken(histories, ax=None):
        raise RuntimeError("no ink")

    monkeypatch.setattr(plots, "cost_against_epoch", broken)
    assert call(tmp_path / "o") == 1
    assert "minifnn: figure cost: RuntimeError: no ink" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of Unix")
def test_ctrl_c_ends_every_process_and_loses_no_record(tmp_path):
    """A real call, interrupted in the middle, says one thing and goes on afterwards."""
    command = [sys.executable, "-m", "minifnn", "reproduce", "--out", str(tmp_path / "o")]
    command += ["--tasks", "digits", "--activations", "esp", "relu", "--workers", "2"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    runs = tmp_path / "o" / "runs"
    deadline = time.monotonic() + 60
    while not list(runs.glob("*.checkpoint.npz")) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    errors = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 130
    assert errors.rstrip().endswith("Stopped. Call it again to go on from here.")
    assert "Traceback" not in errors
    assert {path.name.split(".", 1)[1] for path in runs.iterdir()} == {"checkpoint.npz"}
    deadline = time.monotonic() + 10
    with pytest.raises(ProcessLookupError):  # soon nobody of the group is left
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.1)
