# %% [markdown]
# # 5. Backward by hand
#
# The network has made a prediction, and the loss says how wrong it was. Which
# way should each of the parameters move? In this lesson you compute all those
# derivatives in one sweep, from the output back to the input: first one gate,
# then one dense layer, then a whole network of two. Nothing is left to a
# library.
#
# Then you look at the factor by which a gate multiplies every gradient that
# passes. It is the gate's own fluctuation, and it decides whether a deep network
# learns.
#
# You need: lessons 1 to 4 (ESP, the forward pass with its shapes, the residual)
# and the chain rule. About 50 minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## A name for everything
#
# Forward, a layer does two things: it mixes, $h = xW + b$, and its gates let
# through, $a = f(h;\beta)$. We give the gradient of the loss $L$ with respect to
# each thing the name of that thing with a **d** in front: `dW` is
# $\partial L/\partial W$, `dbeta` is $\partial L/\partial\beta$.
#
# $L$ is one number. So there is one derivative for each entry, and
#
# > **a gradient has the shape of what it belongs to.**
#
# This one rule finds most mistakes.

# %% [markdown]
# Two gradients are used so often that they have letters: $g = \partial L/\partial
# a$ (what arrives from above, `da`) and $\delta = \partial L/\partial h$ (what
# is left behind the gate, `dh`). The legend for a network of two layers, $N$
# samples, $D$ inputs, $H$ hidden units, $K$ outputs:
#
# | forward | shape | its gradient |
# |---|---|---|
# | `x` | (N, D) | `dx`, needed only if something lies below |
# | `W1`, `b1` | (D, H), (H,) | `dW1`, `db1` |
# | `h1 = x @ W1 + b1` | (N, H) | `dh1`, which is δ₁ |
# | `beta1` | (H,) | `dbeta1` |
# | `a1 = h1 * sigma(beta1 * h1)` | (N, H) | `da1`, which is g₁ |
# | `W2`, `b2` | (H, K), (K,) | `dW2`, `db2` |
# | `h2 = a1 @ W2 + b2` | (N, K) | `dh2`, which is δ₂ |
# | `beta2` | (K,) | `dbeta2` |
# | `o = beta2 * h2` | (N, K) | `do`, which is g₂ |
#
# Forward you read it downwards. Backward you read it upwards.

# %% [markdown]
# ## Back through a gate
#
# Take one sample $n$ and one unit $i$. Its field $h_{ni}$ can reach the loss by
# one road only, through its own $a_{ni}$. So the chain rule has one term,
# $\partial L/\partial h_{ni} = (\partial L/\partial a_{ni})\,(\partial
# f/\partial h)$, and for all of them at once, entry by entry ($\odot$),
#
# $$\delta_l = g_l \odot f_h. \tag{5.1}$$
#
# For ESP, $f = h\,\sigma(\beta h)$ is a product of two factors that both know of
# $h$. With $u=\beta h$, $s=\sigma(u)$, $w = s(1-s)$, and $\sigma' = w$:
#
# $$f_h = s + h\cdot\beta w = s + u\,w.$$
#
# **Exercise 5.1.** Write (5.1) for an ESP gate.

# %% exercise="5.1"

# %% [markdown]
# ## Back to beta
#
# The $\beta_i$ of a unit is one number that *all* samples use. It reaches the
# loss by $N$ roads, and the chain rule adds roads up:
#
# $$\partial L/\partial\beta_l = \textstyle\sum_n g_l \odot f_\beta. \tag{5.2}$$
#
# For ESP, $f_\beta = h\cdot h w = h^2 w$, the variance of the signal (lesson 2).
# It is never negative. Should there be a $1/N$? No: the loss is a mean, so the
# $1/N$ sits in $g$ already.
#
# **Exercise 5.2.** Write (5.2) for an ESP gate. First say which shape it has.

# %% exercise="5.2"

