"""Lesson 14 read cold: wrong answers and unusual right ones; the mutants were not seen."""

import math

import numpy as np

# ------------------------------------------------------------------ 14.2


def sure_of_it(q):
    p = 1.0
    return p, -np.log(1 - q)


def flipped_p(q):
    p = q
    return p, -(1 - q) * np.log(1 - q) - q * np.log(q)


def a_coin(q):
    return 0.5, np.log(2)


def right_ones_only(q):
    p = 1 - q
    return p, -np.log(p)


def right_share_only(q):
    p = 1 - q
    return p, -(1 - q) * np.log(p)


def sign_lost(q):
    p = 1 - q
    return p, (1 - q) * np.log(1 - q) + q * np.log(q)


def shares_exchanged(q):
    p = 1 - q
    return p, -q * np.log(p) - (1 - q) * np.log(1 - p)


def in_bits(q):
    p = 1 - q
    return p, -p * np.log2(p) - q * np.log2(q)


def minus_between(q):
    p = 1 - q
    return p, -p * np.log(p) + q * np.log(q)


def not_weighted(q):
    p = 1 - q
    return p, (-np.log(p) - np.log(q)) / 2


def exchanged_two(q):
    p = 1 - q
    return -p * np.log(p) - q * np.log(q), p


def variance_like(q):
    p = 1 - q
    return p, p * (1 - p)


def q_twice(q):
    p = 1 - 2 * q
    return p, -(1 - q) * np.log(p) - q * np.log(1 - p)


def by_fine_grid(q):
    low, high = 1e-12, 1 - 1e-12
    for _ in range(200):
        p = (low + high) / 2
        slope = -(1 - q) / p + q / (1 - p)
        low, high = (p, high) if slope < 0 else (low, p)
    return p, -(1 - q) * math.log(p) - q * math.log(1 - p)


def with_log1p(q):
    return 1 - q, q * np.log((1 - q) / q) - np.log1p(-q)


# ------------------------------------------------------------------ 14.3


def lowest_of_all(losses, patience):
    return int(np.argmin(losses))


def where_it_stopped(losses, patience):
    best, waited = np.inf, 0
    for t, loss in enumerate(losses):
        if loss < best:
            best, waited = loss, 0
        else:
            waited += 1
            if waited == patience:
                return t
    return t


def one_too_patient(losses, patience):
    best, where, waited = np.inf, 0, 0
    for t, loss in enumerate(losses):
        if loss < best:
            best, where, waited = loss, t, 0
        else:
            waited += 1
        if waited > patience:
            break
    return where


def counts_rises(losses, patience):
    where, waited = 0, 0
    for t in range(1, len(losses)):
        if losses[t] < losses[where]:
            where = t
        if losses[t] > losses[t - 1]:
            waited += 1
        else:
            waited = 0
        if waited == patience:
            break
    return where


def never_reset(losses, patience):
    best, where, waited = np.inf, 0, 0
    for t, loss in enumerate(losses):
        if loss < best:
            best, where = loss, t
        else:
            waited += 1
            if waited == patience:
                break
    return where


def ties_count_as_lower(losses, patience):
    best, where, waited = np.inf, 0, 0
    for t, loss in enumerate(losses):
        if loss <= best:
            best, where, waited = loss, t, 0
        else:
            waited += 1
            if waited == patience:
                break
    return where


def the_loss_itself(losses, patience):
    best, waited = np.inf, 0
    for loss in losses:
        if loss < best:
            best, waited = loss, 0
        else:
            waited += 1
            if waited == patience:
                break
    return best


def first_rise(losses, patience):
    for t in range(1, len(losses)):
        if losses[t] >= losses[t - 1]:
            return t - 1
    return len(losses) - 1


def patience_from_start(losses, patience):
    return int(np.argmin(losses[:patience]))


def forgets_the_end(losses, patience):
    best, where, waited = np.inf, 0, 0
    for t, loss in enumerate(losses):
        if loss < best:
            best, where, waited = loss, t, 0
        else:
            waited += 1
            if waited == patience:
                return where
    return None


def stop_minus_patience_off(losses, patience):
    best, waited = np.inf, 0
    for t in range(len(losses)):
        if losses[t] < best:
            best, waited = losses[t], 0
        else:
            waited += 1
            if waited == patience:
                break
    return t - patience - 1


def compares_with_previous(losses, patience):
    waited, where = 0, 0
    for t in range(1, len(losses)):
        if losses[t] < losses[t - 1]:
            waited, where = 0, t
        else:
            waited += 1
            if waited == patience:
                break
    return where


def one_impatient(losses, patience):
    where = 0
    for t in range(len(losses)):
        if losses[t] < losses[where]:
            where = t
        if t - where >= patience - 1:
            break
    return where


