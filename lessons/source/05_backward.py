# %% [markdown]
# # 5. Backward by hand
#
# At the end of lesson 3 your rule for the weights made forty layers of ESP gates
# learn. Here are twenty layers of *sigmoid* gates, with weights by the same rule.
# The next cells build them, look at the fields, and let the library train them.

# %%
import inspect

import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train

# %%
WIDTH, LAYERS = 20, 20  # units per hidden layer; hidden layers
alive = lesson.mine("3.4")


def sigmoids(seed=1):
    """A deep network of sigmoid gates, its weights by the rule of 3.4."""
    sizes = [2] + LAYERS * [WIDTH] + [1]
    net = mf.mlp(sizes, "sigmoid", trainable_beta=False, seed=seed)
    rng, a = np.random.default_rng(seed), X
    for dense, gate in net.layers[:-1]:
        dense.W[:] = alive(rng.normal(size=dense.W.shape), a)
        a = gate.forward(dense.forward(a))
    return net


# %%
def trained(net):
    """The library trains it for 300 epochs; loss at each tenth epoch."""
    every = range(0, 301, 10)
    return mf.train(net, X, Y, 301, mf.Adam(0.002), record=every)


net = sigmoids()
for l in (1, 10, 20):
    size = np.sqrt((net.layers[l - 1].gate.h ** 2).mean())
    print(f"layer {l:2}: size of the fields {size:.2f}")
stuck = trained(net)
loss = stuck["loss"]
print(f"loss {loss[0]:.3f} at first, {loss[-1]:.3f} at the end")
ones = Y.mean()
constant = -ones * np.log(ones) - (1 - ones) * np.log(1 - ones)
print(f"the same answer for every sample: loss {constant:.3f}")

# %% [markdown]
# The fields have a size of about 1 in every layer, as they should. And yet the
# network **does not learn**: it ends with one answer for every sample. What is
# wrong?
#
# To see it you need the derivative of the loss with respect to every parameter,
# in every layer. In this lesson you compute all of them in one pass, from the
# output back to the input: for one gate, for one dense layer, for a whole network.
# Your own backward pass then trains a network. And at the end you make the twenty
# layers learn.
#
# You need: lessons 1 to 4 (ESP, the forward pass with its shapes, the residual)
# and the chain rule. About 75 minutes.

# %% [markdown]
# ## A name for everything
#
# Forward, a layer does two things: it mixes, $h = xW + b$, and its gates let
# through, $a = f(h;\beta)$. We give the gradient of the loss $L$ with respect to
# each thing the name of that thing with a **d** in front: `dW` is
# $\partial L/\partial W$, `dbeta` is $\partial L/\partial\beta$. $L$ is one
# number. So there is one derivative for each entry, and
#
# > **a gradient has the shape of what it belongs to.**
#
# This one rule finds most mistakes. In formulas two of the gradients have
# letters: $g$ is `da` (it arrives from the next layer) and $\delta$ is `dh` (the
# gate passes it back).

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(10, 2.5), layout="constrained")
boxes = {"dense 1": "dW1, db1", "gate 1": "dbeta1",
         "dense 2": "dW2, db2", "gate 2": "dbeta2", "loss": ""}  # fmt: skip
look = {"ha": "center", "va": "center", "fontsize": 11}
for n, (box, found) in enumerate(boxes.items()):
    frame = {"boxstyle": "round,pad=0.6", "fc": "#eeeeee"}
    ax.text(2 * n, 0, box, bbox=frame, **look)
    if found:
        way = {"arrowstyle": "<-", "color": "#D55E00"}
        ax.annotate(found, (2 * n, -0.35), (2 * n, -1.15), arrowprops=way,
                    color="#D55E00", **look)  # fmt: skip
for n, name in enumerate(("x", "h1", "a1", "h2", "o")):
    both = (0.16, name, "#0072B2"), (-0.16, "d" + name, "#D55E00")
    for z, word, colour in both:
        way = {"arrowstyle": "->" if z > 0 else "<-", "color": colour}
        ax.annotate("", (2 * n - 0.5, z), (2 * n - 1.4, z), arrowprops=way)
        ax.text(2 * n - 0.95, 2.4 * z, word, color=colour, **look)