# %% [markdown]
# ## Back through the mixing
#
# Write out $h = xW + b$ with its indices: $h_{ni} = \sum_j x_{nj}W_{ji} + b_i$.
# Now ask of each thing on the right: by which roads does it reach the loss?
#
# * $W_{ji}$ is in $h_{ni}$ of every sample $n$, with the factor $x_{nj}$:
#   $\ \partial L/\partial W_{ji} = \sum_n x_{nj}\,\delta_{ni}$.
# * $b_i$ is in $h_{ni}$ of every sample, with the factor 1:
#   $\ \partial L/\partial b_i = \sum_n\delta_{ni}$.
# * $x_{nj}$ is in $h_{ni}$ of every *unit* $i$, with the factor $W_{ji}$:
#   $\ \partial L/\partial x_{nj} = \sum_i\delta_{ni}W_{ji}$.

# %% [markdown]
# As matrices, with the layer's input $x$ being the $a_{l-1}$ of the layer below,
#
# $$\partial L/\partial W_l = a_{l-1}^T\,\delta_l \tag{5.3}$$
#
# $$\partial L/\partial b_l = \textstyle\sum_n \delta_l \tag{5.4}$$
#
# $$g_{l-1} = \delta_l W_l^T. \tag{5.5}$$
#
# The transposes need not be learnt by heart. Only one order of the factors gives
# the shape of $W$, and only one that of $x$.
#
# **Exercise 5.3.** Write the three lines.

# %% exercise="5.3"

# %% [markdown]
# ## One whole pass
#
# The output is a gate that only scales, $o = \beta_2 h_2$, and the loss acts on
# the logits $o$. From lesson 4 the first gradient of all is the residual,
# $\partial L/\partial o = (\sigma(o) - y)/NK$. The scale has $f_h=\beta$ and
# $f_\beta = h$. Everything else you have just written.
#
# **Exercise 5.4.** The forward pass is there. Walk back up the legend, one line
# for each row. If a name is missing, you have skipped a row.

# %% exercise="5.4"

# %% [markdown]
# This is what the library does. From here on we use its code, whose lines carry
# the numbers (5.1) to (5.5): `Dense.backward` and `Gate.backward` in
# `layers.py`. They are short; read them. Each layer keeps the gradients that it
# found.

# %%
data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train
net = mf.mlp([2, 10, 1], hidden="esp", trainable_beta=True, seed=3)
rng = np.random.default_rng(3)
net.theta += rng.normal(scale=0.3, size=net.theta.shape)
net.backward(net.loss_function.gradient(net.forward(X), Y))
for l, (dense, gate) in enumerate(net.layers, start=1):
    print(f"dW{l} {dense.dW.shape}  db{l} {dense.db.shape}  dbeta{l} {gate.dbeta.shape}")

# %% [markdown]
# Is it right? The next lesson is about that question. Here is its answer in one
# line: a derivative of the loss that knows no backward pass agrees to the last
# digits.

# %%
print(mf.check.gradient(net, X, Y))

# %% [markdown]
# ## Break it
#
# Leave $\beta$ out of the term $u w$: write $h w$ instead. This is a slip that
# one makes, and a similar one (a step for $W$ and $b$ without the factor
# $\beta$, in sigmoid layers) stands in the plain-Python code of the paper's
# authors. Why does nobody see it? Say first what the error will be for
# $\beta=1$.


# %%
def slip_error(beta, n=2000):
    """Root-mean-square error of f_h with h w for u w, as a share of its size."""
    h = np.random.default_rng(0).normal(size=n)
    exact = mf.activations.esp.derivatives(h, beta).h
    s = mf.activations.sigmoid(h, beta)
    wrong = s + h * s * (1 - s)
    return np.sqrt(((wrong - exact) ** 2).mean() / (exact**2).mean())


for beta in (0.5, 1.0, 2.0, 4.0):
    print(f"beta {beta:3.1f}: error {slip_error(beta):.2f} of f_h")

# %% [markdown]
# At $\beta = 1$ the slip is invisible. That is why the checks of these lessons
# draw $\beta$ at random, and why you should, too.

# %% [markdown]
# ## The phase-space factor
#
# Look at (5.1) for a *sigmoid* unit: $\delta = g\,\beta w$. What is $w = s(1-s)$?
# A gate is 0 or 1, so $s^2$ is the same as $s$ and $\langle s^2\rangle = \langle
# s\rangle$. Its variance is therefore $\langle s^2\rangle - \langle s\rangle^2 =
# \langle s\rangle(1-\langle s\rangle) = w$:
#
# $$\sigma_h = \beta\,\mathrm{Var}(s).$$
#
# The gradient that a sigmoid unit lets through is its own **fluctuation**. The
# authors of arXiv:1805.08786 call it the phase-space factor. A gate that is sure
# no longer fluctuates, and **a unit that is sure does not learn**, however wrong
# it is. Let us count the states and see.

