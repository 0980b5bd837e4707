# %% [markdown]
# # 10. The second storey
#
# The gradient says which way is down. It does not say how the ground bends: if
# you walk on, does it get steeper, level out, turn up again? That is the
# **Hessian**, the table of all second derivatives
# $H_{pq} = \partial^2 L/\partial\theta_p\,\partial\theta_q$. People often say
# that it is too dear to compute. You will compute it exactly, twice, in two
# ways that share nothing but the network, and then see which part of it bends
# downwards.
#
# At the end you will have $H$ times a vector, $H$ by columns, $H$ by blocks,
# its Gauss-Newton and its residual part, and a measured answer to what it costs.
#
# You need: lesson 5 (backward by hand) and lesson 6 (complex step), the product
# rule and the chain rule. About 60 minutes.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## One line at a time
#
# Backward was a list of lines. The second derivative is the *same list,
# differentiated line by line*. Nothing else happens in this half of the lesson.
#
# Choose a direction $v$, one number for each parameter, and let the parameters
# move along it: $\theta + \varepsilon v$. Everything in the network then moves
# too. A dot is the rate at which it does:
#
# $$\dot q = \frac{d}{d\varepsilon}\, q(\theta + \varepsilon v)
#   \Big|_{\varepsilon=0}.$$
#
# So $\dot\theta = v$ by definition, and the pieces of $v$ are $\dot W$,
# $\dot b$, $\dot\beta$ of each layer. The data do not move: $\dot a_0 = 0$.

# %% [markdown]
# What is the dot of the gradient? By the chain rule,
#
# $$\frac{d}{d\varepsilon}\frac{\partial L}{\partial\theta_p}
#   = \sum_q \frac{\partial^2 L}{\partial\theta_p\,\partial\theta_q}\, v_q
#   = (H v)_p.$$
#
# So if you know how the gradient moves, you know $Hv$. You need no table of
# $P\times P$ numbers for that.
#
# **Upwards.** The first line of forward is $h_l = a_{l-1} W + b$. The product
# rule makes two terms of the product:
#
# $$\dot h = \dot a_{l-1} W + a_{l-1}\dot W + \dot b \tag{10.1}$$
#
# **Exercise 10.1.** Write it. `x` is what comes in, $a_{l-1}$.

# %% exercise="10.1"

# %% [markdown]
# The second line is $a = f(h; \beta)$, for each unit by itself. It depends on
# two things, so by the chain rule
#
# $$\dot a = f_h\dot h + f_\beta\dot\beta. \tag{10.2}$$
#
# That is all of forward. At the top, the loss gives $g = \partial L/\partial o$,
# and $\dot g_k = \sum_{k'} C_{kk'}\,\dot o_{k'}$ with the curvature
# $C = \partial^2 L/\partial o\,\partial o$ of lesson 4. There we turn round.

# %% [markdown]
# **Downwards.** The first line of backward is $\delta = g\, f_h$, and
# $\partial L/\partial\beta = \sum_n g\, f_\beta$ stands beside it. These are
# products. $g$ moves, because everything above does. The slopes move, because
# they depend on $h$ and $\beta$: $\dot f_h = f_{hh}\dot h + f_{h\beta}\dot\beta$.
# Together:
#
# $$\dot\delta = \dot g f_h + g\,(f_{hh}\dot h + f_{h\beta}\dot\beta), \quad
#   \dot{(\partial_\beta L)} = \textstyle\sum_n \dot g f_\beta
#   + g\,(f_{h\beta}\dot h + f_{\beta\beta}\dot\beta) \tag{10.3}$$
#
# Here the second derivatives of lesson 2 enter, and only here.
#
# **Exercise 10.2.** Write both halves of (10.3).

# %% exercise="10.2"

# %% [markdown]
# Three lines of backward are left. Two are products, one is a sum:
#
# $$\dot{(\partial_W L)} = \dot a_{l-1}^T\delta + a_{l-1}^T\dot\delta \tag{10.4}$$
# $$\dot{(\partial_b L)} = \textstyle\sum_n\dot\delta \tag{10.5}$$
# $$\dot g_{l-1} = \dot\delta W^T + \delta\,\dot W^T \tag{10.6}$$
#
# **Exercise 10.3.** Write all three. As before `x` is $a_{l-1}$, and `dx_dot` is
# $\dot g_{l-1}$.

# %% exercise="10.3"

