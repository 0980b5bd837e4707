"""The exact Hessian of the loss, by hand, in two independent ways.

**By columns.** Differentiate every line of forward and backward in a direction
v (the second storey of :mod:`minifnn.layers`): one pass up, one down, and there
is H v. P unit vectors give H. This is the way to understand it, and `hvp` is
the way to go where P x P does not fit.

**By blocks.** The Hessian of one sample has structure: between layer l and a
layer k below it, it is an outer product of small pieces, and the sum over
samples is a matrix product. With G the second derivative of the loss with
respect to a layer's output, g the first, and i, i' units of the layer,

    S_ii' = f_h,i    G_ii' f_h,i'    + [i=i'] f_hh g        d2 loss/dh dh'
    T_ii' = f_beta,i G_ii' f_h,i'    + [i=i'] f_hbeta g     d2 loss/dbeta dh'
    B_ii' = f_beta,i G_ii' f_beta,i' + [i=i'] f_betabeta g  d2 loss/dbeta dbeta'

and one layer down g <- delta W^T, G <- W S W^T. The bias is one more weight, on
an input that is always 1: a~ = [a, 1]. Blocks on or below the diagonal are
computed and mirrored, so that H is symmetric to the bit.

H = Gauss-Newton + residual part. Both are the same sum with one of its two
sources switched off: g at the top for the first, G at the top for the second.
"""

from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from ._util.threads import calm_blas, side_by_side
from ._util.typing import Array, ArrayLike, Engine
from ._util.validation import as_array, check_array, check_choice
from .network import Network, check_problem

CHUNK = 1 << 21  # numbers that one chunk of samples may need (16 MB)
COMPILED_CHUNK = 1 << 24  # the same for the compiled twins (128 MB)
SMALL = 1e7  # operations up to which it does not pay to work side by side
SMALL_MATRIX = 300  # parameters, likewise


def hessian(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    method: Literal["blocks", "columns"] = "blocks",
    engine: Engine = "numba",
    progress: bool = False,
) -> Array:
    """Return the exact Hessian of ``net.loss`` with respect to theta.

    Parameters
    ----------
    net : Network
    X : array_like, shape (N, D)
    Y : array_like, shape (N, K), or (N,) class labels for softmax
    method : {"blocks", "columns"}, optional
        Matrix products over samples (fast, about N P^2/2 to N P^2 operations),
        or the R-operator for each unit vector.
    engine : {"numba", "numpy"}, optional
        The compiled twins, or the code that one reads.
    progress : bool, optional
        Show a bar that counts samples (columns, for that method).

    Returns
    -------
    ndarray, shape (P, P)
        Symmetric to the bit. Where ReLU has its kink, the derivative is taken
        to be 0.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, what came and what was wanted; also if numbers as
        large as 1e200 make the Hessian overflow.

    Notes
    -----
    The columns are averaged with their mirror image, the blocks are not: each
    is computed once. Source of the R-operator: Pearlmutter, 1994.

    Examples
    --------
    Of squared error behind one linear unit it is the mean of [x, 1] [x, 1]^T:

    >>> import minifnn as mf
    >>> net = mf.mlp([1, 1], output="linear")
    >>> print(mf.hessian(net, X=[[1.0], [3.0]], Y=[[0.0], [0.0]]))
    [[5. 2.]
     [2. 1.]]

    The two ways to it agree:

    >>> net = mf.mlp([1, 2, 1], hidden="esp", seed=1)
    >>> H = mf.hessian(net, [[1.0], [3.0]], [[0.0], [1.0]])
    >>> by_columns = mf.hessian(net, [[1.0], [3.0]], [[0.0], [1.0]], method="columns")
    >>> print((H == H.T).all(), abs(H - by_columns).max() < 1e-14)
    True True
    """
    check_choice("method", method, ("blocks", "columns"))
    X, Y = check_problem(net, X, Y)
    if method == "blocks":
        return _assemble(net, X, Y, engine, progress=progress)
    H = _hessian_vector_products(net, X, Y, np.eye(net.n_parameters), engine, progress)
    return (H + H.T) / 2