# %%
h, beta = np.array([-6.0, -2.0, 0.0, 1.0, 5.0]), 1.5
P = np.array([mf.energy.probabilities(one, beta) for one in h])
states = np.array([0, 1])
variance = P @ states**2 - (P @ states) ** 2
slope = mf.activations.sigmoid.derivatives(h, beta).h
print("beta Var(s), counted ", beta * variance)
print("slope of the sigmoid ", slope)

# %% [markdown]
# The four slopes, side by side. Before you look: which of them can be larger
# than 1, which can be negative?


# %%
def draw_slopes(ax, beta):
    """f_h of the four activations against the field, for one beta."""
    h = np.linspace(-5, 5, 501)
    for name in ("sigmoid", "tanh", "relu", "esp"):
        slope = getattr(mf.activations, name).derivatives(h, beta).h
        style = mf.plots.COLOURS[name], mf.plots.LINES[name]
        ax.plot(h, slope, color=style[0], linestyle=style[1], label=mf.plots.NAMES[name])
    ax.axhline(0, color="#999999", linewidth=0.8, zorder=0)
    ax.set(title=f"β = {beta:.3g}", xlabel="field h", ylim=(-0.25, 2.1))


fig, axes = plt.subplots(1, 3, figsize=(10, 3), sharey=True, layout="constrained")
for ax, beta in zip(axes, (0.5, 1, 2)):
    draw_slopes(ax, beta)
axes[0].set_ylabel("slope $f_h$")
axes[0].legend(frameon=False, fontsize=9)
plt.show()

# %% [markdown]
# Sigmoid and tanh die on both sides. ReLU and ESP stay at 1 where the gate is
# open. tanh is larger than 1 once $\beta > 1$; ESP overshoots a little, to 1.0998
# at $u = 2.4$, and dips below zero on the left. We come back to that dip. Turn
# the noise yourself:

# %%
from ipywidgets import Dropdown, FloatLogSlider, interact


@interact(beta=FloatLogSlider(value=1, min=-1, max=1, description="β"))
def turn(beta):
    fig, ax = plt.subplots(figsize=(4.5, 3), layout="constrained")
    draw_slopes(ax, beta)
    ax.set(ylabel="slope $f_h$", ylim=(-0.5, 1.05 * max(2, beta)))
    ax.legend(frameon=False, fontsize=9, loc="upper left")
    plt.show()


# %% [markdown]
# ## Vanishing, measured
#
# Put (5.1) and (5.5) together: $\delta_{l-1} = (\delta_l W_l^T)\odot f_h$. Each
# layer multiplies by its weights and by its slopes. Twelve layers multiply twelve
# times. Below, twelve hidden layers of 20 units, fresh Xavier weights, random
# inputs, random blame at the top; we print how large a typical $\delta_l$ is,
# relative to that of the last hidden layer.
#
# Write down your order of the four activations before you run it.


# %%
def delta_sizes(name, beta, init="xavier", layers=12, seeds=5):
    """log10 of the size of delta in each hidden layer, relative to the last; a mean of seeds."""
    sizes = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        start = {"init": init, "beta": beta, "trainable_beta": False, "seed": seed}
        net = mf.mlp([20] * (layers + 1) + [1], hidden=name, output="linear", **start)
        o = net.forward(rng.normal(size=(200, 20)))
        net.backward(rng.normal(size=o.shape) / len(o))
        sizes.append([np.sqrt((dense.dh**2).mean()) for dense, _ in net.layers[:-1]])
    return np.mean([np.log10(one) - np.log10(one[-1]) for one in sizes], axis=0)


for name in ("sigmoid", "tanh", "relu", "esp"):
    first = delta_sizes(name, beta=1.0)[0]
    print(f"{name:8} first layer: 10^{first:5.2f}, a factor {10 ** (first / 11):.2f} a layer")

