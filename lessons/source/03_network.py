# %% [markdown]
# # 3. From one unit to a network
#
# Build forty layers of the unit of lesson 2. Take weights by a well-known rule
# (Xavier's). Put in four different samples, and look at what comes out: the next
# two cells do it.
#
# In this lesson you write the network yourself, find out what went wrong, and
# write the weights that mend it. At the end your forty layers learn.
#
# You need: lesson 2 (ESP, ReLU, $\beta$), matrix products, mean and variance.
# About 70 minutes, and 25 more for the two starred parts.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %%
x = np.random.default_rng(2).normal(size=(4, 10))
deep = mf.mlp([10] + [100] * 40 + [1], hidden="esp", init="xavier", seed=1)
print("what the last unit says:", deep.logits(x).ravel())

# %% [markdown]
# Four samples, four times nothing: the numbers are 0 to twelve digits. The network
# is dead before its training begins. There was no error and no warning.
#
# ## A layer, and its shapes
#
# Before we can find the fault we need the parts. A layer has $D$ inputs and $H$
# units. Unit $i$ receives the share $W_{ji}$ of input $j$, and a bias $b_i$ of its
# own. We send $N$ samples at once, **one row per sample**:
#
# $$h_{ni} = \sum_j x_{nj} W_{ji} + b_i .$$
#
# | | shape | |
# |---|---|---|
# | $x$ | (N, D) | one row per sample, one column per input |
# | $W$ | (D, H) | one row per input, one column per unit |
# | $b$, $\beta$ | (H,) | one number per unit |
# | $h$, $a$ | (N, H) | one row per sample, one column per unit |
#
# (Appendix A, the notebook `A_notation`, has all letters and shapes.)
#
# **Exercise 3.1.** Write this sum for all samples and all units at once, without
# a loop.

# %% exercise="3.1"

# %% [markdown]
# The sum over $j$ is a matrix product. What arrives at layer $l$ is what layer
# $l-1$ sends, $a_{l-1}$, and $a_0 = x$:
#
# $$h_l = a_{l-1} W_l + b_l. \tag{3.1}$$
#
# (The paper writes the transpose of $W$. Nothing else changes.)
#
# With 3 inputs and 4 units, NumPy refuses `W.T` in the place of `W`. With 4 and 4 it
# does not, and nobody tells you that the answer is wrong. So no exercise here has a
# square matrix. Try your own code on sizes that are all different.
#
# ## Layers in a row
#
# Here is a network of three layers. The inputs are no layer: nothing is computed
# there.

# %% tags=["hide-input"]
put = [(2.4 * c, (n - 1) / 2 - k) for c, n in enumerate((3, 5, 4, 2))
       for k in range(n)]  # fmt: skip
fig, ax = plt.subplots(figsize=(7.6, 3.7), layout="constrained")
for x0, y0 in put:
    for x1, y1 in put:
        if 2 < x1 - x0 < 3:
            ax.plot([x0, x1], [y0, y1], color="0.75", lw=0.8, zorder=1)
    c = round(x0 / 2.4)
    colour = "white" if c == 0 else "#F6C9A8" if c < 3 else "0.85"
    ax.scatter(x0, y0, s=420, color=colour, edgecolor="0.2", zorder=2)
    name = "x" if c == 0 else "ESP" if c < 3 else "o"
    ax.text(x0, y0, name, ha="center", va="center", fontsize=8, zorder=3)
heads = ["3 inputs\n$a_0 = x$", "5 units\n$h_1, a_1$"]
heads += ["4 units\n$h_2, a_2$", "2 outputs\n$o = \\beta_3 h_3$"]
for c, head in enumerate(heads):
    ax.text(2.4 * c, 2.55, head, ha="center", va="bottom", fontsize=9)
    ax.text(2.4 * c - 1.2, -2.75, f"$W_{c}$" if c else "", ha="center")
ax.set(xlim=(-0.6, 7.8), ylim=(-3, 3.6))
ax.axis("off")
plt.show()

# %% [markdown]
# A hidden unit is ESP: it has the field $h$ and sends $h\,\sigma(\beta h)$. The
# last layer is the exception from lesson 2: its answer is to be a probability,
# $\sigma(\beta h)$. We stop just before that sigmoid, at the **logit**
# $o = \beta_L h_L$, where $L$ is the number of layers. Lesson 4 will say why.
#
# **Exercise 3.2.** Write the whole forward pass, for any number of layers (the
# check tries networks of two, three and four).

