"""Lesson 11 read cold: wrong answers and unusual right ones; the mutants were not seen."""

import numpy as np

# ------------------------------------------------------------------ 11.2


def largest_without_abs(eigenvalues, error, eps):
    return len(eigenvalues) * eps * eigenvalues.max() + error


def without_p(eigenvalues, error, eps):
    return eps * np.abs(eigenvalues).max() + error


def without_error(eigenvalues, error, eps):
    P = len(eigenvalues)
    return P * eps * np.max(np.abs(eigenvalues))


def error_in_brackets(eigenvalues, error, eps):
    norm = np.abs(eigenvalues).max()
    return len(eigenvalues) * eps * (norm + error)


def sum_for_norm(eigenvalues, error, eps):
    return len(eigenvalues) * eps * np.abs(eigenvalues).sum() + error


def vector_norm(eigenvalues, error, eps):
    return len(eigenvalues) * eps * np.linalg.norm(eigenvalues) + error


def last_eigenvalue(eigenvalues, error, eps):
    # they ascend, so the last is the largest
    return len(eigenvalues) * eps * abs(eigenvalues[-1]) + error


def worse_of_two(eigenvalues, error, eps):
    rounding = len(eigenvalues) * eps * np.abs(eigenvalues).max()
    return max(rounding, error)


def in_quadrature(eigenvalues, error, eps):
    rounding = len(eigenvalues) * eps * np.abs(eigenvalues).max()
    return np.sqrt(rounding**2 + error**2)


def each_its_own(eigenvalues, error, eps):
    return len(eigenvalues) * eps * np.abs(eigenvalues) + error


def own_machine(eigenvalues, error, eps):
    return len(eigenvalues) * np.finfo(float).eps * np.abs(eigenvalues).max() + error


def range_for_norm(eigenvalues, error, eps):
    return len(eigenvalues) * eps * (eigenvalues.max() - eigenvalues.min()) + error


def relative_error(eigenvalues, error, eps):
    norm = np.abs(eigenvalues).max()
    return (len(eigenvalues) * eps + error) * norm


def square_of_p(eigenvalues, error, eps):
    # H has P * P entries
    P = len(eigenvalues)
    return P**2 * eps * np.abs(eigenvalues).max() + error


def root_of_p(eigenvalues, error, eps):
    return np.sqrt(len(eigenvalues)) * eps * np.abs(eigenvalues).max() + error


def abs_after_max(eigenvalues, error, eps):
    return abs(eigenvalues.max()) * len(eigenvalues) * eps + abs(error)


def no_p_and_no_abs(eigenvalues, error, eps):
    return eps * eigenvalues.max() + error


def r_inf_norm(eigenvalues, error, eps):
    return eigenvalues.size * eps * np.linalg.norm(eigenvalues, np.inf) + error


def r_ends(eigenvalues, error, eps):
    norm = max(eigenvalues.max(), -eigenvalues.min())
    return error + eps * norm * eigenvalues.shape[0]


def r_loop(eigenvalues, error, eps):
    tau = error
    largest = 0.0
    for each in eigenvalues:
        largest = max(largest, abs(float(each)))
    for _ in range(len(eigenvalues)):
        tau += eps * largest
    return tau


def r_matrix_norm(eigenvalues, error, eps):
    return len(eigenvalues) * eps * np.linalg.norm(np.diag(eigenvalues), 2) + error


# ------------------------------------------------------------------ 11.3


def counts(eigenvalues, tau):
    return np.sum(eigenvalues < -tau), np.sum(eigenvalues < tau)


def exchanged(eigenvalues, tau):
    return np.mean(eigenvalues < tau), np.mean(eigenvalues < -tau)


def upper_at_zero(eigenvalues, tau):
    return np.mean(eigenvalues < -tau), np.mean(eigenvalues < 0)


def inside_only(eigenvalues, tau):
    return np.mean(eigenvalues < -tau), np.mean(np.abs(eigenvalues) < tau)


def positive_for_upper(eigenvalues, tau):
    return np.mean(eigenvalues < -tau), np.mean(eigenvalues > tau)


def alpha_plus_minus(eigenvalues, tau):
    alpha = np.mean(eigenvalues < 0)
    return alpha - tau, alpha + tau