def by_distance(losses, patience):
    where = 0
    for t in range(len(losses)):
        if losses[t] < losses[where]:
            where = t
        elif t - where >= patience:
            break
    return where


def with_accumulate(losses, patience):
    running = np.minimum.accumulate(losses)
    for t in range(len(losses)):
        first = int(np.argmax(losses == running[t]))
        if t - first == patience:
            return first
    return int(np.argmin(losses))


def with_while(losses, patience):
    t = 0
    while True:
        after = np.asarray(losses[t + 1 : t + 1 + patience])
        lower = np.flatnonzero(after < losses[t])
        if not lower.size:
            return t
        t += 1 + lower[0]


# ------------------------------------------------------------------ 14.4


def rest_not_share(k, rate, t, decay):
    return (1 - rate * k) ** t, k / (k + decay)


def exponential(k, rate, t, decay):
    return 1 - np.exp(-rate * k * t), k / (k + decay)


def linear(k, rate, t, decay):
    return rate * k * t, k / (k + decay)


def spring_share(k, rate, t, decay):
    return 1 - (1 - rate * k) ** t, decay / (k + decay)


def without_square_two(k, rate, t, decay):
    return 1 - (1 - rate * k) ** t, k / (k + 2 * decay)


def halved_decay(k, rate, t, decay):
    return 1 - (1 - rate * k) ** t, k / (k + decay / 2)


def one_step(k, rate, t, decay):
    return 1 - (1 - rate * k), k / (k + decay)


def one_step_less(k, rate, t, decay):
    return 1 - (1 - rate * k) ** (t - 1), k / (k + decay)


def times_t(k, rate, t, decay):
    return 1 - (1 - rate * k) * t, k / (k + decay)


def no_curvature_in_rate(k, rate, t, decay):
    return 1 - (1 - rate) ** t, 1 / (1 + decay)


def both_exchanged(k, rate, t, decay):
    return k / (k + decay), 1 - (1 - rate * k) ** t


def decay_minus(k, rate, t, decay):
    return 1 - (1 - rate * k) ** t, k / (k - decay)


def two_slips_there(k, rate, t, decay):
    return (1 - k) ** t, decay / (k + decay)


def share_bracket(k, rate, t, decay):
    return 1 - (1 - rate * k) ** t, k / k + decay


def by_steps(k, rate, t, decay):
    x = 0.0
    for _ in range(int(t)):
        x -= rate * k * (x - 1)
    return x, 1 / (1 + decay / k)


def by_a_sum(k, rate, t, decay):
    powers = (1 - rate * k) ** np.arange(t)
    return rate * k * powers.sum(), 1 - decay / (k + decay)


# ------------------------------------------------------------------ 14.5


def all_pulled(theta, decay, weights):
    R = decay / 2 * np.sum(theta**2)
    return R, decay * theta, decay * np.eye(len(theta))


def gradient_of_all(theta, decay, weights):
    R = decay / 2 * np.sum(theta[weights] ** 2)
    return R, decay * theta, decay * np.diag(weights)


def without_half(theta, decay, weights):
    R = decay * np.sum(theta[weights] ** 2)
    return R, decay * theta * weights, decay * np.diag(weights)


def gradient_doubled(theta, decay, weights):
    R = decay / 2 * np.sum(theta[weights] ** 2)
    return R, 2 * decay * theta * weights, 2 * decay * np.diag(weights)


def torch_style(theta, decay, weights):
    w = theta * weights
    return decay * (w @ w), 2 * decay * w, 2 * decay * np.diag(weights)


def full_identity(theta, decay, weights):
    w = theta * weights
    return decay / 2 * (w @ w), decay * w, decay * np.eye(len(theta))


def diagonal_vector(theta, decay, weights):
    w = theta * weights
    return decay / 2 * (w @ w), decay * w, decay * weights


def short_gradient(theta, decay, weights):
    w = theta[weights]
    return decay / 2 * np.sum(w**2), decay * w, decay * np.eye(len(w))


def all_ones_matrix(theta, decay, weights):
    w = theta * weights
    return decay / 2 * (w @ w), decay * w, decay * np.ones((len(w), len(w)))


def outer_weights(theta, decay, weights):
    w = theta * weights
    return decay / 2 * (w @ w), decay * w, decay * np.outer(weights, weights)


def mean_for_sum(theta, decay, weights):
    w = theta[weights]
    return decay / 2 * np.mean(w**2), decay * theta * weights, decay * np.diag(weights)


def hessian_of_theta(theta, decay, weights):
    w = theta * weights
    return decay / 2 * (w @ w), decay * w, decay * np.diag(w)


def lasso(theta, decay, weights):
    w = theta * weights
    return decay * np.abs(w).sum(), decay * np.sign(w), 0 * np.diag(w)