# %% exercise="3.2"

# %% [markdown]
# In short, with $f_l$ for what a unit makes of its field:
#
# $$a_l = f_l(h_l; \beta_l). \tag{3.2}$$
#
# The library keeps a network as a list of pairs: a `dense` with $W$ and $b$, and a
# `gate` with $\beta$. A `dense` keeps what arrived at it, as `dense.x`. Take the
# network of the figure, and seven samples. **Write down the shapes** of
# $W_1, W_2, W_3$ and of $a_0, a_1, a_2$ and $o$ before you run the cell.

# %%
forward = lesson.mine("3.2")
net = mf.mlp([3, 5, 4, 2], hidden="esp", seed=1)
layers = [(dense.W, dense.b, gate.beta) for dense, gate in net.layers]
seven = np.random.default_rng(2).normal(size=(7, 3))
o, library = forward(seven, layers), net.forward(seven)
print("W:", *(dense.W.shape for dense, gate in net.layers))
print("a:", *(dense.x.shape for dense, gate in net.layers), " o:", o.shape)
print("yours - the library's:", np.abs(o - library).max())

# %% [markdown]
# **Break it.** What are the gates good for? Make them useless and see. With every
# hidden $\beta$ at 0, each gate is open half of the time, whatever its field is,
# and it sends $a = h/2$. Then three layers are no more than one matrix:

# %%
*hidden, last = layers
hot = [(W, b, 0 * beta) for W, b, beta in hidden] + [last]
W1, W2, W3 = (W for W, b, beta in layers)
one_matrix = W1 @ W2 @ W3 / 4  # the biases are still 0, beta_3 is 1
gap = np.abs(forward(seven, hot) - seven @ one_matrix).max()
print("three layers - one matrix:", gap)

# %% [markdown]
# ## Who killed the signal?
#
# Back to the forty dead layers. There are two suspects: the weights, and the
# gates. Let us call the root of the mean square of all fields in a layer their
# **size**. The inputs have size 1.
#
# An experiment can decide: keep the forty matrices, take the gates away
# ($a = h$), and look at the size at layer 40.
#
# **Prediction 3.3.** Is it below 1e-9 (`"dead"`), between 0.01 and 100
# (`"alive"`), or above 1e9 (`"exploded"`)?

# %% predict="3.3"

# %%
a = x
for dense, _ in deep.layers[:40]:
    a = a @ dense.W
size = np.sqrt(np.mean(a**2))
state = "dead" if size < 1e-9 else "exploded" if size > 1e9 else "alive"
print(f"without gates, the size at layer 40 is {size:.2f}: {state}")
lesson.reveal("3.3", state)

# %% [markdown]
# ## What a layer does to the size
#
# So Xavier's weights alone would keep the signal, and the gates took it. (Why 0.23
# and not 1? You will see.) To repair that, we need to know how the size depends on
# the weights.
#
# Let the weights be random and independent of each other and of what arrives,
# with mean 0 and variance $v$. Take one sample, with $a_j$ arriving, and one unit
# with $b = 0$. Its field is $h = \sum_j a_j W_j$, and
#
# $$h^2 = \sum_j\sum_k a_j a_k\, W_j W_k .$$
#
# Average over all possible draws of the weights, $\langle\dots\rangle$. On paper:
#
# 1. What is $\langle W_j W_k\rangle$ for $j = k$, and what is it for $j\ne k$?
# 2. Which terms of the double sum are left? How many are they?
# 3. Take the mean over the samples too. It turns each $a_j^2$ into a mean square.
#
# Call a mean square a **power**; a power is the square of a size.

# %% [markdown]
# **Exercise 3.4, the cure.** Given are raw numbers $R$ (D, H), independent, with
# mean 0 and variance 1, and what arrives at a layer, $a$ (N, D). Return weights
# that are $R$ times *one* positive number, which you find from $a$ alone. On average over
# all draws of $R$, the power of the fields is to be 1, whatever arrives.

# %% exercise="3.4"

