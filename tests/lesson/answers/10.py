"""Lesson 10 read cold: wrong answers and unusual right ones; the mutants were not seen."""

import numpy as np

# ------------------------------------------------------------------ 10.1


def input_still(x, W, x_dot, W_dot, b_dot):
    return x @ W_dot + b_dot


def weights_still(x, W, x_dot, W_dot, b_dot):
    return x_dot @ W + b_dot


def bias_forgotten(x, W, x_dot, W_dot, b_dot):
    return x_dot @ W + x @ W_dot


def product_of_dots(x, W, x_dot, W_dot, b_dot):
    return x_dot @ W_dot + b_dot


def exact_difference(x, W, x_dot, W_dot, b_dot):
    return (x + x_dot) @ (W + W_dot) + b_dot - x @ W


def whole_new_field(x, W, x_dot, W_dot, b_dot):
    """h itself added: the field after the step."""
    return x @ W + x_dot @ W + x @ W_dot + b_dot


def transposed_weights(x, W, x_dot, W_dot, b_dot):
    return x_dot @ W.T + x @ W_dot.T + b_dot


def half_of_product(x, W, x_dot, W_dot, b_dot):
    return (x_dot @ W + x @ W_dot) / 2 + b_dot


def one_by_stack(x, W, x_dot, W_dot, b_dot):
    return np.hstack([x_dot, x]) @ np.vstack([W, W_dot]) + b_dot


def one_by_difference(x, W, x_dot, W_dot, b_dot):
    up = (x + x_dot) @ (W + W_dot)
    down = (x - x_dot) @ (W - W_dot)
    return (up - down) / 2 + b_dot


# ------------------------------------------------------------------ 10.2