# %% [markdown]
# ## H times a vector
#
# The library keeps the same lines in `layers.py`, as `forward_dot` and
# `backward_dot` of each layer, and `Network` calls them in a row. So $Hv$ is one
# more walk up and one more walk down.
#
# A word on `np.einsum`, which you will see more often in this lesson. It takes sums
# as one writes them, by their letters. `np.einsum("nij,nj->ni", C, o_dot)` multiplies
# $C_{nij}$ by $\dot o_{nj}$ and sums over every letter that is missing behind the
# arrow: here over $j$, for each $n$ and $i$.


# %%
def hessian_times(net, X, Y, v):
    """H v, (P,): forward, backward, and both once more with dots."""
    o = net.forward(X)
    net.backward(net.loss_function.gradient(o, Y))  # the layers keep what they saw
    o_dot = net.forward_dot(np.zeros_like(X), v)  # the data do not move
    C = net.loss_function.curvature(o, Y)  # (N, K, K)
    g_dot = np.einsum("nij,nj->ni", C, o_dot)
    return net.backward_dot(g_dot)


# %% [markdown]
# Is it right? The gradient is code that you trust since lesson 6, and it takes
# complex numbers. Take a complex step along $v$, and the imaginary part of the
# gradient is its rate of change. That check knows nothing of (10.1) to (10.6).

# %%
rng = np.random.default_rng(0)
net = mf.mlp([3, 5, 4, 2], hidden="esp", seed=1)
net.theta[:] += 0.3 * rng.normal(size=net.n_parameters)
X = rng.normal(size=(20, 3))
Y = rng.integers(0, 2, size=(20, 2)).astype(float)

v = rng.normal(size=net.n_parameters)
stepped = net.with_theta(net.theta + 1e-30j * v)
reference = stepped.gradient(X, Y).imag / 1e-30
error = np.abs(hessian_times(net, X, Y, v) - reference).max()
print(net)
print(f"largest error {error:.1e}, largest entry {np.abs(reference).max():.2f}")

# %% [markdown]
# ## H by columns
#
# Let $v$ be 1 for one parameter $q$ and 0 for all others. Then $Hv$ is column
# $q$ of $H$. One walk for each of the $P$ parameters gives the whole table.
#
# Nobody told these walks that $H_{pq} = H_{qp}$. Entry $(p, q)$ comes from one
# walk and $(q, p)$ from another. **Before you run it:** will the table be
# symmetric? To the last bit?

# %%
P = net.n_parameters
columns = np.column_stack([hessian_times(net, X, Y, e) for e in np.eye(P)])
print("shape", columns.shape)
print(f"largest |H - H^T|: {np.abs(columns - columns.T).max():.1e}")
print("symmetric to the bit:", np.array_equal(columns, columns.T))

# %% [markdown]
# It is symmetric up to rounding, but not to the bit: the two walks add the same
# numbers in another order. That asymmetry is a gift. It tells you how large the
# rounding is, and it is an alarm.
#
# ## Break it
#
# Leave out the second term of (10.6), $\delta\,\dot W^T$. It is an easy one to
# forget: without dots, $W$ in that line looks like a constant. Which blocks of
# $H$ will be wrong? Think of whose gradient lies *below* that line, and of whose
# $\dot W$ stands in it.


# %%
class Forgetful(mf.layers.Dense):
    """A Dense layer that takes its own W for a constant on the way down."""

    def backward_dot(self, dh_dot):
        super().backward_dot(dh_dot)
        return dh_dot @ self.W.T  # and delta @ W_dot.T is gone


broken = net.copy()
for dense, _ in broken.layers:
    dense.__class__ = Forgetful  # over the same W and b
wrong = np.column_stack([hessian_times(broken, X, Y, e) for e in np.eye(P)])
print(f"largest |H - H^T|: {np.abs(wrong - wrong.T).max():.2f}")


# %%
from matplotlib.colors import SymLogNorm