ax.set(xlim=(-1.6, 8.6), ylim=(-1.4, 0.7))
ax.axis("off")
plt.show()

# %% [markdown]
# Blue is forward, orange is backward. Each box needs only what enters and leaves
# it, so you can derive them one by one. The same as a table, for $N$ samples,
# $D$ inputs, $H$ hidden units, $K$ outputs:
#
# | forward | shape | its gradient |
# |---|---|---|
# | `x` | (N, D) | `dx`, needed only if a layer comes before |
# | `W1`, `b1` | (D, H), (H,) | `dW1`, `db1` |
# | `h1 = x @ W1 + b1` | (N, H) | `dh1` |
# | `beta1` | (H,) | `dbeta1` |
# | `a1 = h1 * sigma(beta1 * h1)` | (N, H) | `da1` |
# | `W2`, `b2` | (H, K), (K,) | `dW2`, `db2` |
# | `h2 = a1 @ W2 + b2` | (N, K) | `dh2` |
# | `beta2` | (K,) | `dbeta2` |
# | `o = beta2 * h2` | (N, K) | `do` |
#
# Forward you read it downwards. Backward you read it upwards.

# %% [markdown]
# ## Back through a gate
#
# Take one sample $n$ and one unit $i$. Its field $h_{ni}$ reaches the loss by
# one way only, through its own $a_{ni}$. So the chain rule has one term. Which?
#
# $$\frac{\partial L}{\partial h_{ni}} = \frac{\partial L}{\partial a_{ni}}
#   \cdot \underline{\qquad}$$
#
# The blank is the gate's slope; we call it $f_h$. For ESP, $a = h\,p$ with
# $p = \sigma(u)$ and $u=\beta h$. Both factors depend on $h$. From lesson 2 you
# know $d\sigma/du = w = p(1-p)$. Differentiate on paper, then write it.
#
# **Exercise 5.1.** `dh` of an ESP gate.

# %% exercise="5.1"

# %% [markdown]
# ## Back to beta
#
# The $\beta_i$ of a unit is one number, and *all* $N$ samples use it. By how many
# ways does it reach the loss? What does the chain rule do with several ways? Is
# there a $1/N$? The gate's slope in $\beta$ is called $f_\beta$.
#
# **Exercise 5.2.** `dbeta` of an ESP gate. First say which shape it has.

# %% exercise="5.2"

# %% [markdown]
# ## Back through the mixing
#
# With indices, $h_{ni} = \sum_j x_{nj}W_{ji} + b_i$. Ask of each thing on the
# right: in which of the $h_{ni}$ does it occur, and with which factor? Fill in
# the blanks:
#
# * $W_{ji}$ occurs in $h_{ni}$ of every sample $n$, with the factor $x_{nj}$:
#   $\ \partial L/\partial W_{ji} = \sum_n x_{nj}\,\delta_{ni}$.
# * $b_i$ occurs in $h_{ni}$ of every ____, with the factor ____:
#   $\ \partial L/\partial b_i = \sum$ ____.
# * $x_{nj}$ occurs in $h_{ni}$ of every ____, with the factor ____:
#   $\ \partial L/\partial x_{nj} = \sum$ ____.
#
# A sum over an index that two factors share is a matrix product.
#
# **Exercise 5.3.** Write the three, without a loop.

# %% exercise="5.3"

# %% [markdown]
# ## One whole pass
#
# The output's gate only scales, $o = \beta_2 h_2$: what are its $f_h$ and its
# $f_\beta$? The loss acts on the logits $o$, and from lesson 4 the first gradient
# is the residual, $\partial L/\partial o = (\sigma(o) - y)/NK$. The rest are lines
# that you have just written.
#
# **Exercise 5.4.** The forward pass is given. Go back up the table, one line for
# each row, and call each gradient by its name there: `do`, `dh2`, `dbeta2`, and
# so on. If a name is missing, you have skipped a row. You may call `gate_dh`,
# `gate_dbeta` and `dense_backward`. Lessons 6, 7 and 9 will run what you write.