# %% [markdown]
# Sigmoid is the worst by far, as it must be: at $\beta=1$ its slope is never above
# $1/4$, and a factor of about 0.23 a layer leaves $10^{-7}$ after eleven.
#
# But look at ESP. At $\beta = 1$ and with these weights it vanishes *faster* than
# tanh and ReLU. Why? The slope depends on the fields, so look at the fields.

# %%
for name in ("relu", "esp"):
    net = mf.mlp([20] * 13 + [1], hidden=name, output="linear", trainable_beta=False)
    net.backward(net.forward(np.random.default_rng(0).normal(size=(200, 20))))
    for l in (1, 12):
        gate = net.layers[l - 1].gate
        h, slope = gate.h, gate.f_h
        print(f"{name:5} layer {l:2}: size of the fields {np.sqrt((h**2).mean()):.0e},", end=" ")
        print(f"mean square of the slope {(slope**2).mean():.2f}")

# %% [markdown]
# The signal shrinks on its way up. Soon $\beta h$ is small, and there ESP is nearly
# $h/2$: slope one half, mean square 1/4, at every unit. ReLU has slope 1 at about
# half of the units and 0 at the others, mean square about 1/2, whatever the size
# of the fields. So a claim that "ESP does not vanish" needs its $\beta$, and its
# weights, beside it.

# %% [markdown]
# What does $\beta$ change?


# %%
def draw_vanishing(ax, beta, init="xavier"):
    """The size of delta against the layer, four activations."""
    for name in ("sigmoid", "tanh", "relu", "esp"):
        sizes = 10 ** delta_sizes(name, beta, init)
        style = {"color": mf.plots.COLOURS[name], "linestyle": mf.plots.LINES[name]}
        label, marker = mf.plots.NAMES[name], mf.plots.MARKERS[name]
        ax.semilogy(range(1, 13), sizes, marker=marker, markersize=4, label=label, **style)
    ax.set(title=f"β = {beta:.3g}", xlabel="layer l", ylim=(1e-8, 1e4), xticks=range(2, 13, 2))


fig, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True, layout="constrained")
for ax, beta in zip(axes, (1, 2, 4)):
    draw_vanishing(ax, beta)
axes[0].set_ylabel(r"size of $\delta_l$, relative to $\delta_{12}$")
axes[0].legend(frameon=False, fontsize=9)
plt.show()

# %% [markdown]
# Read each panel from right to left, the way the gradient travels. Less noise
# helps the sigmoid, $\beta w$ being larger, and makes tanh *explode*: vanishing
# and exploding are one thing, a product of factors that are not 1. ReLU does not
# know $\beta$. ESP gains little, because with Xavier weights its fields shrink
# with depth faster than $\beta$ can follow.
#
# Choose `he` below, whose weights are larger: there, ESP with $\beta=4$ and ReLU
# keep their gradients to within a factor of two over all twelve layers.

# %%
for beta in (1, 4):
    relu, esp = (10 ** delta_sizes(name, beta, "he")[0] for name in ("relu", "esp"))
    print(f"He, beta {beta}: first layer over last: ReLU {relu:.2f}, ESP {esp:.2f}")


@interact(beta=FloatLogSlider(value=4, min=-0.5, max=1, description="β"),
          init=Dropdown(options=["he", "xavier"], description="weights"))  # fmt: skip
def deep(beta, init):
    fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
    draw_vanishing(ax, beta, init)
    ax.set(ylabel=r"size of $\delta_l$, relative to $\delta_{12}$", ylim=(1e-14, 1e5))
    ax.legend(frameon=False, fontsize=9)
    plt.show()


# %% [markdown]
# ## The negative band
#
# Back to the dip of ESP. One unit, $\beta = 1$, stands at $h=-3$. The loss would
# fall if the unit's output $a$ *rose*: $g < 0$. We make one small step of
# gradient descent, $h \leftarrow h - \eta\,\delta$.
#
# **Exercise 5.5, a prediction.** Does the field go `"up"`, go `"down"` or `"stay"`
# where it is? Or can nobody say without the weights: `"depends"`?

# %% exercise="5.5"