def draw_matrix(ax, M, net):
    """A P x P table in colours, with a line wherever a new layer begins."""
    norm = SymLogNorm(1e-4, vmin=-0.1, vmax=0.1)  # linear next to 0, else logarithmic
    image = ax.imshow(M, cmap="PuOr", norm=norm)
    starts = [net.slices[f"W{l}"].start for l in range(1, len(net.sizes))]
    for start in starts[1:]:
        ax.axhline(start - 0.5, color="0.3", lw=0.8)
        ax.axvline(start - 0.5, color="0.3", lw=0.8)
    ends = [*starts[1:], net.n_parameters]
    middles = (np.array(starts) + ends) / 2 - 0.5
    labels = [f"layer {l}" for l in range(1, len(net.sizes))]
    ax.set_xticks(middles, labels)
    ax.set_yticks(middles, labels, rotation=90, va="center")
    ax.set_xlabel("parameter q")
    return image


# %%
def draw_two(net, titles, tables):
    """Two tables side by side, in the same colours."""
    fig, axes = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
    for ax, title, M in zip(axes, titles, tables):
        image = draw_matrix(ax, M, net)
        ax.set_title(title)
    axes[0].set_ylabel("parameter p")
    bar = fig.colorbar(image, ax=axes, extend="both", label="entry of the table")
    bar.set_ticks([-0.1, -0.01, -0.001, 0, 0.001, 0.01, 0.1], minor=False)
    bar.set_ticklabels(["−0.1", "−0.01", "−0.001", "0", "0.001", "0.01", "0.1"])
    bar.minorticks_off()
    plt.show()


draw_two(net, ("H", "with the slip: H − Hᵀ"), (columns, wrong - wrong.T))

# %% [markdown]
# The slip spoils the rows of lower layers in the columns of upper layers' weights,
# and leaves the mirror images alone. So $H - H^T$ shows it at a glance, and shows
# which layers are concerned. Keep the pattern of stripes in mind. It has a name,
# and you will meet it twice more.
#
# One warning. Many programs return $(H + H^T)/2$ without a look at the
# difference. That table is symmetric to the bit, and it is wrong:

# %%
average = (wrong + wrong.T) / 2
print("symmetric to the bit:", np.array_equal(average, average.T))
print(f"largest error: {np.abs(average - columns).max():.2f}")

# %% [markdown]
# ## By blocks
#
# Columns are easy to trust, and slow: $P$ walks, and each takes every sample
# through every layer again. So look at the Hessian of **one sample**, with its
# indices written out. (The loss is a sum of the samples' shares, with $1/N$ in
# each. So $H$ is a sum, too, and we add at the end.)
#
# Let $\ell$ be one sample's share of the loss. Take one layer, with units $i$
# and $i'$. Suppose we know the first and second derivatives of $\ell$ with
# respect to what the layer sends:
#
# $$g_i = \frac{\partial\ell}{\partial a_i}, \qquad
#   G_{ii'} = \frac{\partial^2\ell}{\partial a_i\,\partial a_{i'}}.$$
#
# At the top we do know them: the loss gives $g$ and $G = C$.

# %% [markdown]
# **Through the gate.** $a_i = f(h_i;\beta_i)$, each unit for itself. Once:
# $\partial\ell/\partial h_i = g_i f_{h,i} = \delta_i$. Once more, with respect to
# $h_{i'}$, by the product rule. The factor $g_i$ depends on *every* unit's
# output, so it changes by $G_{ii'} f_{h,i'}$. The factor $f_{h,i}$ depends on
# its *own* field only, so it changes only if $i' = i$, by $f_{hh}$:
#
# $$S_{ii'} = \frac{\partial^2\ell}{\partial h_i\,\partial h_{i'}}
#   = f_{h,i} G_{ii'} f_{h,i'} + [i=i']\, f_{hh}\, g \tag{10.7}$$
#
# ($[i=i']$ is 1 if it is true and 0 if not.)
#
# **Exercise 10.4.** Write $S$, for all samples at once.

# %% exercise="10.4"

# %% [markdown]
# For $\beta$ it is the same derivation with a $\beta$ in place of one $h$, and
# then of both:
#
# $$T_{ii'} = \frac{\partial^2\ell}{\partial\beta_i\,\partial h_{i'}}
#   = f_{\beta,i} G_{ii'} f_{h,i'} + [i=i']\, f_{h\beta}\, g \tag{10.8}$$
# $$B_{ii'} = \frac{\partial^2\ell}{\partial\beta_i\,\partial\beta_{i'}}
#   = f_{\beta,i} G_{ii'} f_{\beta,i'} + [i=i']\, f_{\beta\beta}\, g \tag{10.9}$$
#
# **Through the weights.** $h_i = \sum_j a_j W_{ji} + b_i$ is a straight line in
# what comes from the layer below: $\partial h_i/\partial a_j = W_{ji}$, and it
# bends nowhere. So there is no extra term. Summing over the ways from $j$ up to
# $i$, and from $j'$ up to $i'$,
# $G_{jj'} = \sum_{ii'} W_{ji}\, S_{ii'}\, W_{j'i'}$, or
#
# $$G_{l-1} = W S W^T. \tag{10.10}$$
#
# Together with $g_{l-1} = W\delta$ (lesson 5, for one sample) we know $g$ and
# $G$ one layer down. Go on to the bottom.


