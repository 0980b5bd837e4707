"""Lesson 12 read cold: wrong answers and unusual right ones; the mutants were not seen."""

import math

import numpy as np

# ------------------------------------------------------------------ 12.3


def over_records(costs):
    return tuple(np.percentile(costs, [25, 50, 75], axis=1))


def over_everything(costs):
    return tuple(np.percentile(costs, [25, 50, 75]))


def mean_in_the_middle(costs):
    lower, upper = np.percentile(costs, [25, 75], axis=0)
    return lower, costs.mean(axis=0), upper


def mean_and_std(costs):
    m, s = np.mean(costs, axis=0), np.std(costs, axis=0)
    return m - s, m, m + s


def ends_of_all(costs):
    return costs.min(axis=0), np.median(costs, axis=0), costs.max(axis=0)


def median_first(costs):
    return np.median(costs, 0), np.percentile(costs, 25, 0), np.percentile(costs, 75, 0)


def upper_first(costs):
    return tuple(np.percentile(costs, q, axis=0) for q in (75, 50, 25))


def fractions_as_percent(costs):
    return tuple(np.percentile(costs, [0.25, 0.5, 0.75], axis=0))


def percents_as_fractions(costs):
    return tuple(np.quantile(costs, [25, 50, 75], axis=0))


def ninety_five(costs):
    return tuple(np.percentile(costs, [2.5, 50, 97.5], axis=0))


def tenths(costs):
    return tuple(np.quantile(costs, [0.1, 0.5, 0.9], axis=0))


def median_and_half_range(costs):
    lower, median, upper = np.percentile(costs, [25, 50, 75], axis=0)
    half = (upper - lower) / 2
    return median - half, median, median + half


