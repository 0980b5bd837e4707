"""Lesson 13 read cold: wrong answers and unusual right ones; the mutants were not seen."""

import numpy as np

# ------------------------------------------------------------------ 13.1


def edge_without_momentum(rate, mu):
    return 2 / rate


def edge_of_a_mean(rate, mu):
    return 2 * (1 + mu) / (rate * (1 - mu))


def edge_of_the_effective_rate(rate, mu):
    return 2 * (1 - mu) / rate


def edge_at_plus_one(rate, mu):
    return 0.0


def edge_one_mu(rate, mu):
    return (2 + mu) / rate


def edge_not_doubled(rate, mu):
    return (1 + mu) / rate


def edge_brackets(rate, mu):
    return 2 + 2 * mu / rate


def edge_times_rate(rate, mu):
    return (2 + 2 * mu) * rate


def edge_double_root(rate, mu):
    return (1 + np.sqrt(mu)) ** 2 / rate


def edge_last_term_wrong(rate, mu):
    # r^2 - (1 + mu - eta lambda) r - mu = 0
    return 2 / rate - 0 * mu + 0 * rate if mu == 0 else (2 + mu - mu) / rate


def edge_by_roots(rate, mu):
    low, high = 0.0, 100 / rate
    for _ in range(200):
        middle = (low + high) / 2
        roots = np.roots([1, -(1 + mu - rate * middle), mu])
        if np.abs(roots).max() <= 1 + 1e-12:
            low = middle
        else:
            high = middle
    return low


def edge_in_two_steps(rate, mu):
    plain = 2 / rate
    return plain + mu * plain


# ------------------------------------------------------------------ 13.3


def divided_by_s(H, s):
    return np.linalg.eigvalsh(H / np.outer(s, s))[-1]


def rows_only_symmetric_solver(H, s):
    return np.linalg.eigvalsh(H / s[:, None])[-1]


def columns_only_symmetric_solver(H, s):
    return np.linalg.eigvalsh(H / s)[-1]


def multiplied(H, s):
    c = np.sqrt(s)
    return np.linalg.eigvalsh(c[:, None] * H * c)[-1]


def plain_sharpness(H, s):
    return np.linalg.eigvalsh(H)[-1]


def largest_over_largest(H, s):
    return np.linalg.eigvalsh(H)[-1] / s.max()


def largest_in_size(H, s):
    c = np.sqrt(s)
    return np.abs(np.linalg.eigvalsh(H / np.outer(c, c))).max()


def smallest_of_them(H, s):
    c = np.sqrt(s)
    return np.linalg.eigvalsh(H / np.outer(c, c))[0]


def root_of_root(H, s):
    c = s**0.25
    return np.linalg.eigvalsh(H / np.outer(c, c))[-1]


def diagonal_only(H, s):
    return (np.diag(H) / s).max()


def all_of_them(H, s):
    c = np.sqrt(s)
    return np.linalg.eigvalsh(H / np.outer(c, c))


def the_matrix(H, s):
    c = np.sqrt(s)
    return H / np.outer(c, c)


def product_elementwise(H, s):
    return np.linalg.eigvalsh(np.diag(1 / np.sqrt(s)) * H)[-1]


def one_root_missing(H, s):
    return np.linalg.eigvalsh(H / np.sqrt(s))[-1]


def norm_of_it(H, s):
    c = np.sqrt(s)
    return np.linalg.norm(H / np.outer(c, c))


def in_place(H, s):
    c = np.sqrt(s)
    H /= c
    H /= c[:, None]
    return np.linalg.eigvalsh(H)[-1]


def by_matrices(H, s):
    D = np.diag(s**-0.5)
    return max(np.linalg.eigvalsh(D @ H @ D))


def not_symmetric(H, s):
    return np.linalg.eigvals(np.diag(1 / s) @ H).real.max()


def by_columns_of_ones(H, s):
    r = 1 / np.sqrt(s)
    return np.linalg.eigh(r[:, None] * H * r[None, :]).eigenvalues.max()


# ------------------------------------------------------------------ 13.6


def factor_without_size(eigenvalue, damping):
    return 1 - eigenvalue / (eigenvalue + damping)


def step_not_factor(eigenvalue, damping):
    return eigenvalue / (np.abs(eigenvalue) + damping)


def factor_plus(eigenvalue, damping):
    return 1 + eigenvalue / (np.abs(eigenvalue) + damping)


def no_curvature_in_gradient(eigenvalue, damping):
    return 1 - 1 / (np.abs(eigenvalue) + damping)


def size_of_the_sum(eigenvalue, damping):
    return 1 - eigenvalue / np.abs(eigenvalue + damping)


def size_above(eigenvalue, damping):
    return 1 - np.abs(eigenvalue) / (np.abs(eigenvalue) + damping)


def damping_above(eigenvalue, damping):
    return damping / (np.abs(eigenvalue) + damping)


def factor_in_size(eigenvalue, damping):
    return np.abs(1 - eigenvalue / (np.abs(eigenvalue) + damping)) - 1