def norm_not_squared(theta, decay, weights):
    w = theta * weights
    return decay / 2 * np.linalg.norm(w), decay * w, decay * np.diag(weights)


def biases_pulled(theta, decay, weights):
    w = theta * ~weights
    return decay / 2 * (w @ w), decay * w, decay * np.diag(~weights)


def pull_down(theta, decay, weights):
    w = theta * weights
    return decay / 2 * (w @ w), -decay * w, decay * np.diag(weights)


def zeroed_in_place(theta, decay, weights):
    theta[~weights] = 0
    return decay / 2 * (theta @ theta), decay * theta, decay * np.diag(weights)


def decay_forgotten_there(theta, decay, weights):
    w = theta * weights
    return decay / 2 * (w @ w), decay * w, np.diag(weights).astype(float)


def with_where(theta, decay, weights):
    w = np.where(weights, theta, 0.0)
    ddR = np.zeros((theta.size, theta.size))
    ddR[weights, weights] = decay
    return 0.5 * decay * w.dot(w), decay * w, ddR


def by_the_matrix(theta, decay, weights):
    ddR = decay * np.diag(weights.astype(float))
    dR = ddR @ theta
    return theta @ dR / 2, dR, ddR


def in_a_loop(theta, decay, weights):
    R, dR, ddR = 0.0, np.zeros(theta.shape), np.zeros(2 * theta.shape)
    for i, is_weight in enumerate(weights):
        if is_weight:
            R += decay / 2 * theta[i] ** 2
            dR[i] = decay * theta[i]
            ddR[i, i] = decay
    return R, dR, ddR


# ------------------------------------------------------------------ 14.7