# %% [markdown]
# For each input $j$ one term is left, $a_j^2\,v$, since $\langle W_jW_k\rangle = 0$
# for $j\ne k$. There are as many as inputs to the unit, $D$; this number is also
# called $\text{fan}_\text{in}$. With a bar for the mean over samples and units,
#
# $$\langle h^2\rangle = \text{fan}_\text{in}\; v\; \overline{a^2}, \qquad
#   \text{so your rule is}\qquad v = \frac{1}{\text{fan}_\text{in}\;\overline{a^2}}.$$
#
# Two famous rules are special cases. **No gate**: the fields below have power 1,
# and so has $a$. Then $v = 1/\text{fan}_\text{in}$. The gradient travels the other
# way (lesson 5) and wants $v = 1/\text{fan}_\text{out}$, the number of units.
# **Xavier** takes a middle, $v = 2/(\text{fan}_\text{in}+\text{fan}_\text{out})$.
# (A number drawn uniformly between $\pm c$ has variance $c^2/3$.)
#
# $$W_{ji} \sim U\!\left(\pm\sqrt{6/(\text{fan}_\text{in}+\text{fan}_\text{out})}
#   \right) \quad\text{(Xavier)}. \tag{3.4}$$
#
# (It keeps the size where $\text{fan}_\text{in} = \text{fan}_\text{out}$. The first of
# the forty matrices has 10 inputs and 100 units, so there
# $\text{fan}_\text{in}\,v = 20/110$, and the size falls to 0.43 at once. That is most
# of the 0.23; the rest is chance.)
#
# **ReLU** is the second case. Its fields are as often positive as negative. What
# does your rule say then? Do it before you open the answer.
#
# <details><summary>Answer</summary>
#
# ReLU sends 0 for one half of the fields, and the field itself for the other
# half. So half of the power passes, $\overline{a^2} = \frac12$, and $v$ must be
# twice as large:
#
# $$W_{ji} \sim N(0,\ 2/\text{fan}_\text{in}) \quad\text{(He)}. \tag{3.5}$$
#
# </details>

# %% [markdown]
# ## What ESP lets through
#
# **On paper again**: which share of the power does ESP let through when its
# fields are very small? And by which factor does the *size* then fall per layer,
# with $v = 1/\text{fan}_\text{in}$? Compare with the numbers at the top of this
# page.
#
# <details><summary>Answer</summary>
#
# For a small field the gate is open half of the time, so $a \approx h/2$, and a
# quarter of the power passes. The size falls by 2 per layer. In forty layers that
# is $2^{-40} \approx 10^{-12}$, which is what killed the signal. To keep the size,
# $v$ should be $4/\text{fan}_\text{in}$.
#
# </details>
#
# And in between? ESP sends $a = hp$, and the gate's variance is $w = p - p^2$
# (lesson 2). Let $h$ and $-h$ be equally frequent. Write $a^2$ with $p$ and $w$,
# without $p^2$. What is the mean of $p$ at $h$ and at $-h$?
#
# <details><summary>Answer</summary>
#
# $a^2 = h^2 p - h^2 w$. Both fields have the same $h^2$, and their $p$, which are
# $\sigma(\beta h)$ and $1-\sigma(\beta h)$, average to one half:
#
# $$\overline{a^2} = \tfrac12\,\overline{h^2} - \overline{h^2 w}.$$
#
# </details>
#
# Here is what passes; the dots are your formula:

# %% tags=["hide-input"]
half = np.abs(np.random.default_rng(6).normal(size=5_000))
both = np.concatenate([half, -half])  # both signs equally often
power = np.mean(both**2)
sizes = np.logspace(-2, 2, 41)
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for name in ("tanh", "esp", "relu"):
    f = mf.activations.ACTIVATIONS[name]
    share = [np.mean(f(c * both, 1) ** 2) / (c**2 * power) for c in sizes]
    look = {"color": mf.plots.COLOURS[name], "ls": mf.plots.LINES[name]}
    ax.semilogx(sizes, share, label=mf.plots.NAMES[name], lw=2, **look)
esp = mf.activations.esp.derivatives
noise = [np.mean(esp(c * both, 1).beta) for c in sizes]  # h^2 w
dots = 0.5 - np.array(noise) / (sizes**2 * power)
ax.plot(sizes[::4], dots[::4], "o", color="0.15", ms=4, label="1/2 − noise")
ax.set(xlabel="size of the field h, at β = 1", ylim=(-0.03, 1.05),
       ylabel="share of the power that passes")  # fmt: skip