def bracket_lost(eigenvalue, damping):
    return 1 - eigenvalue / np.abs(eigenvalue) + damping


def damping_taken_away(eigenvalue, damping):
    return 1 - eigenvalue / (np.abs(eigenvalue) - damping)


def no_damping(eigenvalue, damping):
    return 1 - np.sign(eigenvalue)


def step_of_descent(eigenvalue, damping):
    return 1 - damping * eigenvalue


def one_fraction(eigenvalue, damping):
    size = abs(eigenvalue)
    return (size - eigenvalue + damping) / (size + damping)


def by_cases(eigenvalue, damping):
    return np.where(
        eigenvalue > 0,
        damping / (eigenvalue + damping),
        1 + eigenvalue / (eigenvalue - damping),
    )


def in_a_loop(eigenvalue, damping):
    out = []
    for k in eigenvalue:
        x = 1.0
        x = x - k * x / (np.sqrt(k * k) + damping)
        out.append(x)
    return np.array(out)


# ------------------------------------------------------------------ 13.10


def before_not_taken_away(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q
    next_n = np.linalg.norm(rest)
    return a, next_n, rest / next_n


def n_forgotten(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - before
    next_n = np.linalg.norm(rest)
    return a, next_n, rest / next_n


def before_added(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q + n * before
    next_n = np.linalg.norm(rest)
    return a, next_n, rest / next_n


def not_normalized(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - n * before
    return a, np.linalg.norm(rest), rest


def length_squared(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - n * before
    next_n = rest @ rest
    return a, next_n, rest / next_n


def divided_by_old_n(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - n * before
    next_n = np.linalg.norm(rest)
    return a, next_n, rest / n


def a_is_length(Hq, q, before, n):
    a = np.linalg.norm(Hq)
    rest = Hq - a * q - n * before
    next_n = np.linalg.norm(rest)
    return a, next_n, rest / next_n


def a_by_before(Hq, q, before, n):
    a = before @ Hq
    rest = Hq - a * q - n * before
    next_n = np.linalg.norm(rest)
    return a, next_n, rest / next_n


def a_elementwise(Hq, q, before, n):
    a = q * Hq
    rest = Hq - a * q - n * before
    next_n = np.linalg.norm(rest)
    return a, next_n, rest / next_n


def exchanged_parts(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - n * q - a * before
    next_n = np.linalg.norm(rest)
    return a, next_n, rest / next_n


def n_is_largest(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - n * before
    next_n = np.abs(rest).max()
    return a, next_n, rest / next_n


def n_is_sum(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - n * before
    next_n = np.abs(rest).sum()
    return a, next_n, rest / next_n


def power_step(Hq, q, before, n):
    a = q @ Hq
    next_n = np.linalg.norm(Hq)
    return a, next_n, Hq / next_n


def order_exchanged(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - n * before
    next_n = np.linalg.norm(rest)
    return next_n, a, rest / next_n


def returned_next_first(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - n * before
    next_n = np.linalg.norm(rest)
    return rest / next_n, a, next_n


def lanczos_in_place(Hq, q, before, n):
    a = q @ Hq
    Hq -= a * q
    Hq -= n * before
    next_n = np.linalg.norm(Hq)
    return a, next_n, Hq / next_n


def a_halved_and_squared(Hq, q, before, n):
    a = q @ Hq
    rest = Hq - a * q - n**2 * before
    next_n = np.sum(rest**2)
    return a, next_n, rest / np.sqrt(next_n)


def before_taken_first(Hq, q, before, n):
    rest = Hq - n * before
    a = np.dot(rest, q)
    rest = rest - a * q
    n_new = np.sqrt((rest**2).sum())
    return a, n_new, rest / n_new


def with_einsum(Hq, q, before, n):
    a = float(np.einsum("i,i->", Hq, q))
    left = Hq - np.stack([q, before], axis=1) @ np.array([a, n])
    length = np.hypot.reduce(left)
    return a, length, left * (1 / length)


def twice_over(Hq, q, before, n):
    a = (q * Hq).sum()
    rest = Hq - n * before - a * q
    rest = rest - (rest @ q) * q
    return a, np.linalg.norm(rest), rest / np.linalg.norm(rest)


ANSWERS = [
    ("13.1", "wrong", "momentum does not count", edge_without_momentum),
    ("13.1", "wrong", "the running mean's 1 - mu", edge_of_a_mean),
    ("13.1", "wrong", "the effective rate", edge_of_the_effective_rate),
    ("13.1", "wrong", "r = 1 for r = -1", edge_at_plus_one),
    ("13.1", "wrong", "mu once only", edge_one_mu),
    ("13.1", "wrong", "half of it", edge_not_doubled),
    ("13.1", "wrong", "brackets", edge_brackets),
    ("13.1", "wrong", "times the rate", edge_times_rate),
    ("13.1", "wrong", "where the roots meet", edge_double_root),
    ("13.1", "wrong", "mu with the wrong sign in the quadratic", edge_last_term_wrong),
    ("13.1", "right", "found by bisection of the roots", edge_by_roots),
    ("13.1", "right", "plain edge and its share", edge_in_two_steps),
    ("13.3", "wrong", "s for its root", divided_by_s),
    ("13.3", "wrong", "rows by s, eigvalsh", rows_only_symmetric_solver),
    ("13.3", "wrong", "columns by s, eigvalsh", columns_only_symmetric_solver),
    ("13.3", "wrong", "multiplied", multiplied),
    ("13.3", "wrong", "s not used", plain_sharpness),
    ("13.3", "wrong", "the largest over the largest s", largest_over_largest),
    ("13.3", "wrong", "largest in size", largest_in_size),
    ("13.3", "wrong", "the first of eigvalsh", smallest_of_them),
    ("13.3", "wrong", "fourth root", root_of_root),
    ("13.3", "wrong", "the diagonal only", diagonal_only),
    ("13.3", "wrong", "all eigenvalues", all_of_them),
    ("13.3", "wrong", "the matrix", the_matrix),
    ("13.3", "wrong", "diag by * and one side only", product_elementwise),
    ("13.3", "wrong", "one side by the root only", one_root_missing),
    ("13.3", "wrong", "the matrix's norm", norm_of_it),
    ("13.3", "wrong", "H is changed in place", in_place),
    ("13.3", "right", "with matrices and max", by_matrices),
    ("13.3", "right", "the matrix that is not symmetric, D^-1 H", not_symmetric),
    ("13.3", "right", "eigh and broadcasting", by_columns_of_ones),
    ("13.4", "wrong", "plain descent", 2 / 0.01),
    ("13.4", "wrong", "momentum's edge", (2 + 2 * 0.9) / 0.01),
    ("13.4", "wrong", "mean the wrong way", (2 + 2 * 0.9) * (1 - 0.9) / 0.01),
    ("13.4", "wrong", "2/(effective rate)", 2 / (0.01 * (1 - 0.9))),
    ("13.4", "wrong", "without the rate", 38),
    ("13.4", "wrong", "times the rate", 0.38),
    ("13.4", "wrong", "not doubled", (1 + 0.9) / (0.1 * 0.01)),
    ("13.4", "wrong", "rate 0.001", 38_000),
    ("13.4", "wrong", "2 - 2 b1", (2 - 2 * 0.9) / (0.1 * 0.01)),
    ("13.4", "right", "as an integer", 3800),
    ("13.4", "right", "momentum's edge with the rate 0.001", 2 * 1.9 / 0.001),
    ("13.6", "wrong", "no absolute value", factor_without_size),
    ("13.6", "wrong", "the step, not the factor", step_not_factor),
    ("13.6", "wrong", "plus", factor_plus),
    ("13.6", "wrong", "the gradient without the curvature", no_curvature_in_gradient),
    ("13.6", "wrong", "absolute value of the sum", size_of_the_sum),
    ("13.6", "wrong", "absolute value above as well", size_above),
    ("13.6", "wrong", "right for positive curvature only", damping_above),
    ("13.6", "wrong", "size minus one", factor_in_size),
    ("13.6", "wrong", "brackets", bracket_lost),
    ("13.6", "wrong", "damping taken away", damping_taken_away),
    ("13.6", "wrong", "no damping", no_damping),
    ("13.6", "wrong", "damping as a rate", step_of_descent),
    ("13.6", "right", "one fraction", one_fraction),
    ("13.6", "right", "by cases", by_cases),
    ("13.6", "right", "a loop that takes the step", in_a_loop),
    ("13.10", "wrong", "q before left in", before_not_taken_away),
    ("13.10", "wrong", "n forgotten", n_forgotten),
    ("13.10", "wrong", "q before added", before_added),
    ("13.10", "wrong", "not of length 1", not_normalized),
    ("13.10", "wrong", "length squared", length_squared),
    ("13.10", "wrong", "divided by the old n", divided_by_old_n),
    ("13.10", "wrong", "a is the length of Hq", a_is_length),
    ("13.10", "wrong", "a from the q before", a_by_before),
    ("13.10", "wrong", "a entry by entry", a_elementwise),
    ("13.10", "wrong", "a and n exchanged", exchanged_parts),
    ("13.10", "wrong", "largest entry as length", n_is_largest),
    ("13.10", "wrong", "sum as length", n_is_sum),
    ("13.10", "wrong", "power iteration", power_step),
    ("13.10", "wrong", "a and n returned in the other order", order_exchanged),
    ("13.10", "wrong", "q returned first", returned_next_first),
    ("13.10", "wrong", "Hq is changed in place", lanczos_in_place),
    ("13.10", "wrong", "n squared and the root forgotten", a_halved_and_squared),
    ("13.10", "right", "q before taken away first", before_taken_first),
    ("13.10", "right", "einsum and hypot", with_einsum),
    ("13.10", "right", "made orthogonal twice", twice_over),
]
