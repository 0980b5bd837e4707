"""The page that reproduce writes: its verdict against summary.csv, its panels, its film."""

import csv
import html
import json
import re

import numpy as np
import pytest

from minifnn import plots
from minifnn.experiments import paper, report
from minifnn.experiments.paper import PUBLISHED, TASKS, Run

FULL = {"linear-8-2": 1000, "nonlinear-8-2": 2500}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report of two tasks and four activations, trained shortly."""
    out = tmp_path_factory.mktemp("written")
    tasks = ["linear-8-2", "nonlinear-8-2"]
    results, failures = paper.reproduce(out, tasks, epochs=40, workers=1, progress=False)
    assert not failures
    assert report.write_report(out, results) == []
    return out, (out / "report.html").read_text(encoding="utf-8")


def rows_of(path):
    with open(path, newline="") as file:
        return [{name: number(text) for name, text in row.items()} for row in csv.DictReader(file)]


def number(text):
    try:
        return float(text) if text else None
    except ValueError:
        return text


def verdict(rows):
    """The words of a verdict on these rows, as a page shows them."""
    shown = {}
    for row in rows:
        published = PUBLISHED.get((row["task"], row["activation"]))
        one = {"name": plots.NAMES[row["activation"]], "end": row, "published": published}
        shown.setdefault(TASKS[row["task"]].title, []).append(one)
    run = Run("linear-10", "esp")
    return words(report.render("verdict.html", tasks=shown, runs=[run], links=[]))


def words(page):
    page = re.sub(r"<(script|style|nav).*?</\1>|<svg.*?</svg>", "", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def check(text, rows):
    """The words say what the numbers say, computed here in another way."""
    settings = {task: [r for r in rows if r["task"] == task] for task in {r["task"] for r in rows}}
    first = {task: min(own, key=lambda r: r["cost"]) for task, own in settings.items()}
    names = [plots.NAMES[row["activation"]] for row in first.values()]
    leader, n, of = re.search(r"(\w+) ends lowest in (\d+) of (\d+) settings", text).groups()
    assert int(n) == names.count(leader) == max(map(names.count, names))
    assert int(of) == len(settings)
    for task, row in first.items():
        name = plots.NAMES[row["activation"]]
        second = sorted(settings[task], key=lambda r: r["cost"])[1]
        said = f"{row['cost']:.3g}, {plots.NAMES[second['activation']]} {second['cost']:.3g})"
        assert (f"{TASKS[task].title} ({said}" in text) == (name != leader)

    three = [[r for r in own if r["activation"] != "tanh"] for own in settings.values()]
    count = {
        "ESP ends with the lowest cost": lambda r: r["cost"],
        "ESP converges fastest": lambda r: r["epoch_of_half"] or np.inf,
        "ESP leaves the most residuals near zero": lambda r: -r["zero_residuals"],
    }
    for claim, value in count.items():
        others = [min(value(r) for r in own if r["activation"] != "esp") for own in three]
        own = [value(r) for each in three for r in each if r["activation"] == "esp"]
        n = sum(a < b for a, b in zip(own, others))
        mark = "holds" if n == len(three) else "in part" if n else "not here"
        assert f"{claim} {mark} in {n} of {len(three)} settings" in text

    compared = [row for row in rows if row["ratio"] is not None]
    far = [row for row in compared if not 1 / 5 <= row["ratio"] <= 5]
    counted = f"{len(compared) - len(far)} of {len(compared)} end costs lie within a factor of 5"
    assert (counted in text) == bool(compared)
    assert text.count(" instead of ") == len(far)
    for row in far:
        was = PUBLISHED[row["task"], row["activation"]].cost
        name = f"{TASKS[row['task']].title} {plots.NAMES[row['activation']]}"
        factor = max(row["cost"] / was, was / row["cost"])
        more = "more" if row["cost"] > was else "less"
        said = f"{name}, {row['cost']:.3g} instead of {was:.3g} ({factor:.2g} times {more}"
        assert said in text
    stuck = [r for r in rows if r["activation"] == "relu" and r["task"].endswith("8-2")]
    n = sum(row["cost"] > 0.75 * row["constant_cost"] for row in stuck)
    mark = "holds" if n == len(stuck) else "in part" if n else "not here"
    assert (f"ReLU gets stuck in 2-8-2-1 {mark}" in text) == bool(stuck)


def made_up(seed, **scale):
    """Rows as summary.csv has them, of all tasks, with costs from a seed."""
    rng = np.random.default_rng(seed)
    rows = []
    for task in TASKS:
        for activation in paper.ACTIVATIONS:
            cost = 0.5 * np.exp(rng.normal(scale=2)) * scale.get(activation, 1)
            published = PUBLISHED.get((task, activation))
            alike = published and task != "digits"
            row = {"task": task, "activation": activation, "cost": cost, "constant_cost": 0.69}
            row |= {"ratio": cost / published.cost if alike else None, "gamma": rng.random()}
            row |= {"epoch_of_half": rng.choice([None, 11, 21, 31]), "flat_1e-3": rng.random()}
            rows.append(row | {"zero_residuals": rng.integers(4) / 4})
    return rows


def test_the_verdict_is_that_of_summary_csv(written):
    out, page = written
    check(words(page), rows_of(out / "summary.csv"))


@pytest.mark.parametrize("seed", range(30))
def test_the_verdict_follows_other_results(seed):
    rows = made_up(seed)
    check(verdict(rows), rows)


@pytest.mark.parametrize(
    ("activation", "name"),
    [("esp", "ESP"), ("relu", "ReLU"), ("sigmoid", "sigmoid"), ("tanh", "tanh")],
)
def test_whoever_ends_lowest_everywhere_is_named_alone(activation, name):
    rows = made_up(0, **{activation: 1e-9})
    text = verdict(rows)
    check(text, rows)
    assert text.startswith(f"{name} ends lowest in 5 of 5 settings .")


def test_a_verdict_of_one_activation_compares_nothing():
    rows = [row for row in made_up(0) if row["activation"] == "relu"]
    text = verdict(rows)
    assert "ends lowest" not in text and "The paper says" not in text
    assert "end costs lie within" in text


def test_the_verdict_says_when_nothing_was_run_as_published(written):
    assert "No run had the epochs and the encoding of a published one." in words(written[1])


def test_ratios_are_of_published_epochs_and_encoding_only(written):
    _, results = written[0], paper.reproduce(written[0], list(FULL), epochs=40, workers=1)[0]
    assert report.summary(results[0])["ratio"] is None
    run = results[0].run
    longer = results[0]._replace(run=Run(run.task, run.activation))
    was = PUBLISHED[run.task, run.activation].cost
    assert report.summary(longer)["ratio"] == longer.history["loss"][-1] / was


def test_the_film_has_every_eigenvalue_of_every_record(written):
    out, page = written
    numbers = re.search(r"id=film-numbers>(.*?)</script>", page, flags=re.S).group(1)
    films = json.loads(numbers)
    assert [film["title"] for film in films] == ["linear 2-8-2-1", "non-linear 2-8-2-1"]
    results = paper.reproduce(out, list(FULL), epochs=40, workers=1)[0]
    shown = [run for film in films for run in film["runs"]]
    for one, result in zip(shown, results):
        eigenvalues = result.history["eigenvalues"]
        assert one["name"] == plots.NAMES[result.run.activation]
        assert one["epochs"] == result.history["epoch"].tolist()
        assert one["total"] == eigenvalues.shape[1]
        assert len(one["counts"]) == len(eigenvalues)
        inside = np.sum(one["counts"], axis=1)
        assert np.all(inside <= one["total"]) and inside[-1] > 0.9 * one["total"]


def test_text_in_the_figures_is_large_enough_to_read(written):
    """At 1300 px three panels of 395 px stand in a row, or four of 292."""
    page = written[1]
    for width, columns in ((394.6, 3), (292, 4)):
        for panels in re.findall(rf'<div class="panels of-{columns}">(.*?)</figure>', page, re.S):
            for svg in re.findall(r"<svg.*?</svg>", panels, re.S):
                scale = width / float(re.search(r'viewBox="0 0 ([\d.]+)', svg).group(1))
                sizes = [
                    float(size) for size in re.findall(r"(?:font: |font-size: )([\d.]+)px", svg)
                ]
                assert min(sizes) * scale >= 9, re.findall(r"<text.*?</text>", svg, re.S)[:3]


def test_panels_take_the_colour_of_the_text_and_no_id_twice_matters(written):
    page = written[1]
    assert "currentColor" in page and "#000000" not in page
    assert "<metadata" not in page and "<!--" not in page.split("<svg", 1)[1].split("</svg>")[0]