def of_the_certain(eigenvalues, tau):
    P = np.sum(np.abs(eigenvalues) > tau)
    return np.sum(eigenvalues < -tau) / P, np.sum(eigenvalues < tau) / P


def share_of_largest(eigenvalues, tau):
    cut = tau * np.abs(eigenvalues).max()
    return np.mean(eigenvalues < -cut), np.mean(eigenvalues < cut)


def mean_of_values(eigenvalues, tau):
    return eigenvalues[eigenvalues < -tau].mean(), eigenvalues[eigenvalues < tau].mean()


def half_tau(eigenvalues, tau):
    return np.mean(eigenvalues < -tau / 2), np.mean(eigenvalues < tau / 2)


def at_most(eigenvalues, tau):
    return np.mean(eigenvalues <= -tau), np.mean(eigenvalues <= tau)


def zeros_halved(eigenvalues, tau):
    sure = np.mean(eigenvalues < -tau)
    zero = np.mean(np.abs(eigenvalues) <= tau)
    return sure, sure + zero / 2


def one_end_of_two(eigenvalues, tau):
    return np.mean(eigenvalues < -tau)


def exchanged_counts(eigenvalues, tau):
    return (eigenvalues < tau).sum(), (eigenvalues < -tau).sum()


def r_searchsorted(eigenvalues, tau):
    ordered = np.sort(eigenvalues)
    P = len(ordered)
    return np.searchsorted(ordered, -tau) / P, np.searchsorted(ordered, tau) / P


def r_shifted(eigenvalues, tau):
    return [np.mean(eigenvalues + tau < 0), np.mean(eigenvalues - tau < 0)]


def r_complement(eigenvalues, tau):
    P = eigenvalues.size
    return (P - np.count_nonzero(eigenvalues >= -tau)) / P, 1 - np.mean(eigenvalues >= tau)


def r_python(eigenvalues, tau):
    least = len([1 for e in eigenvalues if e < -tau])
    maybe = sum(1 for e in eigenvalues if -tau <= e < tau)
    return least / len(eigenvalues), (least + maybe) / len(eigenvalues)


# ------------------------------------------------------------------ 11.5


def curve_without_abs(eigenvalues, r):
    norm = np.abs(eigenvalues).max()
    return np.mean(eigenvalues <= r[:, None] * norm, axis=1)


def signed_largest(eigenvalues, r):
    return np.mean(np.abs(eigenvalues) <= r[:, None] * eigenvalues.max(), axis=1)


def strictly_less(eigenvalues, r):
    size = np.abs(eigenvalues)
    return (size < r[:, None] * size.max()).mean(axis=1)


def wrong_axis(eigenvalues, r):
    size = np.abs(eigenvalues)
    return (size <= r[:, None] * size.max()).mean(axis=0)


def curve_counts(eigenvalues, r):
    size = np.abs(eigenvalues)
    return np.sum(size <= r[:, None] * size.max(), axis=1)


def no_broadcast(eigenvalues, r):
    size = np.abs(eigenvalues)
    return np.mean(size <= r * size.max())


def larger_ones(eigenvalues, r):
    size = np.abs(eigenvalues)
    return np.mean(size > r[:, None] * size.max(), axis=1)


def all_in_one(eigenvalues, r):
    size = np.abs(eigenvalues)
    return np.mean(size <= r[:, None] * size.max())


def not_relative(eigenvalues, r):
    return np.mean(np.abs(eigenvalues) <= r[:, None], axis=1)


def relative_to_length(eigenvalues, r):
    size = np.abs(eigenvalues)
    return np.mean(size <= r[:, None] * np.linalg.norm(size), axis=1)


def quantile_instead(eigenvalues, r):
    size = np.abs(eigenvalues)
    return np.quantile(size / size.max(), r)


def over_m(eigenvalues, r):
    size = np.abs(eigenvalues)
    return np.sum(size <= r[:, None] * size.max(), axis=1) / len(r)


def in_place(eigenvalues, r):
    np.abs(eigenvalues, out=eigenvalues)
    eigenvalues /= eigenvalues.max()
    return np.mean(eigenvalues <= r[:, None], axis=1)


def share_of_sum(eigenvalues, r):
    size = np.abs(eigenvalues)
    return np.mean(size <= r[:, None] * size.sum(), axis=1)


def signed_and_strict(eigenvalues, r):
    return np.mean(eigenvalues < r[:, None] * eigenvalues.max(), axis=1)