# %% exercise="5.4"

# %% [markdown]
# ## Is it the slope?
#
# `dW1[0, 3]` claims to be the slope of the loss in one weight. Test it: make that
# weight larger by $10^{-6}$. The loss should change by $10^{-6}$ times the slope.

# %%
backward = lesson.mine("5.4")
net = mf.mlp([2, 10, 1], "esp", trainable_beta=True, seed=1)
W1, b1, beta1, W2, b2, beta2 = net.parameters.values()
dW1 = backward(X, Y, W1, b1, beta1, W2, b2, beta2)[0]
before = net.loss(X, Y)
W1[0, 3] += 1e-6
print(f"predicted {1e-6 * dW1[0, 3]:.6e}")
print(f"measured  {net.loss(X, Y) - before:.6e}")

# %% [markdown]
# Take another entry, or another parameter. (Why do the last digits differ?
# Lesson 6.)
#
# ## Does it learn?
#
# If a slope is positive, the parameter should become smaller. So subtract from
# each parameter its gradient, and do it again and again. How far to go in one
# step is a question for lesson 7. Here one times the gradient will do.

# %%
net = mf.mlp([2, 10, 1], "esp", trainable_beta=True, seed=1)
for step in range(2001):
    if step % 400 == 0:
        loss, score = net.loss(X, Y), net.score(X, Y)
        print(f"step {step:4}: loss {loss:.3f}, right {score:.1%}")
    gradients = backward(X, Y, *net.parameters.values())
    for parameter, gradient in zip(net.parameters.values(), gradients):
        parameter -= gradient

# %% [markdown]
# This network learns from the backward pass alone. Lesson 7 will take the same
# function much further.
#
# ## Five lines
#
# Here is all that you have written, for layer $l$ of a network of any depth. The
# input of that layer is $a_{l-1}$, and $\odot$ means entry by entry:
#
# $$\boxed{\;\delta_l = g_l \odot f_h\;} \tag{5.1}$$
#
# $$\boxed{\;\partial L/\partial\beta_l = \textstyle\sum_n g_l \odot f_\beta\;}
#   \tag{5.2}$$
#
# $$\boxed{\;\partial L/\partial W_l = a_{l-1}^T\,\delta_l\;} \tag{5.3}$$
#
# $$\boxed{\;\partial L/\partial b_l = \textstyle\sum_n \delta_l\;} \tag{5.4}$$
#
# $$\boxed{\;g_{l-1} = \delta_l W_l^T\;} \tag{5.5}$$
#
# For ESP $f_h = p + u\,w$, and $f_\beta = h^2 w$ is the variance of the signal
# (lesson 2). A sum over the samples needs no further $1/N$: the loss is a mean,
# so $g$ contains it. And the transposes need not be learned by heart: only one
# order of the factors gives the shape of $W$, and only one that of $x$.
#
# The library's layers are these five lines, and its network is one loop, from the
# last layer to the first. (`_gather` puts what the layers have found into one
# vector, in the order of $\theta$; `quiet` switches off warnings of overflow; `l2`,
# weight decay, comes in lesson 14.)

# %%
library = mf.layers.Dense, mf.layers.Gate, mf.Network
for one in library:
    print(inspect.getsource(one.backward))

# %%
own = backward(X, Y, *net.parameters.values())
own = np.concatenate([gradient.ravel() for gradient in own])
theirs = net.gradient(X, Y, engine="numpy")  # these lines
print(f"largest entry      {np.abs(own).max():.1e}")
print(f"largest difference {np.abs(own - theirs).max():.1e}")

# %% [markdown]
# (Without `engine="numpy"` the library calls a compiled version of these lines:
# lesson 9.)
#
# ## A gate that is sure does not learn
#
# Back to the twenty layers. Each gate multiplies the gradient by its slope. For a
# *sigmoid* gate, $a = p$, the slope is $f_h = \beta w = \beta p(1-p)$.
#
# What is $p(1-p)$? Ask the gate's state $s$. It is 0 or 1, so $s^2 = s$, and both
# have the mean $p$. On paper, before you run the figure:
#
# $$\mathrm{Var}(s) = \langle s^2\rangle - \langle s\rangle^2 =
#   \underline{\qquad}, \qquad f_h = \underline{\qquad}.$$