def gauss_newton(net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba") -> Array:
    """Return J^T C J, the part of the Hessian without second derivatives of the network.

    J is the derivative of the outputs with respect to theta and C the curvature
    of the loss: never a negative eigenvalue.

    Parameters
    ----------
    net : Network
    X, Y : array_like
        As in `hessian`.
    engine : {"numba", "numpy"}, optional
        As in `hessian`.

    Returns
    -------
    ndarray, shape (P, P)
        Symmetric to the bit.

    Examples
    --------
    >>> import minifnn as mf
    >>> net, X, Y = mf.mlp([1, 2, 1], seed=1), [[1.0], [3.0]], [[0.0], [1.0]]
    >>> G, H = mf.gauss_newton(net, X, Y), mf.hessian(net, X, Y)
    >>> print(mf.spectrum(G).alpha, mf.spectrum(H).alpha > 0)
    0.0 True
    """
    return _assemble(net, *check_problem(net, X, Y), engine, _Parts(residual=False))


def residual_part(net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba") -> Array:
    """Return the Hessian minus Gauss-Newton: residuals times second derivatives.

    Computed, not subtracted. All negative curvature comes from here.

    Parameters
    ----------
    net : Network
    X, Y : array_like
        As in `hessian`.
    engine : {"numba", "numpy"}, optional
        As in `hessian`.

    Returns
    -------
    ndarray, shape (P, P)

    Examples
    --------
    >>> import minifnn as mf
    >>> net, X, Y = mf.mlp([1, 2, 1], seed=1), [[1.0], [3.0]], [[0.0], [1.0]]
    >>> both = mf.gauss_newton(net, X, Y) + mf.residual_part(net, X, Y)
    >>> print(abs(both - mf.hessian(net, X, Y)).max() < 1e-15)
    True
    """
    return _assemble(net, *check_problem(net, X, Y), engine, _Parts(curvature=False))


def layer_hessians(
    net: Network, X: ArrayLike, Y: ArrayLike, engine: Engine = "numba"
) -> list[Array]:
    """Return the diagonal block of the Hessian of each layer, a list of (P_l, P_l).

    The blocks between layers are never formed.

    Parameters
    ----------
    net : Network
    X, Y : array_like
        As in `hessian`.
    engine : {"numba", "numpy"}, optional
        As in `hessian`.

    Returns
    -------
    list of ndarray
        One a layer, of the shape (P_l, P_l).

    Examples
    --------
    >>> import minifnn as mf
    >>> net, X, Y = mf.mlp([2, 3, 1], hidden="tanh", seed=1), [[1.0, 0.5]], [[1.0]]
    >>> print([block.shape for block in mf.layer_hessians(net, X, Y)], mf.hessian(net, X, Y).shape)
    [(9, 9), (4, 4)] (13, 13)
    """
    H = _assemble(net, *check_problem(net, X, Y), engine, _Parts(across_layers=False))
    starts = [net.slices[f"W{l}"].start for l in range(1, len(net.sizes))]
    ends = [*starts[1:], net.n_parameters]
    return [H[start:end, start:end].copy() for start, end in zip(starts, ends)]


def hvp(net: Network, X: ArrayLike, Y: ArrayLike, V: ArrayLike, engine: Engine = "numba") -> Array:
    """Return H V without forming H, by the R-operator: exact.

    Parameters
    ----------
    net : Network
    X, Y : array_like
        As in `hessian`.
    V : array_like, shape (P,) or (P, R)
        One direction, or R of them.
    engine : {"numba", "numpy"}, optional
        As in `hessian`.

    Returns
    -------
    ndarray, of V's shape

    Examples
    --------
    >>> import minifnn as mf, numpy as np
    >>> net, X, Y = mf.mlp([2, 3, 1], seed=1), [[1.0, 0.5], [-1.0, 2.0]], [[1.0], [0.0]]
    >>> v = np.random.default_rng(0).normal(size=net.n_parameters)
    >>> print(abs(mf.hvp(net, X, Y, v) - mf.hessian(net, X, Y) @ v).max() < 1e-14)
    True
    """
    X, Y = check_problem(net, X, Y)
    V = as_array("V", V)
    shape = (net.n_parameters,) if V.ndim == 1 else (net.n_parameters, None)
    V = check_array("V", V, shape)
    HV = _hessian_vector_products(net, X, Y, V.reshape(len(V), -1), engine)
    return HV.reshape(V.shape)


# ------------------------------------------------------------------- by columns


def _hessian_vector_products(net, X, Y, V, engine, progress=False):
    """H V for V (P, R): one forward and one backward pass, then two more a column."""
    o = net.forward(X, engine)
    net.backward(net.loss_function.gradient(o, Y))
    C = net.loss_function.curvature(o, Y)  # (N, K, K)
    x_dot = np.zeros_like(X)  # the data do not move
    HV = np.empty_like(V)
    quiet, calm = np.errstate(over="ignore", under="ignore"), calm_blas(len(X) * len(V))
    with quiet, calm, _bar(progress, V.shape[1], "column") as tell:
        for r in range(V.shape[1]):
            v = np.ascontiguousarray(V[:, r])  # so that v among others gives the bits of v alone
            o_dot = net.forward_dot(x_dot, v)
            HV[:, r] = net.backward_dot(np.einsum("nij,nj->ni", C, o_dot))
            tell(1)
    return HV


@contextmanager
def _bar(progress, total, unit):
    """Yield tell(n), which says that n more are done."""
    if not progress:
        yield lambda n: None
        return
    from tqdm.auto import tqdm  # here, so that importing minifnn stays quick

    with tqdm(total=total, unit=unit, leave=False) as bar:
        yield bar.update


# -------------------------------------------------------------------- by blocks


class _Parts(NamedTuple):
    """What is summed: the two sources of curvature, and the blocks between layers."""

    curvature: bool = True
    residual: bool = True
    across_layers: bool = True


EVERYTHING = _Parts()


def _assemble(net, X, Y, engine, parts=EVERYTHING, progress=False):
    """Sum the blocks over chunks of samples, then mirror."""
    kernels = net.twins(engine)
    sums = _CompiledSums(net, parts, kernels) if kernels else _Sums(net, parts)
    rows = sums.samples_at_once()
    with _bar(progress, len(X), "sample") as tell:
        for start in range(0, len(X), rows):
            x = X[start : start + rows]
            sums.add(x, Y[start : start + rows], len(X))
            tell(len(x))
    H, finite = sums.matrix()
    if not finite:
        raise ValueError("X, Y and theta give a Hessian that is not finite, wanted smaller ones")
    return H


class _Sums:
    """The blocks of the Hessian, summed over all samples seen so far.

    Rows of W_l and b_l together are one matrix of shape (p, I): p = fan_in + 1
    inputs with the bias's, I units. `field` and `beta` are where the layers'
    (W, b) and beta lie in theta.
    """

    def __init__(self, net, parts):
        self.net, self.parts = net, parts
        self.H = np.zeros((net.n_parameters, net.n_parameters))
        self.field, self.beta, self.packed = [], [], []
        for l, (fan_in, units) in enumerate(zip(net.sizes, net.sizes[1:]), start=1):
            W, b = net.slices[f"W{l}"], net.slices[f"b{l}"]
            self.field.append(slice(W.start, b.stop))
            self.beta.append(net.slices.get(f"beta{l}"))
            self.packed.append(np.zeros((_n_pairs(units), _n_pairs(fan_in + 1))))

    def samples_at_once(self):
        """How many samples `add` may take, by an estimate of the floats it needs for each."""
        inputs = [size + 1 for size in self.net.sizes[:-1]]
        units = self.net.sizes[1:]
        same = max(_n_pairs(p) for p in inputs)
        across = max(inputs) * sorted(inputs)[-2] if len(inputs) > 1 else 0
        floats = same + across + 4 * sum(n * n for n in units) + sum(units) * max(inputs)
        return max(1, CHUNK // floats)

    def add(self, x, y, N):
        """Add a chunk of the N samples."""
        net, loss = self.net, self.net.loss_function
        share = len(x) / N  # a loss is a mean over its own samples
        o = net.forward(x, "numpy")
        net.backward(share * self.parts.residual * loss.gradient(o, y))
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            self._add_blocks(share * self.parts.curvature * loss.curvature(o, y))

    def _add_blocks(self, G):
        """Add a chunk: G (N, K, K) at the top; forward and backward have been run."""
        storeys = self._downward(G)
        sources = []
        for l, (dense, S, T, B) in enumerate(storeys):
            inputs = np.hstack([dense.x, _one(dense.x)])  # a~ (N, p)
            self._same_layer(l, inputs, S, T, B)
            if self.parts.across_layers:
                for source in sources:
                    source.climb(dense.W)
                    self._across(l, dense, inputs, S, T, source)
                    source.pass_gate(self.net.gates[l].f_h)
                sources += self._sources(l, inputs)

    def _downward(self, G):
        """S, T and B of every layer, from the top down; returned from the bottom up."""
        storeys = []
        for dense, gate in zip(reversed(self.net.dense), reversed(self.net.gates)):
            if storeys:
                above, S, _, _ = storeys[-1]
                G = _sandwich(above.W, S)  # (10.10)
            storeys.append((dense, *self._at_fields(gate, G)))
        return storeys[::-1]

    def _at_fields(self, gate, G):
        """From the outputs of a gate to its fields and betas: S, T and B, (N, I, I)."""
        f_hh, f_hbeta, f_betabeta = gate.curvatures
        f_h, f_beta = _full(gate.f_h, gate.da), _full(gate.f_beta, gate.da)
        GF = G * f_h[:, None, :]
        S = f_h[:, :, None] * GF + _diagonal(f_hh * gate.da)  # (10.7)
        T = f_beta[:, :, None] * GF + _diagonal(f_hbeta * gate.da)  # (10.8)
        B = f_beta[:, :, None] * G * f_beta[:, None, :] + _diagonal(f_betabeta * gate.da)  # (10.9)
        return S, T, B

    def _same_layer(self, l, inputs, S, T, B):
        """(W, W): S_ii' a~_j a~_j'; (beta, W): T_ii' a~_j'; (beta, beta): B_ii'.   (10.11)

        S and a~ a~^T are both symmetric, so the first needs half of each only.
        """
        self.packed[l] += _pack(S).T @ _pack_outer(inputs)
        if self.beta[l] is not None:
            self._put(self.beta[l], self.field[l], _outer_sum(T, _one(inputs), inputs))
            self.H[self.beta[l], self.beta[l]] += B.sum(axis=0)

    def _sources(self, l, inputs):
        """What upper layers feel of layer l: its fields, and its betas if trained."""
        gate = self.net.gates[l]
        sources = [_Source(self.field[l], inputs, _full(gate.f_h, gate.da))]
        if self.beta[l] is not None:
            sources.append(_Source(self.beta[l], _one(inputs), _full(gate.f_beta, gate.da)))
        return sources

    def _across(self, l, dense, inputs, S, T, source):
        """Rows of layer l, columns of a source below it.                   (10.12)"""
        block = _outer_sum(S @ source.h, inputs, source.inputs)
        block[:-1] += source.delta_sum(dense.dh)  # the bias has no layer below
        self._put(self.field[l], source.columns, block)
        if self.beta[l] is not None:
            block = _outer_sum(T @ source.h, _one(inputs), source.inputs)
            self._put(self.beta[l], source.columns, block)

    def _put(self, rows, columns, block):
        """Add a block (j, i, j', i') to its place."""
        place = self.H[rows, columns]
        place += block.reshape(place.shape)

    def matrix(self):
        """The whole Hessian, and whether it is finite: unpack (W, W), mirror the rest."""
        for field, beta, packed in zip(self.field, self.beta, self.packed):
            _unpack_into(packed, self.H[field, field])
            if beta is not None:
                B = self.H[beta, beta]
                B[:] = np.tril(B) + np.tril(B, -1).T
                self.H[field, beta] = self.H[beta, field].T
            layer, below = slice(field.start, (beta or field).stop), slice(0, field.start)
            self.H[below, layer] = self.H[layer, below].T
        return self.H, np.isfinite(self.H).all()


class _Source:
    """The fields (or the betas) of a layer k, felt in the layers above it.

    h (N, I_l, I_k) is how the fields of the layer l now reached change with it,
    a (N, I_l, I_k) how that layer's outputs do. Right above layer k, a is
    diagonal, and its diagonal is all that is kept.
    """

    def __init__(self, columns, inputs, slope):
        self.columns, self.inputs = columns, inputs
        self.slope, self.h, self.a = slope, None, None

    def climb(self, W):
        """From the outputs below to the fields of the layer with weights W."""
        if self.a is None:
            self.h = W.T * self.slope[:, None, :]
        else:
            self.h = W.T @ self.a  # (10.13)

    def pass_gate(self, f_h):
        """From fields to outputs; now the layer below is another."""
        self.a = np.expand_dims(f_h, -1) * self.h

    def delta_sum(self, delta):
        """sum_n delta_i a_ji' a~_j' as (j, i, j', i').

        Called between `climb` and `pass_gate`, when `a` still belongs to the
        layer below.
        """
        pairs = _outer(delta, self.inputs)  # (N, I p_k)
        I, p = delta.shape[1], self.inputs.shape[1]
        if self.a is None:
            units = self.slope.shape[1]
            block = np.zeros((units, I, p, units))
            unit = np.arange(units)
            block[unit, :, :, unit] = (self.slope.T @ pairs).reshape(units, I, p)
            return block
        below = self.a.reshape(len(delta), -1)  # (N, I_{l-1} I_k)
        block = (pairs.T @ below).reshape(I, p, self.a.shape[1], self.a.shape[2])
        return block.transpose(2, 0, 1, 3)


# -------------------------------------------------------------- small machinery


def _one(inputs):
    """The input of a parameter that has none: 1 for every sample, (N, 1)."""
    return np.ones((len(inputs), 1))


def _full(values, like):
    """A slope that may be a scalar or one a unit, as (N, units)."""
    return np.broadcast_to(values, like.shape)


def _diagonal(values):
    """(N, I) -> (N, I, I) with the values on each diagonal."""
    return values[:, :, None] * np.eye(values.shape[1])


def _sandwich(W, S):
    """W S W^T for each sample, S (N, I, I) symmetric, as two tall matrix products."""
    N, I, _ = S.shape
    right = (S.reshape(N * I, I) @ W.T).reshape(N, I, len(W))
    return (right.transpose(0, 2, 1).reshape(-1, I) @ W.T).reshape(N, len(W), len(W))


def _outer(a, b):
    """a (N, p), b (N, q) -> all products of their entries, (N, p q)."""
    return (a[:, :, None] * b[:, None, :]).reshape(len(a), -1)


def _outer_sum(A, a, b):
    """sum_n A_ii' a_j b_j' as a block (j, i, j', i'): rows (j, i), columns (j', i')."""
    N, I, I_k = A.shape
    block = A.reshape(N, -1).T @ _outer(a, b)
    return block.reshape(I, I_k, a.shape[1], b.shape[1]).transpose(2, 0, 3, 1)


def _n_pairs(n):
    """The number of unordered pairs (i <= i') of n things."""
    return n * (n + 1) // 2


def _pack(S):
    """The entries i <= i' of each symmetric matrix, (N, n, n) -> (N, n(n+1)/2)."""
    i, i_prime = np.triu_indices(S.shape[1])
    return S[:, i, i_prime]


def _pack_outer(a):
    """The entries j <= j' of a a^T, (N, p) -> (N, p(p+1)/2)."""
    j, j_prime = np.triu_indices(a.shape[1])
    return a[:, j] * a[:, j_prime]


def _pair_index(n):
    """(n, n): where the pair of i and i' stands in a packed matrix."""
    index = np.empty((n, n), dtype=np.intp)
    i, i_prime = np.triu_indices(n)
    index[i, i_prime] = index[i_prime, i] = np.arange(len(i))
    return index


def _unpack_into(packed, block):
    """Write packed (pairs of units, pairs of inputs) to the block with rows (j, i)."""
    I, p = (int(np.sqrt(2 * size)) for size in packed.shape)
    units, inputs = _pair_index(I), _pair_index(p)
    full = packed[units[None, :, None, :], inputs[:, None, :, None]]
    block[:] = full.reshape(block.shape)


# ------------------------------------------------------------------ compiled twins


def _most_frequent_first(columns):
    """Which inputs (p, B) are not always 0: first the bias's, last those that seldom count."""
    counts = np.count_nonzero(columns, axis=1)
    order = np.argsort(counts, kind="stable")[::-1]  # of equals the last first: the bias's
    return order[: np.count_nonzero(counts)]


class _CompiledSums:
    """The same sums by the kernels, where the work is large on all cores.

    The blocks of a chunk are tasks that write to different places of H, so that
    the result is the same to the bit for any number of threads.
    """

    def __init__(self, net, parts, kernels):
        self.parts, self.kernels = tuple(parts), kernels
        self.network = kernels.describe(net)
        self.plan, self.theta = self.network[:2]
        self.sizes = net.sizes
        self.H = np.empty((net.n_parameters, net.n_parameters))  # large pages, unlike zeros
        self.H.fill(0.0)

    def samples_at_once(self):
        """How many samples `add` may take, by an estimate of the floats it needs for each."""
        inputs, units = self.sizes[:-1], self.sizes[1:]
        squares = sum(n * n for n in units)
        steps = max((n * m for n, m in pairwise(units)), default=0)
        floats = 2 * sum(inputs) + 8 * sum(units) + 2 * squares + 4 * steps
        return max(1, COMPILED_CHUNK // floats)

    def add(self, x, y, N):
        """Add a chunk of the N samples."""
        columns = np.ones((x.shape[1] + 1, len(x)))
        columns[:-1] = x.T
        chunk = columns, np.ascontiguousarray(y.T), N, self.parts
        if len(x) * float(len(self.H)) ** 2 < SMALL:
            everywhere = np.arange(len(columns))
            self.kernels.add_chunk(*self.network, *chunk, columns, everywhere, self.H)
            return
        place = _most_frequent_first(columns)
        live = columns[place]
        S = np.empty(self.kernels.n_pairs(self.plan) * len(x))
        T = np.empty(self.kernels.n_squares(self.plan) * len(x))
        with side_by_side() as run:
            space = self.kernels.prepare(*self.network, *chunk, S, T, self.H)
            run(self._tasks(live, place, space, S, T))

    def _tasks(self, live, place, space, S, T):
        """The parts of a chunk's work, which may be done in any order, the longest first."""
        kernels, plan, H = self.kernels, self.plan, self.H
        above, squares, betas = [], [], []
        for l in range(len(plan)):
            at = l, live, place, space
            if self.parts[2] and l < len(plan) - 1:
                above += [partial(kernels.add_above, plan, self.theta, *at, S, T, H)]
            for first, last in kernels.panels(len(place) if l == 0 else self.sizes[l] + 1):
                squares += [partial(kernels.add_squares, plan, *at, S, first, last, H)]
            betas += [partial(kernels.add_betas, plan, *at, T, H)]
        return above + squares + betas

    def matrix(self):
        """The whole Hessian, and whether it is finite."""
        if len(self.H) < SMALL_MATRIX:
            return self.H, self.kernels.mirror(self.H, 0, 1)
        with side_by_side() as run:
            shares = run([partial(self.kernels.mirror, self.H, k, 8) for k in range(8)])
        return self.H, all(shares)