# %%
def storeys(net, G):
    """S, T and B of every layer from the bottom up; backward has been run."""
    found = []
    for dense, gate in reversed(net.layers):
        g, (f_hh, f_hb, f_bb) = gate.da, gate.curvatures
        f_h, f_b = gate.f_h + 0 * g, gate.f_beta + 0 * g  # (N, I), also where constant
        one = np.eye(g.shape[1])
        S = np.einsum("ni,nij,nj->nij", f_h, G, f_h) + (f_hh * g)[:, None] * one
        T = np.einsum("ni,nij,nj->nij", f_b, G, f_h) + (f_hb * g)[:, None] * one
        B = np.einsum("ni,nij,nj->nij", f_b, G, f_b) + (f_bb * g)[:, None] * one
        found.append((S, T, B))
        G = dense.W @ S @ dense.W.T
    return found[::-1]


# %% [markdown]
# ## Blocks of one layer with itself
#
# The parameters reach the loss through the fields, and $h_i$ is a straight line
# in them too. $\partial h_i/\partial W_{ji} = a_j$. The bias is one more weight,
# on an input that is always 1, so write $\tilde a = [a, 1]$ and let $W$ stand
# for both. Then for one sample
#
# $$(W,W)\!: S_{ii'}\tilde a_j\tilde a_{j'}, \quad
#   (\beta,W)\!: T_{ii'}\tilde a_{j'}, \quad (\beta,\beta)\!: B_{ii'} \tag{10.11}$$
#
# The second derivative of $\ell$ with respect to $W_{ji}$ and $W_{j'i'}$ is a
# small table of *units*, times a small table of *inputs*. Sum it over the
# samples and compare it with the columns:

# %%
o = net.forward(X)
net.backward(net.loss_function.gradient(o, Y))
layers = storeys(net, net.loss_function.curvature(o, Y))


def place(name, last=None):
    """Where W (or W to b, as one) lies in theta."""
    return slice(net.slices[name].start, net.slices[last or name].stop)


S, T, B = layers[1]
inputs = np.column_stack([net.layers[1].dense.x, np.ones(len(X))])  # a~
Wb, beta = place("W2", "b2"), place("beta2")
block = np.einsum("nik,nj,nm->jimk", S, inputs, inputs).reshape(24, 24)
print(f"(W, W)       differs by {np.abs(block - columns[Wb, Wb]).max():.1e}")
block = np.einsum("nik,nm->imk", T, inputs).reshape(4, 24)
print(f"(beta, W)    differs by {np.abs(block - columns[beta, Wb]).max():.1e}")
print(f"(beta, beta) differs by {np.abs(B.sum(axis=0) - columns[beta, beta]).max():.1e}")

# %% [markdown]
# ## Blocks between two layers
#
# Now a layer $k$ below layer $l$. Start from the upper layer's gradient of one
# sample, $\partial\ell/\partial W_{l,ji} = \delta_i\,\tilde a_j$, and move the
# field $h_{k,i'}$. Both factors move. How much?
#
# * The field $h_{l,i}$ moves by $\Pi_{ii'} = \partial h_{l,i}/\partial h_{k,i'}$,
#   so $\delta_i$ moves by $\sum_{i''} S_{ii''}\Pi_{i''i'}$.
# * The input $\tilde a_j$ moves by $J_{ji'} = \partial a_{l-1,j}/\partial
#   h_{k,i'}$. (Not the bias's: 1 stays 1.)
#
# And moving $W_{k,j'i'}$ moves $h_{k,i'}$ by $\tilde a^{k-1}_{j'}$. So
#
# $$(W_l, W_k)\!: \big[(S\Pi)_{ii'}\tilde a_j + \delta_i J_{ji'}\big]\tilde a^{k-1}_{j'},
#   \quad (\beta_l, W_k)\!: (T\Pi)_{ii'}\tilde a^{k-1}_{j'} \tag{10.12}$$
#
# Since $h_l = a_{l-1}W_l + b_l$, the two sensitivities belong together:
#
# $$\Pi = \partial h_l/\partial h_k = W_l^T J, \quad
#   J = \partial a_{l-1}/\partial h_k \tag{10.13}$$