ax.legend()
plt.show()

# %% [markdown]
# ESP lets a quarter of the power through where fields are small, and half where they
# are large. What is missing to ReLU's half is $h^2w$, the variance of the signal:
# **noise costs power.** And tanh lets all of it through where fields are small.
# The sigmoid is left out: it sends about $1/2$ for every small field. That is power,
# but it says nothing about the input. So we need a second number. The **spread** is
# how much a unit's field differs *between samples* (its standard deviation over the
# rows). If it is 0, the network says the same to everything.
#
# ## Forty layers alive
#
# Now let the rules compete. Your function sees what arrives at each layer, so it
# sets the size right again at each layer, whatever the gate has taken.

# %%
alive = lesson.mine("3.4")


def through_depth(name, rule, beta=1.0, depth=40, width=100, seed=0):
    """Size and spread of the fields at every layer: two lists."""
    rng = np.random.default_rng(seed)
    a, size, spread = rng.normal(size=(50, width)), [], []
    for _ in range(depth):
        if rule == "yours":
            W = alive(rng.normal(size=(width, width)), a)
        else:
            W = mf.initialise.INITIALISERS[rule](rng, width, width)
        h = a @ W
        size.append(np.sqrt(np.mean(h**2)))
        spread.append(np.sqrt(np.mean(h.var(axis=0))))
        a = mf.activations.ACTIVATIONS[name](h, beta)
    return size, spread


# %% tags=["hide-input"]
def draw_depth(axes, rule, beta=1.0):
    """Size on the first axes, spread on the second, against depth."""
    layer, plots = range(1, 41), mf.plots
    for name in ("sigmoid", "tanh", "relu", "esp"):
        look = {"color": plots.COLOURS[name], "ls": plots.LINES[name]}
        look["label"] = plots.NAMES[name]
        for ax, values in zip(axes, through_depth(name, rule, beta)):
            ax.semilogy(layer, values, lw=2, **look)
    axes[0].set(title=f"{rule}, β = {beta:g}", ylim=(1e-16, 1e2))
    axes[1].set(xlabel="layer", ylim=(1e-16, 1e2))