# %% tags=["hide-input"]
layout = {"figsize": (10, 3), "sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(1, 3, **layout)
h = np.linspace(-5, 5, 501)
for ax, beta in zip(axes, (0.5, 1, 2)):
    for name in ("sigmoid", "tanh", "relu", "esp"):
        slope = getattr(mf.activations, name).derivatives(h, beta).h
        line, colour = mf.plots.LINES[name], mf.plots.COLOURS[name]
        ax.plot(h, slope, line, color=colour, label=mf.plots.NAMES[name])
    ax.axhline(0, color="#999999", linewidth=0.8, zorder=0)
    ax.set(title=f"β = {beta:.3g}", xlabel="field h", ylim=(-0.25, 2.1))
axes[0].set_ylabel("slope $f_h$")
axes[0].legend(frameon=False, fontsize=9)
plt.show()

# %% [markdown]
# $$f_h = \beta\,\mathrm{Var}(s)$$
#
# A sigmoid gate lets the gradient through in proportion to its own
# **fluctuation** (arXiv:1805.08786 calls it the phase-space factor). A gate that
# is sure, with $p$ near 0 or 1, does not fluctuate, and so **it does not learn**,
# however wrong it is.
#
# So it is with tanh. ReLU and ESP keep slope 1 where the gate is open. (For
# negative fields ESP's slope is a little below zero: question 3 at the end.) At $h=0$ the
# slopes are $\beta/4$ (sigmoid), $\beta$ (tanh) and, for every $\beta$, $1/2$
# (ESP).
#
# But the gates of the twenty layers are *not* sure: their fields are about 1. Even
# so, $\beta=1$ gives them a slope of at most $1/4$. What do twenty such gates do to
# a gradient, and what do the weights between them do?

# %% [markdown]
# ## The factor of one layer
#
# Put (5.5) and (5.1) together. With $H$ units in every layer,
#
# $$\delta_{l-1,\,nj} = f_{h,\,nj}\sum_{i=1}^{H} \delta_{l,\,ni}\, W_{ji}.$$
#
# From layer $l$ back to $l-1$, by which factor does the typical size of $\delta$
# change? ($f_h$ belongs to the layer $l-1$, $W$ to the layer $l$.) "Typical
# size" shall mean the root of the mean square. The weights are fresh random
# numbers of mean 0 and standard deviation `std`, so the $H$ terms of the sum have
# random signs. Two facts from probability:
#
# * the mean square of a sum of independent terms of mean 0 is the sum of their
#   mean squares;
# * the mean square of a product of independent factors is the product of their
#   mean squares.
#
# On paper: the mean square of one term is ____; of the sum, ____; and of
# $\delta_{l-1}$, ____.
#
# **Exercise 5.5.** Write the factor by which the typical size of $\delta$ changes
# from one layer to the layer before it.

# %% exercise="5.5"

# %% [markdown]
# Twenty layers multiply 19 such factors between the last hidden layer and the
# first. Take **sigmoid** gates at $\beta=1$, whose slope is at most $1/4$, and
# Xavier's weights (lesson 3), `std` $=1/\sqrt H$.
#
# **Prediction 5.6.** The typical $\delta$ of the first layer is $10^k$ times that
# of the last. Which $k$? You may call your own function in place of the dots.

# %% predict="5.6"

# %% [markdown]
# **Prediction 5.7.** All four activations, at $\beta=1$ and with Xavier's weights.
# Put the four in the order of the size of $\delta$ in the first layer, the smallest
# first.

# %% predict="5.7"


# %% tags=["hide-input"]
def delta_powers(name, seeds=5):
    """log10 of the size of dh in each hidden layer; the last one's is 0."""
    powers = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        shape = [WIDTH] * (LAYERS + 1) + [1]
        net = mf.mlp(shape, name, "linear", trainable_beta=False, seed=seed)
        net.forward(rng.normal(size=(200, WIDTH)))
        net.backward(rng.normal(size=(200, 1)))  # some da at the top
        squares = [(dense.dh**2).mean() for dense, _ in net.layers[:-1]]
        powers.append(0.5 * np.log10(squares / squares[-1]))
    return np.mean(powers, axis=0)


# %% tags=["hide-input"]
names = ("sigmoid", "tanh", "relu", "esp")
powers = {name: delta_powers(name) for name in names}
fig, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for name in names:
    look = {"color": mf.plots.COLOURS[name], "label": mf.plots.NAMES[name]}
    marker, layer = mf.plots.MARKERS[name], range(1, LAYERS + 1)
    ax.plot(layer, powers[name], marker, markersize=5, **look)
ax.set(xlabel="hidden layer l", xticks=range(2, 21, 3))
ax.set_ylabel(r"$\log_{10}$ of the size of $\delta_l$")
ax.set_title("as a share of the last layer's", fontsize=11)
ax.legend(frameon=False)
plt.show()

# %%
for name in names:
    print(f"{name:8} first layer: 10^{powers[name][0]:.1f} of the last")
lesson.reveal("5.6", powers["sigmoid"][0])

# %%
lesson.reveal("5.7", sorted(names, key=lambda name: powers[name][0]))

# %% [markdown]
# Nearly straight lines: a constant factor per layer,
#
# $$\boxed{\;\text{factor} = \texttt{std}\cdot\sqrt H\cdot
#   \sqrt{\langle f_h^2\rangle}\;}$$
#
# ESP's gradient vanishes faster here than those of tanh and ReLU: with Xavier's
# weights its fields shrink (lesson 3), and small fields have the slope $1/2$. So
# whoever says "ESP does not vanish" has to say with which weights.
#
# By your rule of lesson 3, `std` is about $1.65/\sqrt H$ for ESP at $\beta=1$, with
# fields of size 1. The root-mean-square slope there is about 0.6, so the factor is
# about 1: *the rule that keeps the signal keeps the gradient, too*. That is why your
# forty layers learned.
#
# For sigmoids it is not so. Multiply your factors for the network at the top of
# this page, and compare with its gradient:

# %%
layer_factor = lesson.mine("5.5")


def say_factor(net):
    """Your factors multiplied, and what became of the gradient."""
    net.backward(net.loss_function.gradient(net.forward(X), Y))
    product = 1.0
    for (_, gate), (dense, _) in zip(net.layers[:19], net.layers[1:20]):
        product *= layer_factor(dense.W.std(), gate.f_h)
    first, last = net.layers[0].dense.dh, net.layers[19].dense.dh
    share = np.sqrt((first**2).mean() / (last**2).mean())
    print(f"your factors {product:.0e}, measured {share:.0e}")


say_factor(sigmoids())

# %% [markdown]
# So this answers the question of the beginning: **next to nothing of the gradient
# arrives at the first layer**. And why are the fields of size 1 all the same? A
# sigmoid sends about $1/2$ for every small field. So each field of the next layer is
# about $\frac12\sum_j W_{ji}$: large, but the same for every sample.
#
# (The two facts hold on average: over 19 layers of 20 units, a factor of four is
# little.)
#
# ## Twenty layers that learn
#
# You know the factor, so you can choose it. While the fields are small, the slope
# is $1/4$: which `std` makes the factor 1?
#
# But will the fields be small? Each gate of the layer before sends about $1/2$, so
# the field of unit $i$ is about $\frac12\sum_j W_{ji}$, the same for every sample.
# How large is that, with your `std`? Which $b_i$ takes it off?
#
# **Exercise 5.8.** The weights and biases of a layer that lets the gradient
# through.

# %% exercise="5.8"

# %%
free_layer = lesson.mine("5.8")
net, rng = sigmoids(), np.random.default_rng(1)
for dense, _ in net.layers[1:-1]:
    dense.W[:], dense.b[:] = free_layer(rng.normal(size=dense.W.shape))
say_factor(net)
freed = trained(net)
loss = freed["loss"]
print(f"loss {loss[0]:.3f} at first, {loss[-1]:.3f} at the end")

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6.4, 3), layout="constrained")
green = mf.plots.COLOURS["sigmoid"]
ax.plot(stuck["epoch"], stuck["loss"], "k--", label="rule of lesson 3")
ax.plot(freed["epoch"], freed["loss"], color=green, label="your layers")
ax.set(xlabel="epoch", ylabel="loss (nats)")
ax.set_title("twenty layers of sigmoids")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# **They learn.** Without its mean of $\frac12$ a sigmoid is
# $\sigma(u)-\frac12 = \frac12\tanh(u/2)$: you have turned sigmoids into tanh. The
# weights of tanh are then $W/4$, whose standard deviation is Xavier's. (The fields are
# not quite small, so some of the gradient is lost at the start, but a large part
# arrives. Very deep networks are built with more than good weights.)

