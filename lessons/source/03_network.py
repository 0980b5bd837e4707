# %% [markdown]
# # 3. From one unit to a network
#
# One unit takes a field and lets a signal through. Now put many side by side,
# and layers of them in a row. You will write the forward pass with all its
# shapes, find three rules for the first weights, and send a signal through forty
# layers to see what is left of it.
#
# You need: lesson 2 (ESP, ReLU, $\beta$), matrix products, variance. About 50
# minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## A layer, and its shapes
#
# A layer has $D$ inputs and $H$ units. Unit $i$ receives the share $W_{ji}$ of
# input $j$, and a bias $b_i$ of its own: $h_i = \sum_j x_j W_{ji} + b_i$. We send
# $N$ samples at once, **one row a sample**. The sum over $j$ is then a matrix
# product. With $a_0 = x$, layer $l$ is
#
# $$h_l = a_{l-1} W_l + b_l. \tag{3.1}$$
#
# | | shape | |
# |---|---|---|
# | $x$ | (N, D) | one row a sample, one column an input |
# | $W$ | (D, H) | one row an input, one column a unit |
# | $b$, $\beta$ | (H,) | one number a unit |
# | $h$, $a$ | (N, H) | one row a sample, one column a unit |
#
# (The paper writes the transpose of $W$. Nothing else changes.)
#
# **Exercise 3.1.** Write (3.1) for one layer.

# %% exercise="3.1"

# %% [markdown]
# **Break it.** What if you write `W.T` by mistake? With 3 inputs and 4 units
# NumPy refuses. With 4 inputs and 4 units it does not, and nobody tells you.

# %%
rng = np.random.default_rng(0)
for D, H in ((3, 4), (4, 4)):
    x, W = rng.normal(size=(5, D)), rng.normal(size=(D, H))
    try:
        print(f"D={D}, H={H}: off by", np.abs(x @ W.T - x @ W).max().round(2))
    except ValueError as error:
        print(f"D={D}, H={H}: ValueError:", str(error)[:50], "...")

# %% [markdown]
# This is why no exercise here has a square matrix. Try your own code on sizes
# that are all different.
#
# ## Layers in a row
#
# Each unit turns its field into what it sends on, with its own noise:
#
# $$a_l = f_l(h_l; \beta_l). \tag{3.2}$$
#
# In the hidden layers $f$ is ESP, $h\,\sigma(\beta h)$. The last layer is the
# exception from lesson 2: its answer is to be a probability $\sigma(\beta h)$. We
# stop just before that sigmoid, at the **logit** $o = \beta_L h_L$; lesson 4 will
# say why.
#
# **Exercise 3.2.** Write the whole forward pass, for any number of layers.

# %% exercise="3.2"

# %% [markdown]
# The library does the same, one `Dense` and one `Gate` a layer. Here is a network
# and every shape in it, for seven samples. Say each line before you read it.

# %%
net = mf.mlp([3, 5, 4, 2], hidden="esp", seed=1)
x = np.random.default_rng(2).normal(size=(7, 3))
logits = net.logits(x)
a = x
for l, (dense, gate) in enumerate(net.layers, start=1):
    h = a @ dense.W + dense.b
    print(f"layer {l}: a {a.shape} @ W {dense.W.shape} + b {dense.b.shape} -> h {h.shape}, "
          f"{gate.activation.name}")  # fmt: skip
    a = gate.activation(h, gate.beta)
print("by hand - library:", np.abs(a - logits).max())

# %% [markdown]
# **Break it.** What do we need the gates for? Make them useless and see. Set every
# hidden $\beta$ to 0: each gate is then open half of the time, $a = h/2$, and three
# layers are one matrix.

# %%
net.parameters["beta1"] = np.zeros(5)
net.parameters["beta2"] = np.zeros(4)
W1, W2, W3 = (net.parameters[name] for name in ("W1", "W2", "W3"))
one_layer = x @ (W1 @ W2 @ W3 / 4)  # the biases are still 0, beta3 is 1
print("three layers - one matrix:", np.abs(net.logits(x) - one_layer).max())

# %% [markdown]
# ## Weights that share out
#
# With which weights should one start? The model has an answer. A signal is not
# made in the wires: what leaves input $j$ is shared out among the units that
# receive it. Add up all fields of a layer (without $b$):
#
# $$\sum_i h_i = \sum_i\sum_j x_j W_{ji} = \sum_j x_j \Big(\sum_i W_{ji}\Big).$$
#
# This is the total that came in, whatever came in, if and only if
#
# $$\sum_i W_{ji} = 1 \quad\text{(conserving: each input } j
#   \text{ is shared out)}. \tag{3.3}$$
#
# **Exercise 3.3.** You are given positive numbers $V$ (D, H). Make them weights
# that obey (3.3), sharing input $j$ in the proportions of row $j$ of $V$.