shared = {"sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(2, 3, figsize=(9, 5), **shared)
for column, rule in zip(axes.T, ("xavier", "he", "yours")):
    draw_depth(column, rule)
axes[0, 0].set_ylabel("size of the field h")
axes[1, 0].set_ylabel("spread between samples")
axes[0, 0].legend()
plt.show()

# %% [markdown]
# * **ESP** (solid) shrinks with Xavier, and half as fast with He: He doubles the
#   power at each layer, but the gate lets little more than a quarter of it through.
#   With your weights it keeps its size (you set it to one: all four lines are one
#   there) *and* its spread.
# * **ReLU** needs He, and your rule finds He by itself. Its spread falls to about
#   a quarter of its size: the samples become more alike.
# * **tanh** loses a factor of ten in forty layers with Xavier, and ever more slowly:
#   the smaller the field, the less it takes. He's weights and yours are larger, and with
#   them tanh keeps its size.
# * **Sigmoid.** The size falls to about 0.5 with Xavier and 0.7 with He, and stays
#   there; with yours it is 1. But the spread falls fastest of all, with every rule.
#   Size is not signal. (Where its line turns flat, below 1e-15, the samples differ
#   by rounding only.)
#
# Which variance has your rule found? Here is $v\cdot\text{fan}_\text{in}$ for fields
# of size 1. With much noise (small $\beta$) ESP needs 4, with hardly any ReLU's 2:

# %%
for beta in (0.01, 1, 100):
    arrives = mf.activations.esp(both / np.std(both), beta)[:, None]
    found = alive(np.ones((1, 1)), arrives).item() ** 2  # fan_in is 1
    print(f"β = {beta:5g}: v fan_in = {found:.2f}")

# %% [markdown]
# With a running kernel, change the noise. (The cell is folded.)

# %% tags=["hide-input"]
from ipywidgets import FloatLogSlider, interact


@interact(beta=FloatLogSlider(value=1, min=-2, max=3, description="β"),
          rule=["yours", "xavier", "he"])  # fmt: skip
def competition(beta, rule):
    fig, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
    draw_depth(axes, rule, beta)
    axes[0].set(xlabel="layer", ylabel="size of the field h")
    axes[1].set(ylabel="spread between samples")
    axes[0].legend()
    plt.show()


# %% [markdown]
# ## Forty layers learn
#
# They are alive; will they learn? Take three networks with 40 hidden ESP layers of
# 20 units, and two half moons that are to be told apart. One starts with Xavier's
# weights, one with He's, one with yours. All are trained by the library's Adam
# (lesson 7), 200 times over all samples.


# %%
def fill(net, x, seed=1):
    """Give a network your weights, layer by layer."""
    rng, a = np.random.default_rng(seed), x
    for dense, gate in net.layers:
        dense.W[:] = alive(rng.normal(size=dense.W.shape), a)
        a = gate.activation(a @ dense.W + dense.b, gate.beta)


moons = mf.datasets.moons()
points, trained, scores = (moons.X_train, moons.Y_train), {}, {}
for rule in ("xavier", "he", "yours"):
    init = "he" if rule == "he" else "xavier"
    net = mf.mlp([2] + [20] * 40 + [1], hidden="esp", init=init, seed=1)
    if rule == "yours":
        fill(net, moons.X_train)
    size = np.sqrt(np.mean(net.logits(moons.X_train) ** 2))
    print(f"{rule}: at the start the logits have the size {size:.0e}")
    history = mf.train(net, *points, 200, mf.optimise.Adam(1e-3))
    scores[rule] = history["epoch"], history["train_score"]
    trained[f"{rule}: {history['train_score'][-1]:.0%} right"] = net

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 4, figsize=(12, 2.8), layout="constrained")
for (rule, (epoch, score)), line in zip(scores.items(), (":", "--", "-")):
    colour = mf.plots.COLOURS["esp"]
    axes[3].plot(epoch, score, line, color=colour, label=rule)
axes[3].set(xlabel="epoch", ylabel="share that is right", ylim=(0.4, 1.02))
axes[3].legend(loc="center right")
for ax, (title, net) in zip(axes, trained.items()):
    mf.plots.decision_boundary(net, *points, ax, colorbar=False)
    ax.set_title(title)
plt.show()

# %% [markdown]
# Only the weights at the start differ. He's signal has shrunk to about 1e-7, but
# Adam can still bring it back; Xavier's it cannot. (Adam's steps do not shrink with
# the gradient, as long as that is above about 1e-8.) So dead is a matter of degree:
# on the right, He's network stands still at first, and yours learns at once. (In the
# end He's border is smoother than yours. Forty layers are many for two moons.)
#
# ## ★ One long vector
#
# This part can wait: lesson 6 is the first to need the vector, and lesson 7 takes your
# code. What trains a network does not care what is a weight and what a bias. It wants
# *one* vector $\theta$ of all $P$ parameters, layer by layer:
# $W_1, b_1, \beta_1, W_2, b_2, \beta_2, \dots$, each $W$ row by row.
#
# Count on paper: 2 inputs, 10 hidden units, 1 output, and one trained $\beta$ for
# every unit, the output's too. What is $P$?

# %%
small = mf.mlp([2, 10, 1], hidden="esp", seed=0)
counts = (v.size for v in small.parameters.values())
print("P =", small.n_parameters, "=", " + ".join(map(str, counts)))
print(small.labels[:3], "...", small.labels[18:23], "...")

# %% [markdown]
# **Exercise 3.5.** Take $\theta$ apart again, for one hidden layer of $H$ units.
# (`np.split(theta, [3, 5])` gives three parts: `theta[:3]`, `theta[3:5]` and
# `theta[5:]`. So it takes places, not sizes.)

# %% exercise="3.5"

# %% [markdown]
# `np.split` and `reshape` do not copy. They give **views**: other names for the
# same memory. `net.parameters` holds such views, so what you write to one of them
# is written to $\theta$:

# %%
small.parameters["b1"][3] = 7.0
place = int(np.flatnonzero(small.theta == 7.0)[0])
print("theta changed at", place, "which is called", small.labels[place])

