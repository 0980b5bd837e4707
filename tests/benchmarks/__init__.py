"""How fast minifnn is, and how much memory it takes, beside JAX, PyTorch and scikit-learn.

Run from the project's root:

    python -m tests.benchmarks                        all but mnist-hessian
    python -m tests.benchmarks training --repeats 9   one of them
    python -m tests.benchmarks --quick                small problems: does it run at all?

Everybody gets the same data, the same network and the same theta, in float64.
Results are compared before times are taken (`race.py`), and a peer that gives
another result is an error. `peers.py` lists who takes part; each is written in
the file beside it, in the way its own manual recommends.
"""