def r_comprehension(eigenvalues, r):
    top = max(abs(eigenvalues))
    return np.array(
        [sum(abs(e) <= share * top for e in eigenvalues) / len(eigenvalues) for share in r]
    )


def r_sorted_sizes(eigenvalues, r):
    size = np.sort(np.abs(eigenvalues))
    return np.searchsorted(size, r * size[-1], side="right") / size.size


def r_transposed(eigenvalues, r):
    size = np.abs(eigenvalues)[:, None]
    return 1 - (size > r * size.max()).mean(axis=0)


def r_matrix_product(eigenvalues, r):
    size = np.abs(eigenvalues)
    flat = np.less_equal.outer(size, np.linalg.norm(eigenvalues, np.inf) * r).astype(float)
    return np.full(len(size), 1 / len(size)) @ flat


# ------------------------------------------------------------------ 11.7


def divided_twice(H_moved, g):
    return H_moved / np.outer(g, g)


def rows_only(H_moved, g):
    return g[:, None] * H_moved


def columns_only(H_moved, g):
    return H_moved * g


def columns_twice(H_moved, g):
    return g * H_moved * g


def number(H_moved, g):
    return g.T @ H_moved @ g


def diagonal_only(H_moved, g):
    G = np.diag(g)
    return G.T * H_moved * G


def similarity(H_moved, g):
    G = np.diag(g)
    return np.linalg.inv(G) @ H_moved @ G


def product_rule(H_moved, g):
    return (g[:, None] + g[None, :]) * H_moved


def outer_as_matrix(H_moved, g):
    return np.outer(g, g) @ H_moved


def rows_twice(H_moved, g):
    return g[:, None] ** 2 * H_moved


def rows_and_columns_added(H_moved, g):
    return g[:, None] * H_moved + H_moved * g


def dot_product(H_moved, g):
    return (g @ g) * H_moved


def inverse_left(H_moved, g):
    return np.diag(1 / g) @ H_moved @ np.diag(1 / g)


def halves(H_moved, g):
    root = np.sqrt(np.abs(g))
    return root[:, None] * H_moved * root


def changed_in_place(H_moved, g):
    H_moved *= g
    H_moved *= g[:, None]
    return H_moved


def r_diagonals(H_moved, g):
    G = np.diag(g)
    return G.T @ H_moved @ G


def r_outer(H_moved, g):
    return np.multiply(H_moved, np.outer(g, g))


def r_einsum(H_moved, g):
    return np.einsum("i,ij,j->ij", g, H_moved, g)


def r_two_turns(H_moved, g):
    # a Hessian is symmetric: the same step twice, turned between
    return (H_moved * g).T * g


def r_double_loop(H_moved, g):
    H = np.empty_like(H_moved)
    for i in range(len(g)):
        for j in range(len(g)):
            H[i, j] = g[i] * g[j] * H_moved[i, j]
    return H


# ------------------------------------------------------------------ 11.8


def all_units(h, D, K):
    return h.shape[1] * min(K, D + 1)


def dead_units(h, D, K):
    dead = np.all(h <= 0, axis=0).sum()
    return dead * min(K, D + 1)


def without_bias(h, D, K):
    return (h > 0).any(axis=0).sum() * min(K, D)


def larger_side(h, D, K):
    return (h > 0).any(axis=0).sum() * max(K, D + 1)


def live_for_all(h, D, K):
    return (h > 0).all(axis=0).sum() * min(K, D + 1)


def live_samples(h, D, K):
    return (h > 0).any(axis=1).sum() * min(K, D + 1)


def every_firing(h, D, K):
    return np.sum(h > 0) * min(K, D + 1)


def both_signs(h, D, K):
    return 2 * (h > 0).any(axis=0).sum() * min(K, D + 1)


def outputs_only(h, D, K):
    return (h > 0).any(axis=0).sum() * K


def inputs_only(h, D, K):
    return (h > 0).any(axis=0).sum() * (D + 1)


def entries_of_a(h, D, K):
    return (h > 0).any(axis=0).sum() * (D + 1) * K


def one_per_unit(h, D, K):
    return (h > 0).any(axis=0).sum()


def mean_field(h, D, K):
    return np.sum(h.mean(axis=0) > 0) * min(K, D + 1)