# %% [markdown]
# ## ★ A climb: weights that share out
#
# This part can be skipped. The paper has a rule of its own. A signal is not made
# in the wires: what leaves an input should be shared out among the units that
# receive it, so that in each sample the *total* of the fields (without $b$) is
# the total that came in:
#
# $$\sum_i h_i = \sum_i\sum_j x_j W_{ji} = \sum_j x_j,
#   \quad\text{whatever the } x_j \text{ are.}$$
#
# Which condition on $W$ follows? (Try an $x$ that is 1 at one input and 0 at all
# others.)
#
# **Exercise 3.6.** You are given positive numbers $V$ (D, H). Make them weights
# that obey your condition: input $j$ is shared out in the proportions of row $j$
# of $V$.

# %% exercise="3.6"

# %% [markdown]
# $$\sum_i W_{ji} = 1 \quad\text{(conserving: each input } j
#   \text{ is shared out)}. \tag{3.3}$$
#
# (The authors' plain-Python code divides by the sums of the *columns* instead.
# Then each field is a mean of the inputs, and nothing is conserved.) Is the rule
# good for depth? One conserving layer of 50 units, with positive inputs:

# %%
rng = np.random.default_rng(4)
arrives = rng.uniform(size=(3, 50))
h = arrives @ lesson.mine("3.6")(rng.uniform(size=(50, 50)))
print("totals in: ", arrives.sum(axis=1))
print("totals out:", h.sum(axis=1))
for what, values in (("inputs", arrives), ("fields", h)):
    share = values.std(axis=1).mean() / values.mean()
    print(f"the {what} of a sample differ by {share:.0%} of their mean")

# %% [markdown]
# The total is conserved, and there is a price: shares of many inputs average out,
# and the units become alike. What *differs* is what a network can use.
#
# ## What you have now
#
# * A layer is $h = aW + b$ and $a = f(h;\beta)$; a row is a sample.
# * Without gates, or with gates that are all noise, layers are one matrix.
# * $\langle h^2\rangle = \text{fan}_\text{in}\,v\,\overline{a^2}$. Xavier, He, and
#   your rule all follow from it.
# * ESP lets between a quarter and a half of the power through; what is missing to
#   the half is the gate's own noise.
# * ★ All parameters are one vector, and their names are views into it.

# %% [markdown]
# **Where this stands.** Xavier is X. Glorot and Y. Bengio (2010); He is K. He and
# others ([arXiv:1502.01852](https://arxiv.org/abs/1502.01852)). To measure what
# arrives and set the weights by it, layer after layer, is the idea of LSUV: D.
# Mishkin and J. Matas ([arXiv:1511.06422](https://arxiv.org/abs/1511.06422)); they
# measure the fields themselves and start from orthogonal matrices. How size and
# spread travel through random layers is a theory of its own: B. Poole and others
# ([arXiv:1606.05340](https://arxiv.org/abs/1606.05340)), and for smooth functions
# such as ESP (Swish) against ReLU, S. Hayou and others
# ([arXiv:1902.06853](https://arxiv.org/abs/1902.06853)): ESP keeps samples apart
# for longer than ReLU, as your figure shows. Today most deep networks normalise
# inside each layer or add shortcuts around layers, and depend less on the weights
# at the start.
#
# **To think about.**
#
# 1. The published networks start with $\beta$ near 0. Which function of $x$ is
#    such a network, and what must learning do first?
# 2. Why can a sigmoid network lose its spread although no field is small?
# 3. One could choose $v\cdot\text{fan}_\text{in}$ for ESP once and for all. For
#    $\beta=1$ and size 1 that is the number you saw above. Why is it safer to
#    measure at each layer?
#
# <details><summary>Answers</summary>
#
# 1. All gates are half open, so it is one matrix, the product of all weights over
#    $2^{\text{hidden layers}}$. Learning must first make $|\beta|$ larger, so that
#    the gates begin to decide (lesson 8).
# 2. Its slope is at most $\beta/4$. With $\beta=1$ and such weights, a difference
#    between two samples is made smaller at each layer, while the mean of about
#    $1/2$ is sent on in full.
# 3. What ESP lets through grows with the size. If a field comes out a little too
#    small, less of it passes, and the next one is smaller still; if too large,
#    the other way. A fixed number leaves this alone, measuring corrects it.
#
# </details>
