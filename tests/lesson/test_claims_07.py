"""What lesson 7 says of its own results, computed; of the activations, see test_claims_08."""

import numpy as np

import minifnn as mf
from minifnn import lesson

DATA = mf.datasets.nonlinear()
X, Y = DATA.X_train, DATA.Y_train


def test_small_batches_end_lower_and_units_die_in_training():
    ends, deaths = [], []
    for size in (None, 64, 16):
        net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
        mf.train(net, X, Y, 100, mf.GradientDescent(0.1), batch_size=size, record=[])
        ends.append(net.loss(X, Y))
    assert ends[0] > ends[1] > ends[2]
    for seed in range(20):
        net, counts = mf.mlp([2, 10, 1], "relu", seed=seed), []
        for epochs in (0, 2300):
            if epochs:
                mf.train(net, X, Y, epochs, mf.Adam(0.01, decay=(0.9, 500)), record=[])
            W, b = net.parameters["W1"], net.parameters["b1"]
            counts.append((X @ W + b <= 0).all(axis=0).sum())
        deaths.append(counts)
    before, after = np.mean(deaths, axis=0)
    assert abs(lesson.exercise("7.10").solution - before) <= 0.2 * before
    assert after > before and 10 - after < 6