# %% exercise="3.3"

# %% [markdown]
# `mf.initialise.conserving` draws such weights. (The authors' plain-Python code
# divides by the sums of the *columns* instead. That makes each field a mean of
# the inputs, which is a sensible thing too, but it conserves nothing.)

# %%
rng = np.random.default_rng(3)
x = rng.uniform(size=(4, 6))
V = rng.uniform(size=(6, 9))
by_rows, by_columns = V / V.sum(axis=1, keepdims=True), V / V.sum(axis=0)
print("came in:           ", x.sum(axis=1).round(3))
print("arrives, by rows:  ", (x @ by_rows).sum(axis=1).round(3))
print("arrives, by columns", (x @ by_columns).sum(axis=1).round(3))

# %% [markdown]
# The wires conserve. The gates need not: a gate that is shut half of the time
# lets half of it through. Five conserving layers of 50 units, positive inputs,
# and the total relative to what came in:

# %%
for name in ("relu", "esp"):
    rng = np.random.default_rng(4)
    a = start = rng.uniform(size=(3, 50))
    for _ in range(5):
        h = a @ mf.initialise.conserving(rng, 50, 50)
        a = mf.activations.ACTIVATIONS[name](h, 1.0)
    total = a.sum(axis=1) / start.sum(axis=1)
    print(f"{name:4s} total left: {total.round(3)}; field differs between the units of "
          f"a layer by {h.std(axis=1).mean() / h.mean():.0%}, first inputs by "
          f"{start.std(axis=1).mean() / start.mean():.0%}")  # fmt: skip

# %% [markdown]
# ReLU passes positive fields whole, so the total is conserved to the last layer;
# ESP at $\beta=1$ keeps little. And there is a price: shares of many inputs
# average out, so that the units of a layer become alike. What *differs* between
# units, or between samples, is what a network can use. The next two rules look
# after that.
#
# ## Weights that keep the spread
#
# Let the weights be random, with mean 0 and variance $v$, independent of what
# comes in. $W$ has $\text{fan}_\text{in}$ rows and $\text{fan}_\text{out}$ columns:
# so many inputs reach a unit, so many units an input. Then the mean square of a
# field is a sum of $\text{fan}_\text{in}$ equal terms (the cross terms average
# to 0):
#
# $$\langle h_l^2\rangle = \text{fan}_\text{in}\; v\; \langle a_{l-1}^2\rangle.$$
#
# Call a mean square a **power**. If the gate took nothing, $a=h$, the power
# would stay for $v = 1/\text{fan}_\text{in}$.

# %% [markdown]
# The gradient travels the other way, through $W^T$ (lesson 5), and by the same
# count it wants $v = 1/\text{fan}_\text{out}$. **Xavier** takes the middle,
# $v = 2/(\text{fan}_\text{in}+\text{fan}_\text{out})$. A uniform number between
# $\pm c$ has variance $c^2/3$, so
#
# $$W_{ji} \sim U\!\left(\pm\sqrt{6/(\text{fan}_\text{in}+\text{fan}_\text{out})}
#   \right) \quad\text{(Xavier)}. \tag{3.4}$$
#
# But gates do take something. ReLU cuts off the negative half, and with it half
# of the power. Twice the variance makes up for that:
#
# $$W_{ji} \sim N(0,\ 2/\text{fan}_\text{in}) \quad\text{(He)}. \tag{3.5}$$

# %%
rng = np.random.default_rng(5)
xavier, he = mf.initialise.xavier(rng, 300, 200), mf.initialise.he(rng, 300, 200)
print("variance, drawn and wanted, Xavier:", xavier.var().round(6), 2 / 500)
print("variance, drawn and wanted, He:    ", he.var().round(6), round(2 / 300, 6))

# %% [markdown]
# And ESP? Lesson 2 answers it. The signal is $j = hs$, so
# $\langle j\rangle^2 = \langle j^2\rangle - \mathrm{Var}(j)$, and
# $\langle j^2\rangle = h^2\sigma(\beta h)$. If positive and negative fields are
# equally frequent, $\sigma(\beta h)$ and $\sigma(-\beta h) = 1-\sigma(\beta h)$
# average to one half. So with $a = \langle j\rangle$, and a bar for the mean over
# all fields,
#
# $$\overline{a^2} = \tfrac12\,\overline{h^2} - \overline{\mathrm{Var}(j)}.$$
#
# ReLU's half, less the fluctuation of the gate: noise costs power. As
# $\mathrm{Var}(j)=h^2w$ with $0 < w\le\frac14$, ESP lets between a quarter (small
# $\beta h$) and a half (large $\beta h$) of the power through. Measured:

# %%
half = np.abs(np.random.default_rng(6).normal(size=100_000))
h = np.concatenate([half, -half])  # both signs equally often
for beta in (0.01, 1, 10):
    esp = mf.activations.esp.derivatives(h, beta)
    share, noise = (esp.f**2).mean() / (h**2).mean(), esp.beta.mean() / (h**2).mean()
    print(f"β = {beta:5g}: passes {share:.4f}; 1/2 - Var(j)/h² = {0.5 - noise:.4f}")

# %%
sizes = np.logspace(-2, 2, 41)
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for name in ("tanh", "esp", "relu"):
    f = mf.activations.ACTIVATIONS[name]
    passes = [(f(c * h[::20], 1.0) ** 2).mean() / ((c * h[::20]) ** 2).mean() for c in sizes]
    ax.semilogx(sizes, passes, label=mf.plots.NAMES[name], lw=2,
                color=mf.plots.COLOURS[name], ls=mf.plots.LINES[name])  # fmt: skip
ax.set(xlabel="size of the field, root mean square of h, at β = 1", ylim=(-0.03, 1.05),
       ylabel="share of the power that passes")  # fmt: skip
ax.legend()
plt.show()

# %% [markdown]
# Left, small fields: tanh takes nothing, ReLU half, ESP three quarters. Right,
# large fields: tanh takes nearly all, and ESP is ReLU. The sigmoid is left out:
# for small fields it sends the constant 1/2, which is power, but says nothing
# about the input.
#
# ## Forty layers
#
# Forty layers of 100 units each, Xavier weights, $b=0$, $\beta=1$. The inputs are
# standard normal, so the first fields are of size 1.
#
# **Exercise 3.4, a prediction.** In which network is the field at layer 40 the
# smallest: `"sigmoid"`, `"tanh"`, `"relu"` or `"esp"`?

# %% exercise="3.4"

# %% [markdown]
# We measure two things at every layer. The **size** is the root mean square of
# all fields. The **spread** is how much a unit's field differs *between samples*
# (its standard deviation over the rows): if it is 0, the network says the same
# to everything.


# %%
def through_depth(name, draw, beta=1.0, depth=40, width=100, N=50, seed=0):
    """Size and spread of the fields at every layer: two lists."""
    rng = np.random.default_rng(seed)
    a, size, spread = rng.normal(size=(N, width)), [], []
    for _ in range(depth):
        h = a @ draw(rng, width, width)
        size.append(np.sqrt((h**2).mean()))
        spread.append(np.sqrt(h.var(axis=0).mean()))
        a = mf.activations.ACTIVATIONS[name](h, beta)
    return size, spread


for name in ("sigmoid", "tanh", "relu", "esp"):
    size, spread = through_depth(name, mf.initialise.xavier)
    print(f"{name:8s} layer 40: size {size[-1]:.1e}, spread {spread[-1]:.1e}")


# %%
def draw_depth(axes, draw, beta=1.0):
    """Size above, spread below, against depth."""
    for name in ("sigmoid", "tanh", "relu", "esp"):
        style = {"color": mf.plots.COLOURS[name], "ls": mf.plots.LINES[name], "lw": 2}
        for ax, values in zip(axes, through_depth(name, draw, beta)):
            ax.semilogy(range(1, 41), values, label=mf.plots.NAMES[name], **style)
            ax.set_ylim(1e-16, 1e2)


fig, axes = plt.subplots(2, 3, figsize=(9, 5), sharex=True, sharey=True, layout="constrained")
for column, rule in zip(axes.T, ("xavier", "he", "conserving")):
    draw_depth(column, mf.initialise.INITIALISERS[rule])
    column[0].set_title(rule)
    column[1].set_xlabel("layer l")
axes[0, 0].set_ylabel("size of the field h")
axes[1, 0].set_ylabel("spread between samples")
axes[0, 0].legend()
plt.show()

# %% [markdown]
# Read it line by line.
#
# * **Sigmoid.** The size stays, but the spread falls fastest of all: every sample
#   sends the same constant. Size is not signal. (Where the line turns flat,
#   below 1e-15, the samples differ by rounding only.)
# * **tanh** loses little, and the less the smaller the field.
# * **ReLU** loses half of the power a layer with Xavier, and none with He. Its
#   spread falls below its size: samples become more alike.
# * **ESP** at $\beta=1$ loses with Xavier, and even with He: as soon as the fields
#   are small, it passes a quarter of the power, and He pays back only twice.
#
# With conserving weights ReLU and tanh keep what little spread is left after the
# first layer has averaged; ESP loses its factor of 2 a layer.
#
# So a deep ESP network at $\beta=1$ starts out almost silent. The published
# networks have one or two hidden layers: there is only a factor of 2 or 4 to
# lose.

# %% [markdown]
# Is the quarter right? It makes the size fall by 2 a layer with Xavier, and by
# $\sqrt2$ with He. And weights of variance $4/\text{fan}_\text{in}$ should keep
# the size for very noisy gates. Measured over the last ten layers:


# %%
def fourfold(rng, fan_in, fan_out):
    """Normal with variance 4/fan_in."""
    return rng.normal(0.0, np.sqrt(4 / fan_in), size=(fan_in, fan_out))


for rule, beta in ((mf.initialise.xavier, 1.0), (mf.initialise.he, 1.0), (fourfold, 1e-9)):
    factors = []
    for seed in range(5):
        size, _ = through_depth("esp", rule, beta, seed=seed)
        factors.append((size[-1] / size[-11]) ** 0.1)
    print(f"{rule.__name__:8s} β = {beta:g}: factor a layer {np.mean(factors):.3f}"
          f" ± {np.std(factors) / np.sqrt(5):.3f}")  # fmt: skip

# %% [markdown]
# Cold gates behave otherwise: what counts is $\beta h$, and at large $\beta$ ESP
# is ReLU. Here is the spread with He weights, for four noises; and a slider that
# does the same with a kernel.

# %%
fig, axes = plt.subplots(1, 4, figsize=(10, 2.9), sharey=True, layout="constrained")
for ax, beta in zip(axes, (0.1, 1, 10, 1000)):
    for name in ("esp", "relu"):
        spread = through_depth(name, mf.initialise.he, beta)[1]
        ax.semilogy(range(1, 41), spread, label=mf.plots.NAMES[name], lw=2,
                    color=mf.plots.COLOURS[name], ls=mf.plots.LINES[name])  # fmt: skip
    ax.set(title=f"β = {beta:g}", xlabel="layer l")
axes[0].set_ylabel("spread between samples")
axes[0].legend()
plt.show()

# %%
from ipywidgets import FloatLogSlider, interact


@interact(beta=FloatLogSlider(value=1, min=-2, max=3, description="β"), rule=["xavier", "he"])
def deep(beta, rule):
    fig, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    draw_depth(axes, mf.initialise.INITIALISERS[rule], beta)
    axes[0].set(xlabel="layer l", ylabel="size of the field h")
    axes[1].set(xlabel="layer l", ylabel="spread between samples")
    axes[0].legend()
    plt.show()


# %% [markdown]
# ## One long vector
#
# An optimiser does not care what is a weight and what a bias. It wants *one*
# vector $\theta$ of all $P$ parameters. The library lays them out layer by layer:
# $W_1, b_1, \beta_1, W_2, b_2, \beta_2, \dots$, each $W$ row by row.
#
# Count before you run the cell: 2 inputs, 10 hidden ESP units, 1 output, and one
# trained $\beta$ for every unit, the output's too. What is $P$?

# %%
net = mf.mlp([2, 10, 1], hidden="esp", seed=0)
print("P =", net.n_parameters, "=", " + ".join(str(v.size) for v in net.parameters.values()))
print("W1 lies in", net.slices["W1"], "and W2 in", net.slices["W2"])
print(net.labels[:3], "...", net.labels[18:23], "...")

# %% [markdown]
# **Exercise 3.5.** Take $\theta$ apart again, for one hidden layer of $H$ units.

# %% exercise="3.5"

# %% [markdown]
# `np.split` and `reshape` do not copy: they are **views**, other names for the
# same memory. `net.parameters` holds such views. Write to one, and $\theta$
# changes:

# %%
net.parameters["b1"][3] = 7.0
where = int(np.flatnonzero(net.theta == 7.0)[0])
print("theta changed at", where, "which is called", net.labels[where])
net.theta[:] = 0.0
print("and back: the largest weight is now", np.abs(net.parameters["W1"]).max())

# %% [markdown]
# **Break it.** Not every rearrangement is a view. Reading column by column from a
# memory that lies row by row makes a copy, and what you write to a copy is lost.

# %%
W1 = net.parameters["W1"]
for name, array in (("W1.ravel()", W1.ravel()), ("W1.T", W1.T), ("W1.T.ravel()", W1.T.ravel())):
    print(f"{name:13s} shares memory with theta:", np.shares_memory(array, net.theta))

# %% [markdown]
# ## What you have now
#
# * A layer is $h = aW + b$ and $a = f(h;\beta)$; a row is a sample.
# * Without gates, or with gates that are all noise, layers are one matrix.
# * Rows of $W$ that sum to one conserve the total; a variance of about
#   $1/\text{fan}_\text{in}$ over the share that the gate passes keeps the power.
# * ESP passes between a quarter and a half of the power: what is missing to the
#   half is the gate's own noise. Deep and noisy, it goes silent.
# * All parameters are one vector, and their names are views into it.
#
# **To think about.** The published networks start with $\beta$ near 0, so all
# gates are half open. Which matrix is the network then, and what must learning do
# first? And why can a sigmoid network lose its spread although no field is small?
