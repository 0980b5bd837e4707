"""How fast minifnn is, and how much memory it takes, beside JAX, PyTorch and scikit-learn.

    python -m tests.benchmarks                     measure, write results.csv and tables.md
    python -m tests.benchmarks training cold       only these parts; the other rows are kept
    python -m tests.benchmarks --quick             small problems: does it run at all?
    python -m tests.benchmarks --docs              the same, into docs/benchmarks.md

All libraries get the same data and the same theta, in float64. `tasks.py` lists the tasks and
their targets; `in_jax.py`, `in_torch.py` and `in_sklearn.py` have a function per task, of the
same name as in `own.py`; `race.py` compares the results and then takes the times.
"""