def upside_down(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    return np.sqrt(a / b), 2 * a * b


def no_root(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    return b / a, 2 * a * b


def fourth_root_of_lengths(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    return (b / a) ** 0.25, 2 * a * b


def lowest_at_one(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    return np.sqrt(b / a), a**2 + b**2


def not_twice(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    return np.sqrt(b / a), a * b


def squares_for_lengths(w, v):
    a, b = np.sum(w**2), np.sum(v**2)
    return np.sqrt(b / a), 2 * a * b


def lowest_of_squares(w, v):
    a, b = np.sum(w**2), np.sum(v**2)
    return (b / a) ** 0.25, 2 * a * b


def sum_of_both(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    return np.sqrt(b / a), 2 * (a + b)


def sums_not_lengths(w, v):
    a, b = np.sum(w), np.sum(v)
    return np.sqrt(np.abs(b / a)), 2 * np.abs(a * b)


def length_by_one(w, v):
    a, b = np.abs(w).sum(), np.abs(v).sum()
    return np.sqrt(b / a), 2 * a * b


def c_squared_returned(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    return b / a, a * b


def c_not_squared(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    c = np.sqrt(b / a)
    return c, c * a**2 + b**2 / c


def elementwise(w, v):
    return np.sqrt(np.abs(v) / np.abs(w[: len(v)])) if len(w) >= len(v) else w, 2.0


def both_the_other_way(w, v):
    a, b = np.linalg.norm(w), np.linalg.norm(v)
    return 2 * a * b, np.sqrt(b / a)


def put_in(w, v):
    a, b = w @ w, v @ v
    c = (b / a) ** (1 / 4)
    return c, c * c * a + b / (c * c)


def as_logs(w, v):
    a, b = np.log(np.sum(w**2)), np.log(np.sum(v**2))
    return np.exp((b - a) / 4), 2 * np.exp((a + b) / 2)


def with_hypot(w, v):
    a, b = math.hypot(*w), math.hypot(*v)
    return math.sqrt(b) / math.sqrt(a), (a + b) ** 2 - a**2 - b**2


ANSWERS = [
    ("14.2", "wrong", "surely 1", sure_of_it),
    ("14.2", "wrong", "q for 1 - q", flipped_p),
    ("14.2", "wrong", "a coin", a_coin),
    ("14.2", "wrong", "only the loss of a right label", right_ones_only),
    ("14.2", "wrong", "the flipped ones forgotten", right_share_only),
    ("14.2", "wrong", "sign", sign_lost),
    ("14.2", "wrong", "shares exchanged", shares_exchanged),
    ("14.2", "wrong", "in bits", in_bits),
    ("14.2", "wrong", "minus between the terms lost", minus_between),
    ("14.2", "wrong", "each half of the samples", not_weighted),
    ("14.2", "wrong", "loss first", exchanged_two),
    ("14.2", "wrong", "p (1 - p)", variance_like),
    ("14.2", "wrong", "1 - 2 q", q_twice),
    ("14.2", "right", "bisection of the slope", by_fine_grid),
    ("14.2", "right", "another form of the entropy", with_log1p),
    ("14.3", "wrong", "the lowest of all", lowest_of_all),
    ("14.3", "wrong", "where it stopped", where_it_stopped),
    ("14.3", "wrong", "> for >=", one_too_patient),
    ("14.3", "wrong", "rises in a row", counts_rises),
    ("14.3", "wrong", "not reset", never_reset),
    ("14.3", "wrong", "<= for <", ties_count_as_lower),
    ("14.3", "wrong", "the loss, not the index", the_loss_itself),
    ("14.3", "wrong", "the first rise", first_rise),
    ("14.3", "wrong", "lowest of the first", patience_from_start),
    ("14.3", "wrong", "nothing if it never stops", forgets_the_end),
    ("14.3", "wrong", "one before the lowest", stop_minus_patience_off),
    ("14.3", "wrong", "lower than the one before", compares_with_previous),
    ("14.3", "wrong", "one too impatient", one_impatient),
    ("14.3", "right", "by the distance", by_distance),
    ("14.3", "right", "running minimum", with_accumulate),
    ("14.3", "right", "looks ahead, patience at a time", with_while),
    ("14.4", "wrong", "what is left of the way", rest_not_share),
    ("14.4", "wrong", "the flow for the steps", exponential),
    ("14.4", "wrong", "for flat directions only", linear),
    ("14.4", "wrong", "the spring's share", spring_share),
    ("14.4", "wrong", "2 decay", without_square_two),
    ("14.4", "wrong", "half of decay", halved_decay),
    ("14.4", "wrong", "one step", one_step),
    ("14.4", "wrong", "t - 1", one_step_less),
    ("14.4", "wrong", "times t for to the t", times_t),
    ("14.4", "wrong", "no curvature at all", no_curvature_in_rate),
    ("14.4", "wrong", "exchanged", both_exchanged),
    ("14.4", "wrong", "k - decay", decay_minus),
    ("14.4", "wrong", "the rate forgotten and both rests", two_slips_there),
    ("14.4", "wrong", "brackets", share_bracket),
    ("14.4", "right", "by taking the steps", by_steps),
    ("14.4", "right", "a geometric sum", by_a_sum),
    ("14.5", "wrong", "biases too", all_pulled),
    ("14.5", "wrong", "biases in the gradient only", gradient_of_all),
    ("14.5", "wrong", "the half in R missing", without_half),
    ("14.5", "wrong", "gradient and Hessian doubled", gradient_doubled),
    ("14.5", "wrong", "all three without the half", torch_style),
    ("14.5", "wrong", "identity for M", full_identity),
    ("14.5", "wrong", "only the diagonal", diagonal_vector),
    ("14.5", "wrong", "of the weights only", short_gradient),
    ("14.5", "wrong", "ones everywhere", all_ones_matrix),
    ("14.5", "wrong", "outer product of the mask", outer_weights),
    ("14.5", "wrong", "mean for sum", mean_for_sum),
    ("14.5", "wrong", "weights on the diagonal", hessian_of_theta),
    ("14.5", "wrong", "absolute values", lasso),
    ("14.5", "wrong", "length not squared", norm_not_squared),
    ("14.5", "wrong", "the mask the other way", biases_pulled),
    ("14.5", "wrong", "sign of the force", pull_down),
    ("14.5", "wrong", "theta is changed in place", zeroed_in_place),
    ("14.5", "wrong", "decay missing in ddR", decay_forgotten_there),
    ("14.5", "right", "np.where and a mask twice", with_where),
    ("14.5", "right", "all by the matrix", by_the_matrix),
    ("14.5", "right", "a loop", in_a_loop),
    ("14.7", "wrong", "upside down", upside_down),
    ("14.7", "wrong", "no root", no_root),
    ("14.7", "wrong", "one root too many", fourth_root_of_lengths),
    ("14.7", "wrong", "the sum at c = 1", lowest_at_one),
    ("14.7", "wrong", "not twice", not_twice),
    ("14.7", "wrong", "squares for lengths", squares_for_lengths),
    ("14.7", "wrong", "squares in the lowest", lowest_of_squares),
    ("14.7", "wrong", "sum for product", sum_of_both),
    ("14.7", "wrong", "sums for lengths", sums_not_lengths),
    ("14.7", "wrong", "sum of sizes as length", length_by_one),
    ("14.7", "wrong", "c squared, and not twice", c_squared_returned),
    ("14.7", "wrong", "c once only in the lowest", c_not_squared),
    ("14.7", "wrong", "entry by entry", elementwise),
    ("14.7", "wrong", "exchanged", both_the_other_way),
    ("14.7", "right", "c put in", put_in),
    ("14.7", "right", "by logarithms", as_logs),
    ("14.7", "right", "hypot and a binomial", with_hypot),
]