def slopes_still(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    return g_dot * f_h, (g_dot * f_b).sum(axis=0)


def not_summed(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot + f_hb * beta_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot
    return g_dot * f_h + g * f_h_dot, g_dot * f_b + g * f_b_dot


def beta_still(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot
    f_b_dot = f_hb * h_dot
    return g_dot * f_h + g * f_h_dot, (g_dot * f_b + g * f_b_dot).sum(axis=0)


def beta_still_in_f_h(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot
    return g_dot * f_h + g * f_h_dot, (g_dot * f_b + g * f_b_dot).sum(axis=0)


def g_still(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot + f_hb * beta_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot
    return g * f_h_dot, (g * f_b_dot).sum(axis=0)


def g_dot_twice(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot + f_hb * beta_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot
    return g_dot * f_h + g_dot * f_h_dot, (g_dot * f_b + g_dot * f_b_dot).sum(axis=0)


def mixed_exchanged(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot + f_bb * beta_dot
    f_b_dot = f_hb * h_dot + f_hb * beta_dot
    return g_dot * f_h + g * f_h_dot, (g_dot * f_b + g * f_b_dot).sum(axis=0)


def mean_over_samples(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot + f_hb * beta_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot
    return g_dot * f_h + g * f_h_dot, (g_dot * f_b + g * f_b_dot).mean(axis=0)


def wrong_axis(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot + f_hb * beta_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot
    return g_dot * f_h + g * f_h_dot, (g_dot * f_b + g * f_b_dot).sum(axis=1)


def precedence(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    delta_dot = g_dot * f_h + g * f_hh * h_dot + f_hb * beta_dot
    dbeta_dot = (g_dot * f_b + g * f_hb * h_dot + f_bb * beta_dot).sum(axis=0)
    return delta_dot, dbeta_dot


def exchanged(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    delta_dot = g_dot * f_h + g * (f_hh * h_dot + f_hb * beta_dot)
    dbeta_dot = (g_dot * f_b + g * (f_hb * h_dot + f_bb * beta_dot)).sum(axis=0)
    return dbeta_dot, delta_dot


def only_one_summed(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    """The sum taken of the second term alone."""
    delta_dot = g_dot * f_h + g * (f_hh * h_dot + f_hb * beta_dot)
    dbeta_dot = g_dot * f_b + (g * (f_hb * h_dot + f_bb * beta_dot)).sum(axis=0)
    return delta_dot, dbeta_dot


def half_of_mixed(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    """As in a Taylor series: halves, and the mixed one in both."""
    f_h_dot = f_hh * h_dot / 2 + f_hb * beta_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot / 2
    return g_dot * f_h + g * f_h_dot, (g_dot * f_b + g * f_b_dot).sum(axis=0)


def f_beta_for_f_h(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    f_h_dot = f_hh * h_dot + f_hb * beta_dot
    f_b_dot = f_hb * h_dot + f_bb * beta_dot
    return g_dot * f_h + g * f_h_dot, (g_dot * f_h + g * f_b_dot).sum(axis=0)


def two_by_matrix(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    second = np.array([[f_hh, f_hb], [f_hb, f_bb]])
    move = np.array([h_dot, np.broadcast_to(beta_dot, h_dot.shape)])
    slopes = g_dot * np.array([f_h, f_b]) + g * np.einsum("abni,bni->ani", second, move)
    return slopes[0], slopes[1].sum(0)


def two_expanded(g, g_dot, h_dot, beta_dot, f_h, f_b, f_hh, f_hb, f_bb):
    delta_dot = f_h * g_dot
    delta_dot += g * f_hh * h_dot
    delta_dot += g * f_hb * beta_dot[None]
    moving = np.einsum("ni,ni->i", g_dot, f_b) + np.einsum("ni,ni,ni->i", g, f_hb, h_dot)
    return delta_dot, moving + beta_dot * (g * f_bb).sum(axis=0)


# ------------------------------------------------------------------ 10.3


def inputs_still(x, W, delta, x_dot, W_dot, delta_dot):
    return x.T @ delta_dot, delta_dot.sum(axis=0), delta_dot @ W.T


def dx_weights_still(x, W, delta, x_dot, W_dot, delta_dot):
    return x_dot.T @ delta + x.T @ delta_dot, delta_dot.sum(axis=0), delta_dot @ W.T


def dW_delta_still(x, W, delta, x_dot, W_dot, delta_dot):
    return x_dot.T @ delta, delta_dot.sum(axis=0), delta_dot @ W.T + delta @ W_dot.T


def all_dots(x, W, delta, x_dot, W_dot, delta_dot):
    return x_dot.T @ delta_dot, delta_dot.sum(axis=0), delta_dot @ W_dot.T


def transposed(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    return dW_dot.T, delta_dot.sum(axis=0), delta_dot @ W.T + delta @ W_dot.T


def db_of_delta(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    return dW_dot, delta.sum(axis=0), delta_dot @ W.T + delta @ W_dot.T


def db_both(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    return dW_dot, (delta + delta_dot).sum(axis=0), delta_dot @ W.T + delta @ W_dot.T


def dot_of_other(x, W, delta, x_dot, W_dot, delta_dot):
    """The two terms with their dots exchanged in one line."""
    dW_dot = x_dot.T @ delta_dot + x.T @ delta
    return dW_dot, delta_dot.sum(axis=0), delta_dot @ W.T + delta @ W_dot.T


def minus(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    return dW_dot, delta_dot.sum(axis=0), delta_dot @ W.T - delta @ W_dot.T


def no_transpose(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    return dW_dot, delta_dot.sum(axis=0), delta_dot @ W + delta @ W_dot


def db_kept(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    db_dot = delta_dot.sum(axis=0, keepdims=True)
    return dW_dot, db_dot, delta_dot @ W.T + delta @ W_dot.T


def db_over_units(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = x_dot.T @ delta + x.T @ delta_dot
    return dW_dot, delta_dot.sum(axis=1), delta_dot @ W.T + delta @ W_dot.T


def two_left_out(x, W, delta, x_dot, W_dot, delta_dot):
    """Two slips at once."""
    return x.T @ delta_dot, delta_dot.mean(axis=0), delta_dot @ W.T + delta @ W_dot.T


def three_by_stack(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = np.vstack([x_dot, x]).T @ np.vstack([delta, delta_dot])
    dx_dot = np.hstack([delta_dot, delta]) @ np.hstack([W, W_dot]).T
    return dW_dot, np.ones(len(x)) @ delta_dot, dx_dot


def three_by_einsum(x, W, delta, x_dot, W_dot, delta_dot):
    dW_dot = np.einsum("nd,ni->di", x_dot, delta) + np.einsum("nd,ni->di", x, delta_dot)
    dx_dot = (W @ delta_dot.T + W_dot @ delta.T).T
    return dW_dot, np.einsum("ni->i", delta_dot), dx_dot


# ------------------------------------------------------------------ 10.5


def no_bend(G, g, f_h, f_hh):
    return f_h[:, :, None] * G * f_h[:, None, :]


def bend_everywhere(G, g, f_h, f_hh):
    return f_h[:, :, None] * G * f_h[:, None, :] + (f_hh * g)[:, None, :]


def one_slope(G, g, f_h, f_hh):
    eye = np.eye(g.shape[1])
    return G * f_h[:, None, :] + eye * (f_hh * g)[:, :, None]


def other_slope(G, g, f_h, f_hh):
    eye = np.eye(g.shape[1])
    return f_h[:, :, None] * G + eye * (f_hh * g)[:, :, None]


def slope_twice(G, g, f_h, f_hh):
    """Both factors of the same unit."""
    eye = np.eye(g.shape[1])
    return f_h[:, :, None] ** 2 * G + eye * (f_hh * g)[:, :, None]


def only_diagonal(G, g, f_h, f_hh):
    eye = np.eye(g.shape[1])
    return eye * (f_h[:, :, None] * G * f_h[:, None, :] + (f_hh * g)[:, :, None])


def no_g(G, g, f_h, f_hh):
    eye = np.eye(g.shape[1])
    return f_h[:, :, None] * G * f_h[:, None, :] + eye * f_hh[:, :, None]


def bend_times_slope(G, g, f_h, f_hh):
    eye = np.eye(g.shape[1])
    return f_h[:, :, None] * G * f_h[:, None, :] + eye * (f_hh * f_h * g)[:, :, None]


def summed(G, g, f_h, f_hh):
    eye = np.eye(g.shape[1])
    S = f_h[:, :, None] * G * f_h[:, None, :] + eye * (f_hh * g)[:, :, None]
    return S.sum(axis=0)


def minus_bend(G, g, f_h, f_hh):
    eye = np.eye(g.shape[1])
    return f_h[:, :, None] * G * f_h[:, None, :] - eye * (f_hh * g)[:, :, None]


def matrix_products(G, g, f_h, f_hh):
    """As if f_h were a matrix."""
    return f_h @ G @ f_h.T + f_hh * g


def bend_by_two(G, g, f_h, f_hh):
    eye = np.eye(g.shape[1])
    return f_h[:, :, None] * G * f_h[:, None, :] + 2 * eye * (f_hh * g)[:, :, None]


def five_by_loop(G, g, f_h, f_hh):
    S = np.empty(G.shape)
    for n in range(len(g)):
        S[n] = np.diag(f_h[n]) @ G[n] @ np.diag(f_h[n]) + np.diag(f_hh[n] * g[n])
    return S


def five_by_einsum(G, g, f_h, f_hh):
    S = np.einsum("ni,nik,nk->nik", f_h, G, f_h)
    np.einsum("nii->ni", S)[:] += f_hh * g
    return S


# ------------------------------------------------------------------ 10.6


def first_only(S, Pi, J, delta, a, a_k):
    return np.einsum("nab,nbm,nj,nq->jaqm", S, Pi, a, a_k)


def second_only(S, Pi, J, delta, a, a_k):
    return np.einsum("ni,njm,nq->jiqm", delta, J, a_k)


def inputs_forgotten(S, Pi, J, delta, a, a_k):
    """a_k left out of the second term."""
    first = np.einsum("nab,nbm,nj,nq->jaqm", S, Pi, a, a_k)
    second = np.einsum("ni,njm->jim", delta, J)[:, :, None, :]
    return first + second


def other_order(S, Pi, J, delta, a, a_k):
    """Units before inputs, as in PyTorch."""
    first = np.einsum("nab,nbm,nj,nq->ajmq", S, Pi, a, a_k)
    second = np.einsum("ni,njm,nq->ijmq", delta, J, a_k)
    return first + second


def pi_without_s(S, Pi, J, delta, a, a_k):
    first = np.einsum("nam,nj,nq->jaqm", Pi, a, a_k)
    second = np.einsum("ni,njm,nq->jiqm", delta, J, a_k)
    return first + second


def averaged(S, Pi, J, delta, a, a_k):
    first = np.einsum("nab,nbm,nj,nq->jaqm", S, Pi, a, a_k)
    second = np.einsum("ni,njm,nq->jiqm", delta, J, a_k)
    return (first + second) / len(a)


def delta_times_pi(S, Pi, J, delta, a, a_k):
    """Pi in place of S Pi, and delta times the change of its own field."""
    first = np.einsum("na,nam,nj,nq->jaqm", delta, Pi, a, a_k)
    second = np.einsum("ni,njm,nq->jiqm", delta, J, a_k)
    return first + second


def sample_sum_apart(S, Pi, J, delta, a, a_k):
    """Sums over the samples before the product."""
    first = np.einsum("am,nj,nq->jaqm", (S @ Pi).sum(axis=0), a, a_k)
    second = np.einsum("i,njm,nq->jiqm", delta.sum(axis=0), J, a_k)
    return first + second


def minus_sign(S, Pi, J, delta, a, a_k):
    first = np.einsum("nab,nbm,nj,nq->jaqm", S, Pi, a, a_k)
    second = np.einsum("ni,njm,nq->jiqm", delta, J, a_k)
    return first - second


def a_in_both(S, Pi, J, delta, a, a_k):
    """The product rule's second term keeps a as well."""
    first = np.einsum("nab,nbm,nj,nq->jaqm", S, Pi, a, a_k)
    second = np.einsum("ni,nj,njm,nq->jiqm", delta, a, J, a_k)
    return first + second


def not_added_over_samples(S, Pi, J, delta, a, a_k):
    first = np.einsum("nab,nbm,nj,nq->njaqm", S, Pi, a, a_k)
    second = np.einsum("ni,njm,nq->njiqm", delta, J, a_k)
    return first + second


def matrices_only(S, Pi, J, delta, a, a_k):
    return S @ Pi @ a + delta @ J @ a_k


def six_by_loop(S, Pi, J, delta, a, a_k):
    total = 0
    for n in range(len(a)):
        moved = np.multiply.outer(a[n], S[n] @ Pi[n])  # j, i, m
        moved = moved + np.einsum("i,jm->jim", delta[n], J[n])
        total = total + np.einsum("jim,q->jiqm", moved, a_k[n])
    return total


def six_by_broadcast(S, Pi, J, delta, a, a_k):
    SPi = np.matmul(S, Pi)
    moved = a[:, :, None, None] * SPi[:, None] + delta[:, None, :, None] * J[:, :, None, :]
    return (moved[:, :, :, None, :] * a_k[:, None, None, :, None]).sum(axis=0)


# ------------------------------------------------------------------ 10.7


def parts_exchanged(C, g, slopes, bends):
    return np.einsum("k,kpq->pq", g, bends), slopes.T @ C @ slopes


def no_curvature(C, g, slopes, bends):
    return slopes.T @ slopes, np.einsum("k,kpq->pq", g, bends)


def whole_and_part(C, g, slopes, bends):
    first = slopes.T @ C @ slopes
    second = np.einsum("k,kpq->pq", g, bends)
    return first + second, second


def diagonal_of_c(C, g, slopes, bends):
    first = slopes.T @ (np.diag(C)[:, None] * slopes)
    return first, np.einsum("k,kpq->pq", g, bends)


def outer_gradient(C, g, slopes, bends):
    """The outer product of the loss's gradients, Fisher's."""
    d = g @ slopes
    return np.outer(d, d), np.einsum("k,kpq->pq", g, bends)


def g_forgotten(C, g, slopes, bends):
    return slopes.T @ C @ slopes, bends.sum(axis=0)


def half_taylor(C, g, slopes, bends):
    return slopes.T @ C @ slopes / 2, np.einsum("k,kpq->pq", g, bends) / 2


def c_for_g(C, g, slopes, bends):
    return slopes.T @ C @ slopes, np.einsum("kl,kpq->pq", C, bends)


def not_turned(C, g, slopes, bends):
    return slopes @ C @ slopes.T, g @ bends


def elementwise(C, g, slopes, bends):
    return np.einsum("kp,kk,kq->pq", slopes, C, slopes), (g[:, None, None] * bends).sum(axis=0)


def mean_over_outputs(C, g, slopes, bends):
    first = slopes.T @ C @ slopes
    return first, (g[:, None, None] * bends).mean(axis=0)


def one_sum(C, g, slopes, bends):
    return slopes.T @ C @ slopes + np.einsum("k,kpq->pq", g, bends)


def seven_by_tensordot(C, g, slopes, bends):
    return np.einsum("kp,kl,lq->pq", slopes, C, slopes), np.tensordot(g, bends, 1)


def seven_by_root(C, g, slopes, bends):
    values, vectors = np.linalg.eigh(C)
    z = vectors.T @ slopes
    return (z.T * values) @ z, sum(g_k * bend for g_k, bend in zip(g, bends))


ANSWERS = [
    ("10.1", "wrong", "x does not move", input_still),
    ("10.1", "wrong", "W does not move", weights_still),
    ("10.1", "wrong", "b forgotten", bias_forgotten),
    ("10.1", "wrong", "product of the two dots", product_of_dots),
    ("10.1", "wrong", "the whole difference, with the second-order term", exact_difference),
    ("10.1", "wrong", "h itself added", whole_new_field),
    ("10.1", "wrong", "W transposed", transposed_weights),
    ("10.1", "wrong", "half of both products", half_of_product),
    ("10.1", "right", "stacked", one_by_stack),
    ("10.1", "right", "half of up minus down", one_by_difference),
    ("10.2", "wrong", "the slopes do not move", slopes_still),
    ("10.2", "wrong", "no sum over samples", not_summed),
    ("10.2", "wrong", "beta does not move", beta_still),
    ("10.2", "wrong", "beta does not move in f_h", beta_still_in_f_h),
    ("10.2", "wrong", "g does not move", g_still),
    ("10.2", "wrong", "g_dot in both terms", g_dot_twice),
    ("10.2", "wrong", "f_hb and f_bb exchanged", mixed_exchanged),
    ("10.2", "wrong", "mean over samples", mean_over_samples),
    ("10.2", "wrong", "sum over units", wrong_axis),
    ("10.2", "wrong", "brackets forgotten after g", precedence),
    ("10.2", "wrong", "outputs exchanged", exchanged),
    ("10.2", "wrong", "only one term summed", only_one_summed),
    ("10.2", "wrong", "halves as in Taylor's series", half_of_mixed),
    ("10.2", "wrong", "f_h in dbeta's line", f_beta_for_f_h),
    ("10.2", "right", "both slopes by one matrix", two_by_matrix),
    ("10.2", "right", "term by term", two_expanded),
    ("10.3", "wrong", "x and W do not move", inputs_still),
    ("10.3", "wrong", "W does not move", dx_weights_still),
    ("10.3", "wrong", "delta does not move in dW", dW_delta_still),
    ("10.3", "wrong", "a dot on each factor", all_dots),
    ("10.3", "wrong", "dW transposed", transposed),
    ("10.3", "wrong", "db from delta", db_of_delta),
    ("10.3", "wrong", "db after the step", db_both),
    ("10.3", "wrong", "both dots in one term", dot_of_other),
    ("10.3", "wrong", "minus", minus),
    ("10.3", "wrong", "W not transposed", no_transpose),
    ("10.3", "wrong", "db as a row", db_kept),
    ("10.3", "wrong", "db over units", db_over_units),
    ("10.3", "wrong", "x does not move, db a mean", two_left_out),
    ("10.3", "right", "stacked", three_by_stack),
    ("10.3", "right", "einsum and transposes", three_by_einsum),
    ("10.5", "wrong", "the gate does not bend", no_bend),
    ("10.5", "wrong", "bend in all entries", bend_everywhere),
    ("10.5", "wrong", "slope of i forgotten", one_slope),
    ("10.5", "wrong", "slope of i' forgotten", other_slope),
    ("10.5", "wrong", "slope of i twice", slope_twice),
    ("10.5", "wrong", "diagonal only", only_diagonal),
    ("10.5", "wrong", "g forgotten", no_g),
    ("10.5", "wrong", "bend times slope", bend_times_slope),
    ("10.5", "wrong", "summed over samples", summed),
    ("10.5", "wrong", "minus", minus_bend),
    ("10.5", "wrong", "matrix products of f_h", matrix_products),
    ("10.5", "wrong", "bend twice", bend_by_two),
    ("10.5", "right", "loop with np.diag", five_by_loop),
    ("10.5", "right", "einsum and a view of the diagonal", five_by_einsum),
    ("10.6", "wrong", "first term only", first_only),
    ("10.6", "wrong", "second term only", second_only),
    ("10.6", "wrong", "a_k forgotten in the second term", inputs_forgotten),
    ("10.6", "wrong", "units before inputs", other_order),
    ("10.6", "wrong", "Pi without S", pi_without_s),
    ("10.6", "wrong", "mean over samples", averaged),
    ("10.6", "wrong", "delta Pi in place of S Pi", delta_times_pi),
    ("10.6", "wrong", "samples summed before the product", sample_sum_apart),
    ("10.6", "wrong", "minus", minus_sign),
    ("10.6", "wrong", "a in both terms", a_in_both),
    ("10.6", "wrong", "not summed over samples", not_added_over_samples),
    ("10.6", "wrong", "matrix products only", matrices_only),
    ("10.6", "right", "loop over samples", six_by_loop),
    ("10.6", "right", "broadcasting", six_by_broadcast),
    ("10.7", "wrong", "parts exchanged", parts_exchanged),
    ("10.7", "wrong", "C forgotten", no_curvature),
    ("10.7", "wrong", "first is the whole", whole_and_part),
    ("10.7", "wrong", "only C's diagonal", diagonal_of_c),
    ("10.7", "wrong", "Fisher's outer product", outer_gradient),
    ("10.7", "wrong", "g forgotten", g_forgotten),
    ("10.7", "wrong", "halves as in Taylor's series", half_taylor),
    ("10.7", "wrong", "C in place of g", c_for_g),
    ("10.7", "wrong", "slopes transposed", not_turned),
    ("10.7", "wrong", "C's diagonal, by einsum", elementwise),
    ("10.7", "wrong", "mean over outputs", mean_over_outputs),
    ("10.7", "wrong", "one matrix, the sum", one_sum),
    ("10.7", "right", "einsum and tensordot", seven_by_tensordot),
    ("10.7", "right", "C by its eigenvectors", seven_by_root),
]
