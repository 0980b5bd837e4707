"""Full-batch training with Adam: the same steps, the same theta after 20 epochs."""

from functools import partial

from . import peers, problems, race
from .table import row_of, speed

CHECKED = 20  # epochs after which theta is compared
TASKS = {  # name: (problem, epochs, repeats, times faster than JAX, than PyTorch)
    "training 2-10-1": (partial(problems.plane, [10], 0.004), 2300, 5, 2, 15),
    "training 2-8-2-1": (partial(problems.plane, [8, 2], 0.004), 2500, 5, 2, 15),
    "training 64-25-10": (problems.digits_to_learn, 2000, 3, 3, 4),
}


def run(settings):
    """All trainings, each a benchmark of its own."""
    rows, ratios = [], []
    for name, (problem, epochs, repeats, than_jax, than_torch) in TASKS.items():
        epochs = epochs // 50 if settings.quick else epochs
        print(f"  {name}, {epochs} epochs")
        here = peers.installed(peers.TRAININGS)
        runners = [_runner(peer, problem(), epochs) for peer in here]
        new = [row_of(name, runner) for runner in race.run(runners, settings.times(repeats))]
        rows += new
        ratios += speed(new, peers.JAX_LOOP, at_least=than_jax)
        ratios += speed(new, peers.JAX_STEPS)
        ratios += speed(new, peers.TORCH_SAME, at_least=than_torch)
        ratios += speed(new, peers.TORCH_OWN, at_least=than_torch)
        ratios += speed(new, peers.SKLEARN)
    return rows, ratios


def _runner(peer, problem, epochs):
    return race.Runner(
        peer.name,
        partial(peer.make, problem),
        arguments=(epochs,),
        check=(CHECKED,) if peer.compared else None,
        tolerance=peer.tolerance,
    )