# %% [markdown]
# Right above layer $k$, $J$ is diagonal with $f_h$ on it. One layer further up,
# $J_{ji'} = f_{h,j}\Pi_{ji'}$ with the $\Pi$ just found, and so on up. (For
# $\beta_k$ in place of $W_k$, start with $f_\beta$ in place of $f_h$, and the
# last factor is 1.) Here are layers 3 and 1, with layer 2 between:

# %%
first, second, third = (dense for dense, _ in net.layers)
J = net.layers[0].gate.f_h[:, :, None] * np.eye(5)  # a_1 with h_1: (N, 5, 5)
Pi = second.W.T @ J  # h_2 with h_1: (N, 4, 5)
J = net.layers[1].gate.f_h[:, :, None] * Pi  # a_2 with h_1: (N, 4, 5)
Pi = third.W.T @ J  # h_3 with h_1: (N, 2, 5)

ones = np.ones((len(X), 1))
low, high = np.hstack([first.x, ones]), np.hstack([third.x, ones])
J = np.concatenate([J, np.zeros((len(X), 1, 5))], axis=1)  # the bias's input stays 1
S, T, _ = layers[2]
change = np.einsum("nik,nj->nijk", S @ Pi, high) + np.einsum("ni,njk->nijk", third.dh, J)
block = np.einsum("nijk,nm->jimk", change, low).reshape(10, 20)
wanted = columns[place("W3", "b3"), place("W1", "b1")]
print(f"(W3, W1) differs by {np.abs(block - wanted).max():.1e}")

# %% [markdown]
# And the forgotten term of (10.6)? It is the second one of (10.12), $\delta J$:
# the gradient of $W_l$ changes because its *input* does. Here is what the slip
# lost between layers 1 and 3, beside $\sum_n \delta_i J_{ji'}\tilde a_{j'}$:

# %%
term = np.einsum("ni,njk,nm->jimk", third.dh, J, low).reshape(10, 20)
lost = (columns - wrong)[place("W1", "b1"), place("W3", "b3")].T
print(f"largest entry {np.abs(lost).max():.3f}, they differ by {np.abs(lost - term).max():.1e}")

# %% [markdown]
# Every block is a sum over samples of products: a matrix product. That is why
# it is fast. The $P$ walks have become a handful of large multiplications.
#
# ## A quarter of the work
#
# Look at (W, W) of (10.11) again. For $I$ units and $p$ inputs there are
# $I^2p^2$ entries, and each is a sum over $N$ samples. $H$ is symmetric, so half
# of them would do. **Before you read on:** can you do better than a half?

# %% [markdown]
# You can. $S_{ii'}$ does not change if you swap $i$ and $i'$. And
# $\tilde a_j\tilde a_{j'}$ does not change if you swap $j$ and $j'$. These are
# two *separate* symmetries. Keep only $i\le i'$: $I(I+1)/2$ pairs. Keep only
# $j\le j'$: $p(p+1)/2$ pairs. Nearly a quarter is left, and it is **one** matrix
# product, packed $S$ (transposed) times packed $\tilde a\tilde a^T$.
#
# For the first layer, the packed inputs are made of data alone: they stay the
# same through the whole training.
#
# **Exercise 10.5.** Write that product. `np.triu_indices` lists the pairs.

# %% exercise="10.5"

# %% [markdown]
# Does a quarter of the numbers take a quarter of the time? Here are matrices as
# large as those of the digits network's first layer (64 pixels, 25 units), filled
# at random:

# %%
from threadpoolctl import threadpool_limits


def seconds(work, times=2):
    """The shortest of a few runs on one thread, after one that does not count."""
    taken = []
    with threadpool_limits(1):
        for _ in range(times + 1):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return min(taken[1:])


