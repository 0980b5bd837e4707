"""The exercises of lesson 12, the paper, again."""

import numpy as np

from minifnn.lesson import Exercise


def bands(costs):
    """Lower quartile, median, upper quartile over the starts: costs (starts, records)."""
    ### BEGIN SOLUTION
    lower, median, upper = np.percentile(costs, [25, 50, 75], axis=0)
    return lower, median, upper
    ### END SOLUTION


def bands_over_records(costs):
    return tuple(np.percentile(costs, [25, 50, 75], axis=1))


def bands_of_all(costs):
    return tuple(np.percentile(costs, [25, 50, 75]))


def upper_first(costs):
    return tuple(np.percentile(costs, [75, 50, 25], axis=0))


def mean_and_deviation(costs):
    mean, deviation = costs.mean(axis=0), costs.std(axis=0)
    return mean - deviation, mean, mean + deviation


def extremes(costs):
    return costs.min(axis=0), np.median(costs, axis=0), costs.max(axis=0)


def interval_of_median(differences, picks):
    """95 % bootstrap interval of the median: differences (n,), picks (B, n) of indices."""
    ### BEGIN SOLUTION
    medians = np.median(differences[picks], axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return low, high
    ### END SOLUTION


def interval_of_mean(differences, picks):
    return tuple(np.percentile(differences[picks].mean(axis=1), [2.5, 97.5]))


def interval_across(differences, picks):
    return tuple(np.percentile(np.median(differences[picks], axis=0), [2.5, 97.5]))


def interval_of_ninety(differences, picks):
    return tuple(np.percentile(np.median(differences[picks], axis=1), [5, 95]))


def interval_of_fractions(differences, picks):
    return tuple(np.percentile(np.median(differences[picks], axis=1), [0.025, 0.975]))


def spread_of_starts(differences, picks):
    return tuple(np.percentile(differences, [2.5, 97.5]))


def cost_of_silence(Y):
    """Least cost in nats of a network that says the same for all: targets Y (N, 1) of 0 and 1."""
    ### BEGIN SOLUTION
    q = Y.mean()
    return -(q * np.log(q) + (1 - q) * np.log(1 - q))
    ### END SOLUTION


def cost_in_bits(Y):
    return cost_of_silence(Y) / np.log(2)


def cost_of_ones(Y):
    q = Y.mean()
    return -q * np.log(q)


def cost_crossed(Y):
    q = Y.mean()
    return -(q * np.log(1 - q) + (1 - q) * np.log(q))


def cost_of_a_coin(Y):
    return np.log(2)


def cost_summed(Y):
    return cost_of_silence(Y) * len(Y)


def cost_of_the_wrong_sign(Y):
    return -cost_of_silence(Y)


def unequal_targets(rng):
    """Targets of which a quarter or so are 1, and never none or all."""
    return ((np.arange(37) % rng.integers(3, 6) == 0).astype(float)[:, None],)


EXERCISES = (
    Exercise(
        number="12.1",
        name="stuck_starts",
        solution="some",
        hints=(
            "One published run was stuck. How much does one run say about a hundred?",
            "To be stuck, the whole last hidden layer (two units) has to be dead. How likely is "
            "it that both units are dead?",
        ),
        mutants={
            "That is what a single run suggests. Two units have to be dead together for it.": (
                "most"
            ),
            "It is rarer: a unit is dead now and then, and here two have to be dead together.": (
                "half"
            ),
            "It did happen once among the published runs, so it is not that rare.": "none",
        },
    ),
    Exercise(
        number="12.2",
        solution=bands,
        returns=("lower", "median", "upper"),
        inputs=lambda rng: (rng.exponential(size=(11, 6)),),
        hints=(
            "Quartiles are the 25th and the 75th percentile, the median is the 50th.",
            "One number for each record: go over the starts, which are the rows, axis=0.",
            "np.percentile(costs, [25, 50, 75], axis=0) gives all three.",
        ),
        mutants={
            "You went over the records of one start. Starts are rows: axis=0.": bands_over_records,
            "The other way round: lower, median, upper.": upper_first,
            "You mixed all epochs into one. Keep one number a record: axis=0.": bands_of_all,
            "That is the mean and the deviation: one stuck start pulls both away.": (
                mean_and_deviation
            ),
            "Those are the best and the worst start. Quartiles leave out a quarter a side.": (
                extremes
            ),
        },
    ),
    Exercise(
        number="12.3",
        solution=interval_of_median,
        returns=("low", "high"),
        inputs=lambda rng: (rng.exponential(size=14) - 0.3, rng.integers(0, 14, size=(300, 14))),
        hints=(
            "differences[picks] has the shape (B, n): every row is one set drawn anew.",
            "Take the median of every row: axis=1. That gives B medians.",
            "95 % lie between the percentiles 2.5 and 97.5 of these medians.",
        ),
        mutants={
            "That is the interval of the *mean*. The median does not mind one odd start.": (
                interval_of_mean
            ),
            "Every row is one set: take the median over axis 1, not over axis 0.": interval_across,
            "Percentiles 5 and 95 leave 90 % between them. For 95 %: 2.5 and 97.5.": (
                interval_of_ninety
            ),
            "np.percentile counts in per cent: 2.5 and 97.5, not 0.025 and 0.975.": (
                interval_of_fractions
            ),
            "That is how far the *starts* spread. We ask how well their median is known: use "
            "picks.": spread_of_starts,
        },
    ),
    Exercise(
        number="12.4",
        solution=cost_of_silence,
        inputs=unequal_targets,
        hints=(
            "A network that says the same p to everybody has the cost -(q log p + (1-q) log(1-p)), "
            "where q is the share of ones.",
            "Differentiate in p: q/p = (1-q)/(1-p). So the best p is q.",
            "Put p = q: it is the entropy of the class shares, in nats.",
        ),
        mutants={
            "That is in bits. The cost is in nats: the natural logarithm.": cost_in_bits,
            "You left out the samples of class 0: add the term of 1 - q.": cost_of_ones,
            "The logarithms are exchanged: the share q goes with log q.": cost_crossed,
            "log 2 is what p = 1/2 costs. Saying the share of ones is cheaper.": cost_of_a_coin,
            "The loss is a mean over the samples, not a sum.": cost_summed,
            "A logarithm of a probability is negative, a cost is not: turn the sign.": (
                cost_of_the_wrong_sign
            ),
        },
    ),
    Exercise(
        number="12.5",
        name="fair_winner",
        solution="sigmoid",
        hints=(
            "What differs in the published comparison besides the activation? Compare the two P.",
            "ESP alone trained its betas. Lesson 5: a sigmoid learns slowly where f_h is small, "
            "and f_h = beta w. What may a trained beta do for it?",
        ),
        mutants={
            "That is what the published curves suggest. But ESP alone had its betas trained.": (
                "esp"
            ),
            "A trained beta changes more than that. Run the next cell and look.": "same",
            "ReLU has no beta to train: f_b = 0. It cannot gain from this.": "relu",
        },
    ),
)