# %% [markdown]
# ## What you have now
#
# * Every intermediate of the forward pass has a gradient of the same shape, named
#   d and its name.
# * A gate multiplies by $f_h$; $\beta$ collects $g f_\beta$ over the samples; a
#   dense layer is three lines, (5.3) to (5.5). That is all of backpropagation,
#   and your own has trained a network.
# * A sigmoid's slope is $\beta\,\mathrm{Var}(s)$: a gate that is sure does not
#   learn.
# * From layer to layer a gradient is multiplied by `std` $\sqrt H$ times the
#   root-mean-square slope. Choose it to be 1.
#
# > **Where this stands.** Computing all derivatives in one pass backwards is the
# > reverse mode of automatic differentiation (Linnainmaa 1970); Rumelhart, Hinton
# > and Williams (1986) showed that it makes hidden units learn. That gradients
# > vanish or explode as a power of the depth is in Hochreiter's thesis (1991) and
# > in Bengio, Simard and Frasconi (1994). Glorot and Bengio (2010) chose the
# > weights' variance so that both passes keep their size, for slopes near 1;
# > Schoenholz and others (2017, arXiv:1611.01232) have your factor as the border
# > between ordered and chaotic networks.

# %% [markdown]
# **To think about**
#
# 1. There is no factor $w$ in $\partial L/\partial o$, although the prediction is
#    a sigmoid. Where did it go? What would happen to a sure, wrong output under
#    squared error on the *probability*?
#
# <details><summary>Answer</summary>
#
# With respect to the probability $p$, the cross-entropy has the gradient
# $(p-y)/(p(1-p))$, and the sigmoid multiplies it by $w = p(1-p)$: the two cancel.
# Squared error has the gradient $p-y$, so the factor $w$ stays. A sure, wrong
# output then has a gradient near zero: it does not learn.
#
# </details>
#
# 2. You have made the *gradient* keep its size. What does your `std` do to the
#    spread of the signal on the way up, while the fields are small?
#
# <details><summary>Answer</summary>
#
# A small difference between two samples passes a sigmoid with slope $1/4$, and the
# layer multiplies it by `std` $\sqrt H/4 = 1$: the same factor, because all layers
# have the same $H$. With different widths the forward factor has the number of
# inputs, the backward factor that of outputs; Xavier's rule takes the mean of both.
#
# </details>
#
# 3. An ESP unit with $\beta=1$ has the field $h=-3$, and the loss would fall if its
#    output *rose*: `da` $<0$. Which way does a small step $h\leftarrow h-\eta\,\delta$
#    go? And ReLU's?
#
# <details><summary>Answer</summary>
#
# Down. With $p = w(1+e^u)$ the slope is $f_h = p + uw = w\,(1+u+e^u)$, negative for
# $u<-1.278$. So $\delta>0$: the output rises towards 0, but the gate does not open.
# This is called *unlearning*. In the network that you trained nearly a quarter of
# all (sample, unit) pairs are there. ReLU has slope 0 and does not move at all.
#
# </details>