N, I, p = 1437, 25, 65
for name, rows, cols in (("all pairs", I * I, p * p),
                         ("packed", I * (I + 1) // 2, p * (p + 1) // 2)):  # fmt: skip
    left, right = rng.normal(size=(N, rows)), rng.normal(size=(N, cols))
    taken = seconds(lambda left=left, right=right: left.T @ right)
    print(f"{name:9} {rows * cols:8d} sums, {1e3 * taken:6.1f} ms")

# %% [markdown]
# `mf.hessian` does all this: the packed product for (W, W), matrix products for
# the rest, each block once, and then its mirror image is *copied*. Two Hessians
# that were derived separately, and the complex step as the judge:

# %%
H = mf.hessian(net, X, Y)
print(f"blocks against columns: {np.abs(H - columns).max():.1e}")
print("symmetric to the bit:", np.array_equal(H, H.T))
verdict = mf.check.hessian(net, X, Y)  # complex step of the gradient by hand
print(f"blocks against complex step: {verdict.max_error:.1e} of the largest entry")
verdict = mf.check.hessian(net, X, Y, by="columns")
print(f"columns against complex step: {verdict.max_error:.1e} of the largest entry")

# %% [markdown]
# Symmetric to the bit, but for another reason than an average: each pair is
# computed once. A copy cannot show an error by its asymmetry, though. So the
# library's tests hold the two methods against each other.
#
# ## Two sources of curvature
#
# Let $o_k(\theta)$ be the logits of one sample. Differentiate
# $\ell(o(\theta))$ once, $\sum_k g_k\,\partial o_k/\partial\theta_p$, and once
# more. Again a product, again two terms:
#
# $$H_{pq} = \underbrace{\sum_{kk'} \frac{\partial o_k}{\partial\theta_p}\, C_{kk'}\,
#   \frac{\partial o_{k'}}{\partial\theta_q}}_{\text{Gauss-Newton}}
#   + \underbrace{\sum_k g_k\, \frac{\partial^2 o_k}{\partial\theta_p\,
#   \partial\theta_q}}_{\text{residual part}}$$
#
# The first is the curvature of the *loss*, seen through the slopes of the
# network. The second is the bending of the *network*, weighed by $g$ at the top,
# and that is the residual: prediction minus truth.

# %% [markdown]
# Which part can bend downwards? Go along $v$ and call
# $z_k = \sum_p v_p\,\partial o_k/\partial\theta_p$. The first part gives
# $z^T C z$. For our losses $C$ is never negative: $w = s(1-s)$ for gates,
# $\mathrm{diag}(p) - pp^T$ (a covariance) for softmax, 1 for squared error. So
# the Gauss-Newton part never bends downwards, along no $v$ at all.
#
# **All negative curvature comes from the residual part.** Were every residual
# zero, $H$ would have no negative eigenvalue. Try it: give the network its own
# predictions as targets.

# %%
for name, targets in (("the data", Y), ("its own predictions", net.predict(X))):
    part = mf.residual_part(net, X, targets)
    lowest = mf.spectrum(mf.hessian(net, X, targets)).eigenvalues[0]
    print(f"targets: {name:20} residual part at most {np.abs(part).max():.1e}, "
          f"lowest eigenvalue of H {lowest:+.1e}")  # fmt: skip

# %% [markdown]
# What is left in the second line, some $10^{-16}$ or less, is rounding.
#
# In blocks the separation costs nothing. Everything in (10.7) to (10.12) is a sum
# of terms, and each has either the $G$ or the $g$ of the top in it, once. Set
# $g = 0$ at the top and you get Gauss-Newton; set $G = 0$ and you get the residual
# part.

# %% [markdown]
# **Exercise 10.6, a prediction.** ReLU consists of straight pieces: $f_{hh} = 0$
# for every unit, and its $\beta$ is not trained. Where is the *residual part* of
# a ReLU network's Hessian not zero? `"nowhere"`, only `"within"` a layer (in the
# blocks of one layer with itself), only `"between"` different layers, or
# `"everywhere"`?

# %% exercise="10.6"

# %%
relu = mf.mlp([3, 5, 4, 2], hidden="relu", seed=1)
tables = mf.gauss_newton(relu, X, Y), mf.residual_part(relu, X, Y)
draw_two(relu, ("ReLU: Gauss-Newton", "ReLU: residual part"), tables)
layers = [slice(relu.slices[f"W{l}"].start, relu.slices[f"b{l}"].stop) for l in (1, 2, 3)]
within = max(np.abs(tables[1][layer, layer]).max() for layer in layers)
print("residual part, largest entry within a layer:", within)

# %% [markdown]
# There are the stripes again: all of it is $\delta J$. (Stripes between
# neighbouring layers, because $J$ is diagonal there.) So "ReLU has no second
# derivative, hence its Hessian is Gauss-Newton" is not true. Each layer is a
# product of weights and inputs, and a product bends, even one of two straight
# lines.
#
# ## Negative curvature, measured
#
# Train an ESP network on the non-linear task, and look at the eigenvalues of
# $H$ and of its two parts as the training goes on. An eigenvalue is the
# curvature along its eigenvector; a negative one is a way down. (How sure one
# can be of its sign is lesson 11. Here "negative" means: by more than rounding.)

# %%
data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train
net = mf.mlp([2, 10, 1], hidden="esp", beta=("normal", 0.004), seed=1)
adam = mf.Adam(0.01, decay=(0.9, 500))
history = mf.train(net, X, Y, epochs=2300, optimizer=adam)

print("epoch   cost   negative eigenvalues of H, Gauss-Newton, residual part")
for record in (0, 10, 20, 40, -1):
    then = net.with_theta(history["theta"][record])
    spectra = [mf.spectrum(part(then, X, Y))
               for part in (mf.hessian, mf.gauss_newton, mf.residual_part)]  # fmt: skip
    counts = [int((s.eigenvalues < -s.tolerance).sum()) for s in spectra]
    print(f"{history['epoch'][record]:5d}  {then.loss(X, Y):.3f}  ", *counts)

# %% [markdown]
# Gauss-Newton has none, ever. $H$ has some, and never more than the residual
# part has: adding something that nowhere bends downwards can only raise
# eigenvalues.

# %%
PARTS = (
    ("H", mf.hessian, "0.2", "-"),
    ("Gauss-Newton", mf.gauss_newton, "#E69F00", "--"),
    ("residual part", mf.residual_part, "#56B4E9", "-."),
)


def draw_parts(ax, record):
    """The eigenvalues of H and of its two parts, each in ascending order."""
    then = net.with_theta(history["theta"][record])
    for name, part, colour, line in PARTS:
        values = mf.spectrum(part(then, X, Y)).eigenvalues
        ax.plot(values, line, color=colour, label=name)
    ax.axhline(0, color="0.7", lw=0.8, zorder=0)
    ax.set_yscale("symlog", linthresh=1e-4)
    ax.set(title=f"epoch {history['epoch'][record]}", xlabel="rank of the eigenvalue")
    ax.set(ylim=(-3, 1000), yticks=[-1, -1e-2, -1e-4, 1e-4, 1e-2, 1, 100])


# %%
fig, axes = plt.subplots(1, 4, figsize=(11, 3.2), sharey=True, layout="constrained")
for ax, record in zip(axes, (0, 10, 20, -1)):
    draw_parts(ax, record)
axes[0].set_ylabel("eigenvalue λ")
axes[0].legend(loc="upper left", fontsize=8)
plt.show()

# %% [markdown]
# At the start $\beta$ is near zero, the network says nearly nothing, and $H$ is
# almost all residual part. As the network learns, Gauss-Newton takes over the
# large eigenvalues; the negative ones stay with the residual part.
#
# With a running kernel you can go through the training record by record:

# %%
from ipywidgets import IntSlider, interact


@interact(record=IntSlider(value=30, min=0, max=len(history["epoch"]) - 1))
def through_training(record):
    fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
    draw_parts(ax, record)
    ax.set_ylabel("eigenvalue λ")
    ax.legend(loc="upper left", fontsize=8)
    plt.show()


# %% [markdown]
# And here is the direction that bends downwards most, at the last record, taken
# to pieces. Let $v$ be the eigenvector of the lowest eigenvalue, of length 1. Then
# $v^THv$ is that eigenvalue, and it is the sum of what the two parts say:

# %%
last = net.with_theta(history["theta"][-1])
values, vectors = np.linalg.eigh(mf.hessian(last, X, Y))
v = vectors[:, 0]
print(f"lowest eigenvalue of H  {values[0]:+.2e}")
print(f"Gauss-Newton along v    {v @ mf.gauss_newton(last, X, Y) @ v:+.2e}")
print(f"residual part along v   {v @ mf.residual_part(last, X, Y) @ v:+.2e}")

# %% [markdown]
# ## What it costs
#
# Count the operations. **Columns**: each walk with dots costs a few times a
# gradient, and a gradient touches every parameter for every sample. With $P$
# walks that is about $6$ to $12\,NP^2$. **Blocks**: about $NP^2/2$ to $NP^2$,
# thanks to the packed product. **Eigenvalues**: textbooks count
# $\tfrac43P^3$ to bring a symmetric matrix to the simple form from which its
# eigenvalues are read. $N$ does not matter there.
#
# So the Hessian by blocks is cheaper than its own eigenvalues if about
# $NP^2/2 < \tfrac43P^3$, that is if $P > \tfrac38N$. Two networks of the paper:
# 2-10-1 with $P = 52$ and $N = 690$; digits, 64-25-10 with $P = 1920$ and
# $N = 1437$. **Before you run it:** which is dearer, for each? (One thread for
# both, so that the comparison is fair.)


# %%
def costs(net, X, Y):
    """Seconds for the Hessian by blocks and for its eigenvalues."""
    H = mf.hessian(net, X, Y)
    return seconds(lambda: mf.hessian(net, X, Y)), seconds(lambda: mf.spectrum(H))


small = costs(net, X, Y)
print(f"2-10-1:   Hessian {1e3 * small[0]:7.2f} ms   eigenvalues {1e3 * small[1]:7.2f} ms")
digits = mf.datasets.digits()
sizes, measured = [], []
for hidden in (1, 2, 4, 8, 16, 25):
    one = mf.mlp([64, hidden, 10], hidden="esp", seed=1)
    sizes.append(one.n_parameters)
    measured.append(costs(one, digits.X_train, digits.Y_train))
large = measured[-1]
print(f"64-25-10: Hessian {1e3 * large[0]:7.2f} ms   eigenvalues {1e3 * large[1]:7.2f} ms")

# %%
taken = seconds(lambda: mf.hessian(net, X, Y, method="columns"))
print(f"2-10-1:   by columns {1e3 * taken:.1f} ms")
ten = np.eye(one.n_parameters, 10)  # ten columns only, for the sake of your time
taken = seconds(lambda: mf.hvp(one, digits.X_train, digits.Y_train, ten)) / 10
print(f"64-25-10: by columns about {taken * one.n_parameters:.0f} s")

# %%
fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
hessians, eigenvalues = np.array(measured).T
ax.loglog(sizes, hessians, "o-", color="#56B4E9", label="Hessian, by blocks")
ax.loglog(sizes, eigenvalues, "s--", color="0.2", label="its eigenvalues")
N = len(digits.X_train)
ax.axvline(3 * N / 8, color="0.6", lw=0.8, label="P = 3N/8")
ax.set(xlabel="number of parameters P (digits, 64-H-10)", ylabel="time (s)")
ax.legend()
plt.show()

# %% [markdown]
# For few parameters and many samples, the Hessian is the dearer of the two. For
# the digits network it is the eigenvalues. The count was rough, and it says
# roughly where the curves cross: see how far off it is here, and on your machine.
# By columns, both Hessians cost many times more.
#
# Two things help the blocks beyond the count. Nearly all their work is matrix
# products, which a processor does at its best rate. And what is zero adds nothing:
# for each few inputs the compiled code takes only the samples in which one of them
# is not zero. Half of the digits' pixels carry no ink.
#
# So the exact Hessian at every recorded epoch is no luxury: once you want its
# eigenvalues, it is the smaller half of the bill. What stays dear is memory,
# $P^2$ numbers. Where that does not fit, you still have $Hv$.

# %% [markdown]
# ## What you have now
#
# * Differentiate forward and backward line by line, and you have $Hv$, exactly:
#   one more walk up, one more down.
# * $P$ unit vectors give $H$ by columns. Its asymmetry is a free check; an
#   average of $H$ and $H^T$ throws the check away.
# * Sample by sample $H$ consists of small factors, $S$, $T$, $B$, $\Pi$, $J$ and
#   the inputs, so that the sum over samples is a matter of matrix products. The
#   largest is a packed one, at a quarter of the price.
# * $H$ = Gauss-Newton + residual part, and only the second bends downwards.
# * For $P$ above some $\tfrac38N$, $H$ costs less than its eigenvalues.
#
# **To think about.** A network without hidden layers, $o = xW + b$, with
# cross-entropy: what is its residual part? What does that say about local
# minima? And then a network that only *looks* more complicated:
# $o = (xW_1)W_2$, all gates straight. Is its residual part zero?