def unsorted(costs):
    n = len(costs)
    return costs[n // 4], costs[n // 2], costs[3 * n // 4]


def sorted_records(costs):
    s = np.sort(costs)
    n = len(s)
    return s[n // 4], s[n // 2], s[3 * n // 4]


def sorted_no_interpolation(costs):
    s = np.sort(costs, axis=0)
    n = len(s)
    return s[n // 4], s[n // 2], s[3 * n // 4]


def sorted_in_place(costs):
    costs.sort(axis=0)
    return tuple(np.quantile(costs, (0.25, 0.5, 0.75), axis=0))


def two_of_three(costs):
    return np.percentile(costs, 25, axis=0), np.percentile(costs, 75, axis=0)


def mean_over_records(costs):
    return (
        np.percentile(costs, 25, axis=1),
        np.mean(costs, axis=1),
        np.percentile(costs, 75, axis=1),
    )


def median_without_axis(costs):
    return np.percentile(costs, 25, axis=0), np.median(costs), np.percentile(costs, 75, axis=0)


def r_one_array(costs):
    return np.quantile(costs, [0.25, 0.5, 0.75], axis=0)


def r_by_column(costs):
    columns = [np.percentile(column, [25, 50, 75]) for column in costs.T]
    lower, middle, upper = zip(*columns)
    return np.array(lower), np.array(middle), np.array(upper)


def r_by_hand(costs):
    s = np.sort(costs, axis=0)

    def at(share):
        place = share * (len(s) - 1)
        k = int(place)
        after = min(k + 1, len(s) - 1)
        return s[k] + (place - k) * (s[after] - s[k])

    return at(0.25), at(0.5), at(0.75)


def r_transposed(costs):
    return list(np.percentile(costs.T, (25, 50, 75), axis=-1))


# ------------------------------------------------------------------ 12.4


def medians_of_columns(differences, picks):
    medians = np.median(differences[picks], axis=0)
    return np.percentile(medians, 2.5), np.percentile(medians, 97.5)


def means(differences, picks):
    centre = differences[picks].mean(axis=1)
    return np.percentile(centre, 2.5), np.percentile(centre, 97.5)


def ninety(differences, picks):
    medians = np.median(differences[picks], axis=1)
    return np.percentile(medians, 5), np.percentile(medians, 95)


def zero_to_ninety_five(differences, picks):
    medians = np.median(differences[picks], axis=1)
    return np.percentile(medians, 0), np.percentile(medians, 95)


def fractions(differences, picks):
    medians = np.median(differences[picks], axis=1)
    return np.percentile(medians, 0.025), np.percentile(medians, 0.975)


def normal(differences, picks):
    medians = np.median(differences[picks], axis=1)
    centre, s = np.median(differences), medians.std()
    return centre - 1.96 * s, centre + 1.96 * s


def standard_error(differences, picks):
    s = differences.std() / np.sqrt(len(differences))
    return np.median(differences) - 1.96 * s, np.median(differences) + 1.96 * s


def extremes(differences, picks):
    medians = np.median(differences[picks], axis=1)
    return medians.min(), medians.max()


def without_draws(differences, picks):
    return tuple(np.percentile(differences, [2.5, 97.5]))


def without_medians(differences, picks):
    return tuple(np.percentile(differences[picks], [2.5, 97.5]))


def exchanged(differences, picks):
    high, low = np.quantile(np.median(differences[picks], axis=1), [0.975, 0.025])
    return high, low


def width(differences, picks):
    low, high = np.percentile(np.median(differences[picks], axis=1), [2.5, 97.5])
    return high - low


def of_the_indices(differences, picks):
    return tuple(np.percentile(np.median(picks, axis=1), [2.5, 97.5]))


def quartiles(differences, picks):
    return tuple(np.percentile(np.median(differences[picks], axis=1), [25, 75]))


def mirrored(differences, picks):
    # the basic bootstrap
    medians = np.median(differences[picks], axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return 2 * np.median(differences) - high, 2 * np.median(differences) - low


def no_interpolation(differences, picks):
    medians = np.sort(np.median(differences[picks], axis=1))
    return medians[int(0.025 * len(medians))], medians[int(0.975 * len(medians))]


def means_and_ninety(differences, picks):
    centre = differences[picks].mean(axis=1)
    return np.percentile(centre, 5), np.percentile(centre, 95)


def median_of_all(differences, picks):
    medians = np.median(differences[picks])
    return np.percentile(medians, 2.5), np.percentile(medians, 97.5)


def per_row(differences, picks):
    low, high = np.percentile(differences[picks], [2.5, 97.5], axis=1)
    return np.median(low), np.median(high)


def about_zero(differences, picks):
    medians = np.median(differences[picks], axis=1) - np.median(differences)
    return np.percentile(medians, 2.5), np.percentile(medians, 97.5)


def r_loop(differences, picks):
    medians = []
    for row in picks:
        medians.append(float(np.median([differences[k] for k in row])))
    return np.quantile(medians, 0.025), np.quantile(medians, 0.975)


def r_take(differences, picks):
    return np.quantile(np.median(np.take(differences, picks), axis=-1), (0.025, 0.975))


def r_halves(differences, picks):
    drawn = np.sort(differences[picks], axis=1)
    n = drawn.shape[1]
    medians = (drawn[:, (n - 1) // 2] + drawn[:, n // 2]) / 2
    return [np.percentile(medians, 2.5), np.percentile(medians, 100 - 2.5)]


def r_negated(differences, picks):
    medians = -np.median(differences[picks], axis=1)
    high, low = np.percentile(medians, [2.5, 97.5])
    return -low, -high


# ------------------------------------------------------------------ 12.5


def bits(Y):
    q = Y.mean()
    return -q * np.log2(q) - (1 - q) * np.log2(1 - q)


def half_and_half(Y):
    return np.log(2)


def negative(Y):
    q = Y.mean()
    return q * np.log(q) + (1 - q) * np.log(1 - q)


def first_class_only(Y):
    q = Y.mean()
    return -q * np.log(q)


def minus_on_one(Y):
    q = Y.mean()
    return -q * np.log(q) + (1 - q) * np.log(1 - q)


def sum_over_samples(Y):
    q = Y.mean()
    return -np.sum(Y * np.log(q) + (1 - Y) * np.log(1 - q))


def logs_exchanged(Y):
    q = Y.mean()
    return -q * np.log(1 - q) - (1 - q) * np.log(q)


def majority(Y):
    q = Y.mean()
    return -np.log(max(q, 1 - q))


def error_rate(Y):
    q = Y.mean()
    return min(q, 1 - q)


def squared_error(Y):
    q = Y.mean()
    return q * (1 - q)


def best_p(Y):
    return np.mean(Y)


def hard_answer(Y):
    p = np.round(Y.mean())
    return -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))


def not_weighted(Y):
    q = Y.mean()
    return -np.log(q) - np.log(1 - q)


def halved(Y):
    q = Y.mean()
    return -(q * np.log(q) + (1 - q) * np.log(1 - q)) / 2


def clipped(Y):
    q = Y.mean()
    return -q * np.log(q + 1e-7) - (1 - q) * np.log(1 - q + 1e-7)


def precedence(Y):
    q = Y.mean()
    return -q * np.log(q) - 1 - q * np.log(1 - q)


def sum_for_share(Y):
    q = np.sum(Y)
    return -q * np.log(q) - (len(Y) - q) * np.log(len(Y) - q)


def share_of_zeros(Y):
    # the share of the first class only, and in bits
    q = np.mean(1 - Y)
    return -q * np.log2(q)


def an_array(Y):
    q = Y.mean(axis=0, keepdims=True)
    return -q * np.log(q) - (1 - q) * np.log(1 - q)


def r_cross_entropy(Y):
    p = np.full_like(Y, Y.mean())
    return float(-np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p)))


def r_counts(Y):
    _, counts = np.unique(Y, return_counts=True)
    share = counts / counts.sum()
    return -share @ np.log(share)


def r_logit(Y):
    q = Y.mean()
    z = np.log(q) - np.log(1 - q)
    return np.logaddexp(0, z) - q * z


def r_search(Y):
    q = float(np.mean(Y))
    low, high = 1e-9, 1 - 1e-9
    for _ in range(200):
        p = (low + high) / 2
        if -q / p + (1 - q) / (1 - p) > 0:
            high = p
        else:
            low = p
    return -q * math.log(p) - (1 - q) * math.log(1 - p)


# ------------------------------------------------------------------ 12.7


def beta_first(w, beta, g, rate):
    beta = beta - rate * (g @ w)
    w = w - rate * beta * g
    return beta * w


def w_first(w, beta, g, rate):
    w = w - rate * beta * g
    beta = beta - rate * (g @ w)
    return beta * w


def uphill(w, beta, g, rate):
    return (beta + rate * g @ w) * (w + rate * beta * g)


def beta_stays(w, beta, g, rate):
    return beta * (w - rate * beta * g)


def weights_stay(w, beta, g, rate):
    return (beta - rate * (g @ w)) * w


def plain_step(w, beta, g, rate):
    return beta * w - rate * g


def no_sum(w, beta, g, rate):
    return (beta - rate * g * w) * (w - rate * beta * g)


def mean_for_sum(w, beta, g, rate):
    return (beta - rate * np.mean(g * w)) * (w - rate * beta * g)


def without_beta(w, beta, g, rate):
    return (beta - rate * (g @ w)) * (w - rate * g)


def over_beta(w, beta, g, rate):
    return (beta - rate * (g @ w)) * (w - rate * g / beta)


def first_order(w, beta, g, rate):
    return beta * w - rate * (beta**2 * g + (g @ w) * w)


def only_the_step(w, beta, g, rate):
    return (beta - rate * (g @ w)) * (w - rate * beta * g) - beta * w


def both_returned(w, beta, g, rate):
    return w - rate * beta * g, beta - rate * (g @ w)


def no_rate(w, beta, g, rate):
    return (beta - g @ w) * (w - beta * g)


def slope_with_product(w, beta, g, rate):
    w2 = beta * w
    return (beta - rate * (g @ w2)) * (w - rate * beta * g)


def lengths(w, beta, g, rate):
    slope = np.linalg.norm(g) * np.linalg.norm(w)
    return (beta - rate * slope) * (w - rate * beta * g)


def in_place(w, beta, g, rate):
    slope = g @ w
    w -= rate * beta * g
    return (beta - rate * slope) * w


def g_in_w(w, beta, g, rate):
    # g read as the slope in w
    return (beta - rate * (g @ w) / beta) * (w - rate * g)


def rate_once(w, beta, g, rate):
    return (beta - rate * (g @ w)) * w - beta * g


def sign_of_one(w, beta, g, rate):
    return (beta + rate * (g @ w)) * (w - rate * beta * g)


def slopes_exchanged(w, beta, g, rate):
    return (beta - rate * beta * g) * (w - rate * (g @ w))


def r_expanded(w, beta, g, rate):
    s = np.sum(w * g)
    return beta * w - rate * beta**2 * g - rate * s * w + rate**2 * s * beta * g


def r_entries(w, beta, g, rate):
    slope = 0.0
    for a, b in zip(g, w):
        slope += a * b
    return np.array([(beta - rate * slope) * (b - rate * beta * a) for a, b in zip(g, w)])


def r_one_vector(w, beta, g, rate):
    theta = np.append(w, beta)
    theta = theta - rate * np.append(beta * g, np.dot(g, w))
    return theta[-1] * theta[:-1]


def r_jacobian(w, beta, g, rate):
    J = np.column_stack([beta * np.eye(len(w)), w])
    theta = np.concatenate([w, [beta]]) - rate * (J.T @ g)
    return np.prod([theta[-1], 1.0]) * theta[:-1]


ANSWERS = [
    ("12.3", "wrong", "axis 1", over_records),
    ("12.3", "wrong", "no axis", over_everything),
    ("12.3", "wrong", "mean for median", mean_in_the_middle),
    ("12.3", "wrong", "mean and standard deviation", mean_and_std),
    ("12.3", "wrong", "least and largest", ends_of_all),
    ("12.3", "wrong", "median first", median_first),
    ("12.3", "wrong", "upper first", upper_first),
    ("12.3", "wrong", "percentile with fractions", fractions_as_percent),
    ("12.3", "wrong", "quantile with percents", percents_as_fractions),
    ("12.3", "wrong", "95 % instead of half", ninety_five),
    ("12.3", "wrong", "tenths", tenths),
    ("12.3", "wrong", "median and half the range to both sides", median_and_half_range),
    ("12.3", "wrong", "not sorted", unsorted),
    ("12.3", "wrong", "sorted along the records", sorted_records),
    ("12.3", "wrong", "no interpolation", sorted_no_interpolation),
    ("12.3", "wrong", "sorted in place", sorted_in_place),
    ("12.3", "wrong", "two of three", two_of_three),
    ("12.3", "wrong", "mean, and axis 1", mean_over_records),
    ("12.3", "wrong", "median of all", median_without_axis),
    ("12.4", "wrong", "axis 0", medians_of_columns),
    ("12.4", "wrong", "means", means),
    ("12.4", "wrong", "5 and 95", ninety),
    ("12.4", "wrong", "0 and 95", zero_to_ninety_five),
    ("12.4", "wrong", "percentile with fractions", fractions),
    ("12.4", "wrong", "1.96 standard deviations", normal),
    ("12.4", "wrong", "standard error of a mean", standard_error),
    ("12.4", "wrong", "least and largest", extremes),
    ("12.4", "wrong", "no draws", without_draws),
    ("12.4", "wrong", "no medians", without_medians),
    ("12.4", "wrong", "exchanged", exchanged),
    ("12.4", "wrong", "width", width),
    ("12.4", "wrong", "medians of the indices", of_the_indices),
    ("12.4", "wrong", "quartiles", quartiles),
    ("12.4", "wrong", "basic bootstrap", mirrored),
    ("12.4", "wrong", "no interpolation", no_interpolation),
    ("12.4", "wrong", "means, 5 and 95", means_and_ninety),
    ("12.4", "wrong", "one median of all", median_of_all),
    ("12.4", "wrong", "percentiles of each row, then medians", per_row),
    ("12.4", "wrong", "median taken off", about_zero),
    ("12.5", "wrong", "bits", bits),
    ("12.5", "wrong", "p = 1/2", half_and_half),
    ("12.5", "wrong", "sign", negative),
    ("12.5", "wrong", "first class only", first_class_only),
    ("12.5", "wrong", "minus on the first term only", minus_on_one),
    ("12.5", "wrong", "sum", sum_over_samples),
    ("12.5", "wrong", "logs exchanged", logs_exchanged),
    ("12.5", "wrong", "-log of the larger share", majority),
    ("12.5", "wrong", "error rate", error_rate),
    ("12.5", "wrong", "q (1 - q)", squared_error),
    ("12.5", "wrong", "p itself", best_p),
    ("12.5", "wrong", "p is 0 or 1", hard_answer),
    ("12.5", "wrong", "not weighted", not_weighted),
    ("12.5", "wrong", "half", halved),
    ("12.5", "wrong", "1e-7 in the logs", clipped),
    ("12.5", "wrong", "brackets of 1 - q", precedence),
    ("12.5", "wrong", "counts", sum_for_share),
    ("12.5", "wrong", "one class, and bits", share_of_zeros),
    ("12.5", "wrong", "an array (1, 1)", an_array),
    ("12.7", "wrong", "beta first", beta_first),
    ("12.7", "wrong", "w first", w_first),
    ("12.7", "wrong", "uphill", uphill),
    ("12.7", "wrong", "beta stays", beta_stays),
    ("12.7", "wrong", "weights stay", weights_stay),
    ("12.7", "wrong", "step in w' itself", plain_step),
    ("12.7", "wrong", "no sum in beta's slope", no_sum),
    ("12.7", "wrong", "mean in beta's slope", mean_for_sum),
    ("12.7", "wrong", "g as w's slope", without_beta),
    ("12.7", "wrong", "g / beta", over_beta),
    ("12.7", "wrong", "rate squared left out", first_order),
    ("12.7", "wrong", "the step only", only_the_step),
    ("12.7", "wrong", "the two, not the product", both_returned),
    ("12.7", "wrong", "no rate", no_rate),
    ("12.7", "wrong", "slope with w'", slope_with_product),
    ("12.7", "wrong", "lengths", lengths),
    ("12.7", "wrong", "in place", in_place),
    ("12.7", "wrong", "g read as dL/dw", g_in_w),
    ("12.7", "wrong", "brackets", rate_once),
    ("12.7", "wrong", "sign of beta's step", sign_of_one),
    ("12.7", "wrong", "slopes exchanged", slopes_exchanged),
    ("12.3", "right", "one array", r_one_array),
    ("12.3", "right", "column by column", r_by_column),
    ("12.3", "right", "by hand", r_by_hand),
    ("12.3", "right", "transposed, a list", r_transposed),
    ("12.4", "right", "loop", r_loop),
    ("12.4", "right", "take, one array", r_take),
    ("12.4", "right", "sort, a list", r_halves),
    ("12.4", "right", "negated", r_negated),
    ("12.5", "right", "cross-entropy of the samples", r_cross_entropy),
    ("12.5", "right", "unique", r_counts),
    ("12.5", "right", "logits", r_logit),
    ("12.5", "right", "bisection", r_search),
    ("12.7", "right", "multiplied out", r_expanded),
    ("12.7", "right", "entry by entry", r_entries),
    ("12.7", "right", "one vector", r_one_vector),
    ("12.7", "right", "Jacobian", r_jacobian),
]
