"""The exercises of lesson 12, the paper, again."""

import numpy as np

from minifnn.lesson import Exercise, sizes


def bands(costs):
    """Lower quartile, median, upper quartile: costs (seeds, records)."""
    ### BEGIN SOLUTION
    lower, median, upper = np.percentile(costs, [25, 50, 75], axis=0)
    return lower, median, upper
    ### END SOLUTION


def mean_and_deviation(costs):
    mean, deviation = costs.mean(axis=0), costs.std(axis=0)
    return mean - deviation, mean, mean + deviation


def mean_in_the_middle(costs):
    lower, upper = np.percentile(costs, [25, 75], axis=0)
    return lower, costs.mean(axis=0), upper


def around_the_median(costs):
    lower, median, upper = np.percentile(costs, [25, 50, 75], axis=0)
    return median - (upper - lower) / 2, median, median + (upper - lower) / 2


def deviation_around_the_median(costs):
    median, deviation = np.median(costs, axis=0), costs.std(axis=0)
    return median - deviation, median, median + deviation


def seeds_as_they_come(costs):
    n = len(costs)
    return costs[n // 4], costs[n // 2], costs[3 * n // 4]


def sorted_records(costs):
    return seeds_as_they_come(np.sort(costs))


def nearest_seeds(costs):
    return seeds_as_they_come(np.sort(costs, axis=0))


def interval_of_median(differences, picks):
    """Its 95 % interval: differences (n,), picks (B, n) of indices."""
    ### BEGIN SOLUTION
    medians = np.median(differences[picks], axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return low, high
    ### END SOLUTION


def spread_of_seeds(differences, picks):
    return tuple(np.percentile(differences, [2.5, 97.5]))


def medians_of_indices(differences, picks):
    return tuple(np.percentile(np.median(picks, axis=1), [2.5, 97.5]))


def deviations_of_seeds(differences, picks):
    middle, deviation = np.median(differences), differences.std()
    return middle - 1.96 * deviation, middle + 1.96 * deviation


def spread_of_all_picks(differences, picks):
    return tuple(np.percentile(differences[picks], [2.5, 97.5]))


def deviations_around_the_median(differences, picks):
    width = 1.96 * np.median(differences[picks], axis=1).std()
    return np.median(differences) - width, np.median(differences) + width


def error_of_a_mean(differences, picks):
    width = 1.96 * differences.std() / np.sqrt(len(differences))
    return np.median(differences) - width, np.median(differences) + width


def mirrored(differences, picks):
    low, high = np.percentile(np.median(differences[picks], axis=1), [2.5, 97.5])
    return 2 * np.median(differences) - high, 2 * np.median(differences) - low


def nearest_medians(differences, picks):
    medians = np.sort(np.median(differences[picks], axis=1))
    return medians[int(0.025 * len(medians))], medians[int(0.975 * len(medians))]


def percentiles_of_each_set(differences, picks):
    low, high = np.percentile(differences[picks], [2.5, 97.5], axis=1)
    return np.median(low), np.median(high)


def two_deviations(differences, picks):
    medians = np.median(differences[picks], axis=1)
    return medians.mean() - 1.96 * medians.std(), medians.mean() + 1.96 * medians.std()


def cost_of_silence(Y):
    """Least cost in nats of one answer for all: targets Y (N, 1)."""
    ### BEGIN SOLUTION
    q = Y.mean()
    return -(q * np.log(q) + (1 - q) * np.log(1 - q))
    ### END SOLUTION


def cost_of_a_coin(Y):
    return np.log(2)


def cost_of_the_majority(Y):
    q = Y.mean()
    return -np.log(max(q, 1 - q))


def cost_of_the_mean(Y):
    return -np.log(Y.mean())


def best_answer(Y):
    return Y.mean()


def number_of_ones(Y):
    q, N = Y.sum(), len(Y)
    return -(q * np.log(q) + (N - q) * np.log(N - q))


def variance(Y):
    return Y.mean() * (1 - Y.mean())


def error_rate(Y):
    return min(Y.mean(), 1 - Y.mean())


def unequal_targets(rng):
    """Targets of which a quarter or so are 1, or are 0, and never none or all."""
    ones = np.arange(37) % rng.integers(3, 6) == 0
    return ((ones if rng.uniform() < 0.6 else ~ones).astype(float)[:, None],)


def step_of_product(w, beta, g, rate):
    """beta * w after one step in both: w (D,), g (D,) = dL/d(beta w)."""
    ### BEGIN SOLUTION
    dw = beta * g
    dbeta = np.sum(g * w)
    return (beta - rate * dbeta) * (w - rate * dw)
    ### END SOLUTION


def one_unit(rng):
    """Weights, a beta, slopes and a rate."""
    D = sizes(rng, 2)[0] + 1
    return rng.normal(size=D), rng.uniform(1.5, 3), rng.normal(size=D), rng.uniform(0.1, 0.5)


def beta_by_the_new_w(w, beta, g, rate):
    w = w - rate * beta * g
    return (beta - rate * np.sum(g * w)) * w


def w_by_the_new_beta(w, beta, g, rate):
    beta = beta - rate * np.sum(g * w)
    return beta * (w - rate * beta * g)


def one_weight_of_its_own(w, beta, g, rate):
    return beta * w - rate * g


def first_order(w, beta, g, rate):
    return beta * w - rate * (beta**2 * g + np.sum(g * w) * w)


def step_of_both(w, beta, g, rate):
    return beta * w - rate * (beta * g + np.sum(g * w))


EXERCISES = (
    Exercise(
        number="12.1",
        solution="some",
        hints=(
            "One published run ended at a high cost. How much does one run say about a hundred?",
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
            "A unit is dead now and then, and with two units both are, in some runs.": "none",
        },
        because="One seed cannot tell apart a rule and an accident.",
    ),
    Exercise(
        number="12.2",
        solution="behind",
        hints=("beta of ESP starts near 0. What does ESP compute there? (Lesson 2.)",),
        mutants={
            "It ends ahead. But with beta near 0 ESP is h/2, and the network is linear.": "ahead",
            "They differ: with beta near 0 ESP is h/2, and the network is linear.": "level",
        },
        because="ESP must learn its beta first.",
    ),
    Exercise(
        number="12.3",
        solution=bands,
        returns=("lower", "median", "upper"),
        inputs=lambda rng: (rng.exponential(size=(11, sizes(rng, 2)[0] + 2)),),
        hints=(
            "Quartiles are the 25th and the 75th percentile, the median is the 50th.",
            "One number per record: go over the seeds, which are the rows, axis=0.",
            "np.percentile takes a list of percentiles, and gives them all.",
        ),
        mutants={
            "You went over the records of one seed. Seeds are rows: axis=0.": ("axis=0", "axis=1"),
            "The other way round: lower, median, upper.": ("[25, 50, 75]", "[75, 50, 25]"),
            "You mixed all epochs into one. Keep one number per record: axis=0.": (
                ", axis=0",
                "",
            ),
            "np.percentile counts in per cent: 25, 50 and 75, not 0.25, 0.5 and 0.75.": (
                "[25, 50, 75]",
                "[0.25, 0.5, 0.75]",
            ),
            "Those percentiles leave out 2.5 % on each side. Quartiles leave out a quarter.": (
                "[25, 50, 75]",
                "[2.5, 50, 97.5]",
            ),
            "Those percentiles leave out 5 % on each side. Quartiles leave out a quarter.": (
                "[25, 50, 75]",
                "[5, 50, 95]",
            ),
            "Those percentiles leave out a tenth on each side. Quartiles leave out a quarter.": (
                "[25, 50, 75]",
                "[10, 50, 90]",
            ),
            "Those are the best and the worst seed. Quartiles leave out a quarter on each side.": (
                "[25, 50, 75]",
                "[0, 50, 100]",
            ),
            "That is half of the range to each side of the median. The quartiles need not lie "
            "equally far from it.": around_the_median,
            "That is the standard deviation to each side of the median. Quartiles are percentiles, "
            "25 and 75, and one stuck seed does not pull them away.": deviation_around_the_median,
            "Those are single seeds, in the order in which they come. A median needs an order by "
            "size: np.percentile, or sort over the seeds.": seeds_as_they_come,
            "You sorted along the records of each seed. Go over the seeds: axis=0.": sorted_records,
            "Those are the nearest seeds. Where a quartile falls between two seeds, "
            "np.percentile goes a part of the way from one to the other.": nearest_seeds,
            "That is the mean and the deviation: one stuck seed pulls both away.": (
                mean_and_deviation
            ),
            "In the middle stands the mean. The median does not mind one stuck seed.": (
                mean_in_the_middle
            ),
        },
    ),
    Exercise(
        number="12.4",
        solution=interval_of_median,
        returns=("low", "high"),
        inputs=lambda rng: (rng.exponential(size=14) - 0.3, rng.integers(0, 14, size=(300, 14))),
        hints=(
            "differences[picks] has the shape (B, n): every row is one set drawn anew.",
            "Take the median of every row: axis=1. That gives B medians.",
            "95 % lie between the percentiles 2.5 and 97.5 of these medians.",
        ),
        mutants={
            "That is the interval of the *mean*. The median does not mind one odd seed.": (
                "np.median(differences[picks], axis=1)",
                "np.mean(differences[picks], axis=1)",
            ),
            "Every row is one set: take the median over axis 1, not over axis 0.": (
                "axis=1",
                "axis=0",
            ),
            "Percentiles 5 and 95 leave 90 % between them. For 95 %: 2.5 and 97.5.": (
                "[2.5, 97.5]",
                "[5, 95]",
            ),
            "Quartiles leave 50 % between them. For 95 %: 2.5 and 97.5.": (
                "[2.5, 97.5]",
                "[25, 75]",
            ),
            "The other way round: low, then high.": ("[2.5, 97.5]", "[97.5, 2.5]"),
            "np.percentile counts in per cent: 2.5 and 97.5, not 0.025 and 0.975.": (
                "[2.5, 97.5]",
                "[0.025, 0.975]",
            ),
            "The middle 95 % leave out 2.5 % on each side, not 5 % on one: 2.5 and 97.5.": (
                "[2.5, 97.5]",
                "[0, 95]",
            ),
            "Take the medians as they are. You took the median of all differences off, and have "
            "an interval around 0.": (
                "np.median(differences[picks], axis=1)",
                "np.median(differences[picks], axis=1) - np.median(differences)",
            ),
            "That is the error of a *mean*, for a bell curve. Take the medians of the sets that "
            "picks draws, and their percentiles.": error_of_a_mean,
            "That is the interval turned round at the median (some call it the basic "
            "bootstrap). Here take the percentiles of the medians as they are.": mirrored,
            "Those are the nearest of the medians. np.percentile also takes what lies between two "
            "of them.": nearest_medians,
            "First one median for each row of picks, then percentiles of these medians. You took "
            "percentiles within each row.": percentiles_of_each_set,
            "Standard deviations are for a bell curve, and medians need not follow one: take "
            "percentiles.": deviations_around_the_median,
            "Those are the least and the largest median. 95 % lie between 2.5 and 97.5.": (
                "[2.5, 97.5]",
                "[0, 100]",
            ),
            "That is how far the *seeds* spread. We ask how well their median is known: use "
            "picks.": spread_of_seeds,
            "picks holds indices: take the median of differences[picks], not of picks.": (
                medians_of_indices
            ),
            "That is how far the *seeds* spread, for a bell curve. Take the medians of the sets "
            "that picks draws, and their percentiles.": deviations_of_seeds,
            "You took no median: that is how far single differences spread. Each row of picks "
            "gives one median.": spread_of_all_picks,
            "That holds for a bell curve. Medians need not follow one: take percentiles.": (
                two_deviations
            ),
        },
    ),
    Exercise(
        number="12.5",
        solution=cost_of_silence,
        inputs=unequal_targets,
        hints=(
            "A network that says p for all has the cost -(q log p + (1-q) log(1-p)), "
            "where q is the share of ones.",
            "Differentiate in p: q/p = (1-q)/(1-p). So the best p is q.",
            "Put p = q: it is the entropy of the class shares, in nats.",
        ),
        mutants={
            "That is in bits. The cost is in nats: the natural logarithm.": (
                ("np.log(q)", "np.log2(q)"),
                ("np.log(1 - q)", "np.log2(1 - q)"),
            ),
            "You left out the samples of class 0: add the term of 1 - q.": (
                " + (1 - q) * np.log(1 - q)",
                "",
            ),
            "The logarithms are exchanged: the share q goes with log q.": (
                ("np.log(q)", "np.log(1 - q)"),
                ("(1 - q) * np.log(1 - q)", "(1 - q) * np.log(q)"),
            ),
            "log 2 is what p = 1/2 costs. Saying the share of ones is cheaper.": cost_of_a_coin,
            "The loss is a mean over the samples, not a sum.": (
                "return -(",
                "return -len(Y) * (",
            ),
            "The logarithm of a probability is negative, a cost is not: turn the sign.": (
                "return -(",
                "return (",
            ),
            "That is the loss of the larger class alone. The samples of the other class cost "
            "more, and belong to the mean.": cost_of_the_majority,
            "That is the loss of one sample of class 1. Take the mean over both classes: "
            "q of them cost -log p, the others -log(1 - p).": cost_of_the_mean,
            "That is the best p itself. What does it cost?": best_answer,
            "Both logarithms are those of 1 - q. The share q, the ones, pays -log q.": (
                "q * np.log(q) +",
                "q * np.log(1 - q) +",
            ),
            "Each logarithm counts for its share of the samples: q times the one, 1 - q times the "
            "other.": ("q * np.log(q) + (1 - q) * np.log(1 - q)", "np.log(q) + np.log(1 - q)"),
            "Brackets: (1 - q) times its logarithm, not 1 - q times it.": (
                "+ (1 - q) * np.log(1 - q)",
                "+ 1 + q * np.log(1 - q)",
            ),
            "q is the *share* of ones, a mean: you took their number.": number_of_ones,
            "One number is asked for. Y has one column: take the mean over all of it.": (
                "Y.mean()",
                "Y.mean(axis=0)",
            ),
            "One number is asked for, not an array of one. Y.mean() is the mean over all.": (
                "Y.mean()",
                "Y.mean(axis=0, keepdims=True)",
            ),
            "For the squared error it would be this, a variance. Here it is the cross-entropy.": (
                variance
            ),
            "That is the share of wrong answers. The loss is the cross-entropy.": error_rate,
        },
    ),
    Exercise(
        number="12.6",
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
            "A trained beta changes more than that, and not equally much for both.": "same",
        },
        because="Two things were changed at once in the published comparison.",
    ),
    Exercise(
        number="12.7",
        solution=step_of_product,
        inputs=one_unit,
        hints=(
            "L depends on w and beta through beta * w only. By the chain rule dL/dw = beta g.",
            "beta multiplies every entry of w, so dL/dbeta is a sum: of g_i w_i.",
            "Step both by -rate times their slope, from the old values; then multiply.",
        ),
        mutants={
            "dL/dw has a factor beta: w enters through beta * w.": ("beta * g", "g"),
            "dL/dbeta is the sum of g * w: w_i is how fast entry i of beta * w grows.": (
                "np.sum(g * w)",
                "np.sum(g)",
            ),
            "beta is one number, and so is its slope: sum g * w over the entries.": (
                "np.sum(g * w)",
                "g * w",
            ),
            "That is the mean of g * w. Each entry adds to the slope in beta: a sum.": (
                "np.sum(g * w)",
                "np.mean(g * w)",
            ),
            "dL/dbeta has no factor beta: entry i of beta * w grows by w_i per unit of beta.": (
                "np.sum(g * w)",
                "beta * np.sum(g * w)",
            ),
            "dL/dbeta is the sum of g * w by the chain rule; the g is missing.": (
                "np.sum(g * w)",
                "np.sum(w)",
            ),
            "dL/dbeta is the sum of g * w by the chain rule, not of w * w.": (
                "np.sum(g * w)",
                "np.sum(w * w)",
            ),
            "beta takes a step as well.": ("(beta - rate * dbeta)", "beta"),
            "w takes a step as well.": ("(w - rate * dw)", "w"),
            "Downhill for beta: minus rate times its slope.": ("beta - rate", "beta + rate"),
            "Downhill for w: minus rate times its slope.": ("w - rate", "w + rate"),
            "That is the new w. The unit uses beta times w: multiply by the new beta.": (
                "(beta - rate * dbeta) * (w - rate * dw)",
                "w - rate * dw",
            ),
            "Both steps start from the old values: dL/dbeta belongs to the old w.": (
                beta_by_the_new_w
            ),
            "|g| |w| is the sum of g * w only if both have the same direction.": (
                "np.sum(g * w)",
                "np.linalg.norm(g) * np.linalg.norm(w)",
            ),
            "Both steps start from the old values: dL/dw belongs to the old beta.": (
                w_by_the_new_beta
            ),
            "g is the slope in w' = beta w. You took it as the slope in w: that has a factor beta, "
            "and the slope in beta has no division.": (
                ("beta * g", "g"),
                ("np.sum(g * w)", "np.sum(g * w) / beta"),
            ),
            "Each takes its own slope: w that in w, beta that in beta. They are exchanged.": (
                ("rate * dbeta", "rate * dw"),
                ("(w - rate * dw)", "(w - rate * dbeta)"),
            ),
            "That is the step of one vector w' = beta w without a beta of its own. Step w and "
            "beta, then multiply.": one_weight_of_its_own,
            "That is the first order in the rate, and a good answer on paper. Here give the "
            "product itself, of the new beta and the new w.": first_order,
            "The changes of w and of beta do not add up: multiply the new beta by the new w.": (
                step_of_both
            ),
        },
    ),
)