# %% [markdown]
# Where does the band begin? $f_h = s + uw$, and $s = w(1+e^u)$, because
# $w = s(1-s)$ and $1/(1-s) = 1+e^u$. So
#
# $$f_h = w\,(1 + u + e^u),$$
#
# negative exactly where $1 + u + e^u < 0$: for $u < -1.278$. There lies the
# minimum of ESP. To the left of it the curve *falls* as the field grows.

# %%
u = np.linspace(-8, 4, 1_200_001)
bracket = 1 + u + np.exp(u)
print("f_h changes sign at u =", u[np.abs(bracket).argmin()].round(3))
slope = mf.activations.esp.derivatives(u, 1.0).h
print(f"lowest slope {slope.min():.4f}, at u = {u[slope.argmin()]:.2f}")

# %% [markdown]
# What it does to learning: a unit in the band that is told "more" lowers its
# field, and one that is told "less" raises it. This is called *unlearning*: a
# unit can take back what it had learnt when its field has run to the negative
# side. ReLU, whose slope there is exactly zero, hears nothing.
#
# Two units start at $h=-3$, and are told to bring their outputs to a target, by
# 2000 steps of descent on $(a - \text{target})^2/2$:


# %%
def journey(activation, target, h=-3.0, rate=0.1, steps=2000):
    """The field of one unit during descent on (a - target)^2/2."""
    path = [h]
    for _ in range(steps):
        all_of_it = activation.derivatives(path[-1], 1.0)
        path.append(path[-1] - rate * (all_of_it.f - target) * all_of_it.h)
    return np.array(path)


fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
for ax, target in zip(axes, (-0.25, 1.0)):
    for name in ("relu", "esp"):
        style = {"color": mf.plots.COLOURS[name], "linestyle": mf.plots.LINES[name]}
        path = journey(getattr(mf.activations, name), target)
        ax.plot(path, label=mf.plots.NAMES[name], **style)
    ax.axhline(-1.278, color="#999999", linewidth=0.8)
    ax.set(title=f"target {target:g}", xlabel="step of descent")
axes[0].set_ylabel("field h")
axes[0].legend(frameon=False)
plt.show()

# %% [markdown]
# Left, the target lies below the output: ESP climbs out, towards the edge of the
# band (grey line), and ReLU stays dead. Right, the target lies above: ESP walks
# *away*, further into the negative, and gets slower as it goes. So the band is
# no cure for everything. A unit in it is alive, but what it does there is to
# bring its output nearer to zero, not to open.
#
# How many are there? Here is a network while it learns:

# %%
net = mf.mlp([2, 10, 1], hidden="esp", beta=("normal", 0.004), seed=1)
optimizer, epoch = mf.Adam(0.01, decay=(0.9, 500)), 0
for more in (1, 299, 700, 1300):
    mf.train(net, X, Y, epochs=more, optimizer=optimizer)
    net.backward(net.loss_function.gradient(net.forward(X), Y))
    epoch += more
    slope = net.layers[0].gate.f_h
    band = (slope < 0).mean()
    print(f"epoch {epoch:4}: f_h < 0 for {band:3.0%} of all (sample, unit) pairs,", end=" ")
    print(f"f_h < -0.01 for {(slope < -0.01).mean():3.0%}")

# %% [markdown]
# So the band is no rarity. Of the pairs in it at the end, more than half still feel
# a slope below -0.01. The rest lie so deep that next to nothing passes: gates that
# have made up their minds to be shut.

# %% [markdown]
# ## What you have now
#
# * Every intermediate of the forward pass has a gradient of the same shape, named
#   d and its name.
# * A gate multiplies by $f_h$; $\beta$ collects $g f_\beta$ over the samples; a
#   dense layer is three lines, (5.3) to (5.5). That is all of backpropagation.
# * A sigmoid's slope is $\beta\,\mathrm{Var}(s)$: a unit that is sure does not
#   learn.
# * Gradients vanish or explode as products do. ESP is not exempt: at $\beta=1$
#   with Xavier weights it lost more than ReLU and tanh did.
# * ESP has a band of negative slope, in which a unit is still alive, though deep
#   inside it only just.
#
# **To think about.** For the output gate and the cross-entropy there is no factor
# $w$ in $\partial L/\partial o$, although the prediction is a sigmoid. Where did
# it go? (Differentiate the loss with respect to the *probability* first.) And what
# would happen to a sure, wrong output under squared error on the probability?