def not_zero(h, D, K):
    return np.any(h != 0, axis=0).sum() * min(K, D + 1)


def block_size(h, D, K):
    return (h > 0).any(axis=0).sum() * (D + 1 + K)


def of_all_live(h, D, K):
    # rank of the whole: outputs on the one side, incoming numbers on the other
    live = (h > 0).any(axis=0).sum()
    return min(K, live * (D + 1))


def minus_dead(h, D, K):
    dead = (h <= 0).all(axis=0).sum()
    return h.shape[1] * min(K, D + 1) - dead


def all_and_no_bias(h, D, K):
    return h.shape[1] * min(K, D)


def r_largest_field(h, D, K):
    return int(np.count_nonzero(h.max(axis=0) > 0)) * min(K, D + 1)


def r_relu(h, D, K):
    sent = np.maximum(h, 0)
    return sum(min(K, 1 + D) for unit in sent.T if unit.sum() > 0)


def r_dead_taken_off(h, D, K):
    H = h.shape[1]
    dead = (h <= 0).all(axis=0)
    return (H - dead.sum()) * (K if K < D + 1 else D + 1)


def r_rank(h, D, K):
    A = np.random.default_rng(0).normal(size=(D + 1, K))
    return np.linalg.matrix_rank(A) * len(set(np.nonzero(h > 0)[1]))


ANSWERS = [
    ("11.2", "wrong", "largest, not largest size", largest_without_abs),
    ("11.2", "wrong", "P forgotten", without_p),
    ("11.2", "wrong", "error forgotten", without_error),
    ("11.2", "wrong", "P eps (norm + error)", error_in_brackets),
    ("11.2", "wrong", "sum of the sizes", sum_for_norm),
    ("11.2", "wrong", "length of the vector of eigenvalues", vector_norm),
    ("11.2", "wrong", "last eigenvalue", last_eigenvalue),
    ("11.2", "wrong", "larger of the two", worse_of_two),
    ("11.2", "wrong", "root of the sum of squares", in_quadrature),
    ("11.2", "wrong", "one per eigenvalue", each_its_own),
    ("11.2", "wrong", "eps of this machine, not the argument", own_machine),
    ("11.2", "wrong", "largest minus least", range_for_norm),
    ("11.2", "wrong", "error taken as relative", relative_error),
    ("11.2", "wrong", "P squared", square_of_p),
    ("11.2", "wrong", "root of P", root_of_p),
    ("11.2", "wrong", "abs after max", abs_after_max),
    ("11.2", "wrong", "no P and no abs", no_p_and_no_abs),
    ("11.3", "wrong", "counts", counts),
    ("11.3", "wrong", "exchanged", exchanged),
    ("11.3", "wrong", "upper end counts < 0", upper_at_zero),
    ("11.3", "wrong", "upper end: only those inside the band", inside_only),
    ("11.3", "wrong", "upper end: the positive ones", positive_for_upper),
    ("11.3", "wrong", "alpha plus and minus tau", alpha_plus_minus),
    ("11.3", "wrong", "fraction of those outside the band", of_the_certain),
    ("11.3", "wrong", "tau as a share of the largest", share_of_largest),
    ("11.3", "wrong", "mean of the eigenvalues, not of the truth", mean_of_values),
    ("11.3", "wrong", "tau / 2", half_tau),
    ("11.3", "wrong", "<= for <", at_most),
    ("11.3", "wrong", "half of the zeros", zeros_halved),
    ("11.3", "wrong", "only the least", one_end_of_two),
    ("11.3", "wrong", "exchanged counts", exchanged_counts),
    ("11.4", "wrong", "one per dead unit", 3),
    ("11.4", "wrong", "incoming numbers only", 9),
    ("11.4", "wrong", "weights without the bias", 9.0),
    ("11.4", "wrong", "a beta for each", 15),
    ("11.4", "wrong", "incoming weights only", 6),
    ("11.4", "wrong", "the rows that are left", 29),
    ("11.4", "wrong", "one dead unit", 4),
    ("11.4", "wrong", "with the output's bias", 13),
    ("11.5", "wrong", "no abs", curve_without_abs),
    ("11.5", "wrong", "largest signed", signed_largest),
    ("11.5", "wrong", "< for <=", strictly_less),
    ("11.5", "wrong", "axis 0", wrong_axis),
    ("11.5", "wrong", "counts", curve_counts),
    ("11.5", "wrong", "no new axis", no_broadcast),
    ("11.5", "wrong", "larger ones", larger_ones),
    ("11.5", "wrong", "mean over all", all_in_one),
    ("11.5", "wrong", "r absolute", not_relative),
    ("11.5", "wrong", "share of the vector's length", relative_to_length),
    ("11.5", "wrong", "quantile", quantile_instead),
    ("11.5", "wrong", "over M", over_m),
    ("11.5", "wrong", "in place", in_place),
    ("11.5", "wrong", "share of the sum", share_of_sum),
    ("11.5", "wrong", "signed, and <", signed_and_strict),
    ("11.7", "wrong", "divided by both", divided_twice),
    ("11.7", "wrong", "rows only", rows_only),
    ("11.7", "wrong", "columns only", columns_only),
    ("11.7", "wrong", "columns twice", columns_twice),
    ("11.7", "wrong", "g H g, a number", number),
    ("11.7", "wrong", "G * H * G by entries", diagonal_only),
    ("11.7", "wrong", "similarity", similarity),
    ("11.7", "wrong", "g_i + g_j", product_rule),
    ("11.7", "wrong", "outer @ H", outer_as_matrix),
    ("11.7", "wrong", "rows twice", rows_twice),
    ("11.7", "wrong", "rows and columns added", rows_and_columns_added),
    ("11.7", "wrong", "g . g times H", dot_product),
    ("11.7", "wrong", "inverse of G on both sides", inverse_left),
    ("11.7", "wrong", "roots of |g|", halves),
    ("11.7", "wrong", "in place", changed_in_place),
    ("11.8", "wrong", "all units", all_units),
    ("11.8", "wrong", "dead units", dead_units),
    ("11.8", "wrong", "bias forgotten", without_bias),
    ("11.8", "wrong", "max for min", larger_side),
    ("11.8", "wrong", "live for all samples", live_for_all),
    ("11.8", "wrong", "samples for units", live_samples),
    ("11.8", "wrong", "each unit of each sample", every_firing),
    ("11.8", "wrong", "both signs", both_signs),
    ("11.8", "wrong", "K each", outputs_only),
    ("11.8", "wrong", "D + 1 each", inputs_only),
    ("11.8", "wrong", "entries of A", entries_of_a),
    ("11.8", "wrong", "one per live unit", one_per_unit),
    ("11.8", "wrong", "field positive in the mean", mean_field),
    ("11.8", "wrong", "field not zero", not_zero),
    ("11.8", "wrong", "rows of the block", block_size),
    ("11.8", "wrong", "one block for all", of_all_live),
    ("11.8", "wrong", "one less per dead unit", minus_dead),
    ("11.8", "wrong", "all units, no bias", all_and_no_bias),
    ("11.2", "right", "infinity norm", r_inf_norm),
    ("11.2", "right", "the two ends", r_ends),
    ("11.2", "right", "loops", r_loop),
    ("11.2", "right", "2-norm of a diagonal matrix", r_matrix_norm),
    ("11.3", "right", "searchsorted", r_searchsorted),
    ("11.3", "right", "shifted, a list", r_shifted),
    ("11.3", "right", "complement", r_complement),
    ("11.3", "right", "python's own", r_python),
    ("11.4", "right", "an expression", 3 * (2 + 1 + 1)),
    ("11.4", "right", "a float", 12.0),
    ("11.4", "right", "numpy's integer", np.int64(12)),
    ("11.5", "right", "comprehension", r_comprehension),
    ("11.5", "right", "searchsorted", r_sorted_sizes),
    ("11.5", "right", "transposed complement", r_transposed),
    ("11.5", "right", "matrix product", r_matrix_product),
    ("11.7", "right", "diagonal matrices", r_diagonals),
    ("11.7", "right", "outer", r_outer),
    ("11.7", "right", "einsum", r_einsum),
    ("11.7", "right", "turned between", r_two_turns),
    ("11.7", "right", "double loop", r_double_loop),
    ("11.8", "right", "largest field", r_largest_field),
    ("11.8", "right", "sum over units", r_relu),
    ("11.8", "right", "dead taken off", r_dead_taken_off),
    ("11.8", "right", "rank of a random A", r_rank),
]
