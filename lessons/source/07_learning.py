# %% [markdown]
# # 7. Learning
#
# You have a backward pass (lesson 5), and you know that its gradient is right to
# the last digit (lesson 6). Is that enough? On the task with the arch, let the
# library walk 2300 steps against the gradient. Only the length of the step
# differs.

# %%
import inspect

import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %%
data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train
net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
start = net.theta.copy()
for rate in (0.01, 0.1, 1.0, 3.0):
    walker, rule = net.copy(), mf.GradientDescent(rate)
    mf.train(walker, X, Y, 2300, rule, record=[])
    print(f"rate {rate:4}: loss {walker.loss(X, Y):.2g} nats")

# %% [markdown]
# A network that says one half to everything has the loss $\log 2 = 0.693$. The two
# small rates end not far below it: they **creep**. The rate 3 is **thrown out**.
# In between, 1 does something, but this lesson will end about four times lower. A
# gradient says which way is uphill. It does not say how far to go.
#
# In this lesson you write what is missing: a step, a loop with mini-batches,
# momentum, and Adam. At the end your own network, with your own backward pass, in
# your own loop, learns the arch.
#
# You need: the gradient as a vector (lesson 5) and Taylor's formula. About 75
# minutes; the three starred sections, which you may skip, take 25 more.

# %% [markdown]
# ## Your network
#
# The network has 2 inputs, 10 ESP units and 1 output; its $\beta$ start near zero,
# as published. All 52 parameters stand in one vector $\theta$. The gradient is
# yours: `split` of exercise 3.5 takes $\theta$ apart, and `backward` of exercise 5.4
# looks at the samples whose numbers are in `rows`.

# %%
split, backward = lesson.mine("3.5"), lesson.mine("5.4")


def gradient(theta, rows):
    """Your gradient of the loss at theta (P,), from some of the samples."""
    parts = split(theta, 2, 10, 1)  # W1, b1, beta1, W2, b2, beta2
    slopes = backward(X[rows], Y[rows], *parts)
    return np.concatenate([one.ravel() for one in slopes])


everything = np.arange(len(X))
error = gradient(start, everything) - net.gradient(X, Y)
print(start.size, "parameters; off by", np.abs(error).max())


# %% [markdown]
# ## Downhill
#
# The loss is a number $L(\theta)$. Take a small step $d$. To first order
#
# $$L(\theta + d) \approx L(\theta) + g\cdot d, \qquad g = \partial L/\partial\theta.$$
#
# Among all steps of the same length, which one lowers $L$ most? (What is $g\cdot
# d$, in lengths and an angle?)
#
# **Exercise 7.1.** Write a step in this best direction. Make it `rate` times as
# long as $g$ is.

# %% exercise="7.1"

# %% [markdown]
# Why straight against $g$? The product $g\cdot d$ is the length of $g$ times the
# length of $d$ times the cosine of the angle between them: smallest for the cosine
# $-1$. This is **gradient descent**, and $\eta > 0$ is the **rate**:
#
# $$\boxed{\theta \leftarrow \theta - \eta\, g} \tag{7.1}$$

# %% [markdown]
# ## How far?
#
# Your step is best if it is small. What does a large one do? Take the simplest
# valley, a parabola in one parameter with curvature $\lambda$: $L =
# \lambda\theta^2/2$, so $g = \lambda\theta$.
#
# **Prediction 7.2.** The curvature is $\lambda = 4$, `rate` is 0.6, and
# you start at $\theta = 1$. In the course of many steps, what does $\theta$ do?
#
# * `"falls"`: it goes to 0 and stays on its side,
# * `"swings"`: it changes sides in each step, and goes to 0,
# * `"stays"`: it changes sides and keeps its distance,
# * `"explodes"`: it changes sides and grows.

# %% predict="7.2"

# %%
descent_step = lesson.mine("7.1")
for rate in (0.1, 0.4, 0.5, 0.6):
    theta, path = 1.0, []
    for _ in range(6):
        theta = descent_step(theta, 4 * theta, rate)
        path.append(f"{theta:8.3f}")
    print(f"rate {rate}:", *path)
lesson.reveal("7.2")

# %% [markdown]
# On the parabola $g = \lambda\theta$, so
# $\theta\leftarrow(1-\eta\lambda)\,\theta$. It falls for $\eta\lambda<1$, swings for
# $1<\eta\lambda<2$, stays at 2, and explodes beyond.
#
# A network has many directions, and each has its own curvature. Take two, with the
# curvatures 1 and 20. What is the largest rate that does not explode? At that rate,
# what share of the way to the bottom (the star) does one step go in the flat
# direction? Here are 30 steps for each of four rates.

# %% tags=["hide-input"]
CURVATURES = np.array([1.0, 20.0])


def draw_path(ax, step, title):
    """Thirty steps through a valley with two curvatures."""
    path = [np.array([-1.0, 0.25])]
    for t in range(30):
        path.append(step(path[-1], CURVATURES * path[-1], t))
    x = np.linspace(-1.15, 0.5, 99)
    y = np.linspace(-0.5, 0.5, 99)[:, None]
    height = (CURVATURES[0] * x**2 + CURVATURES[1] * y**2) / 2
    ax.contour(x, y[:, 0], height, 12, colors="0.75", linewidths=0.7)
    ax.plot(*np.array(path).T, ".-", color="black", lw=0.8, ms=4)
    ax.plot(0, 0, "*", color="#D55E00", ms=10, zorder=0)
    ax.set(xlim=(-1.15, 0.5), ylim=(-0.5, 0.5), xlabel="flat, θ₁")
    ax.set_xticks([-1, -0.5, 0, 0.5])
    ax.set_title(title, fontsize=10)


# %%
def descent(rate):
    """A step with a fixed rate; t, the steps before, is of no use here."""
    return lambda theta, g, t: descent_step(theta, g, rate)


fig, axes = plt.subplots(1, 4, figsize=(10, 2.6), layout="tight")
for ax, rate in zip(axes, (0.01, 0.05, 0.095, 0.102)):
    draw_path(ax, descent(rate), f"η = {rate:g}")
axes[0].set_ylabel("steep, θ₂")
plt.show()

# %% [markdown]
# The largest curvature sets the limit, $\eta < 2/\lambda_\text{max}$, here 0.1. In
# the flat direction a step then goes only the share $\eta\lambda_\text{min}$ of the
# way, here a tenth. With a small rate it creeps along there. Near the limit it gets
# far, but swings in the steep direction. Above the limit, it is thrown out.

# %% [markdown]
# ## The loop
#
# Now the training. One way through all samples is an **epoch**. In an epoch you
# may take one step, with the gradient of all samples. Or you cut the samples, in
# a random order, into **mini-batches** of a few, and take one step per batch.
#
# The random order is given: `orders` has one row per epoch, with the numbers of
# the samples. With the order `[3, 0, 4, 1, 2]` and `size` 2 the batches are
# `[3, 0]`, `[4, 1]` and `[2]`. Two functions are given: `gradient(theta, rows)`
# is the one above; `step(theta, g, t)` returns the next `theta`, and `t` tells it
# how many steps there were before.
#
# **Exercise 7.3.** Write the loop. Return `theta` after each epoch, one row each.

# %% exercise="7.3"

# %% [markdown]
# Your loop, your step, your gradient, and the four rates of the beginning: 2300
# epochs, one step each.

# %%
train = lesson.mine("7.3")
all_at_once = np.tile(everything, (2300, 1))
with np.errstate(all="ignore"):
    for rate in (0.01, 0.1, 1.0, 3.0):
        path = train(start, gradient, descent(rate), all_at_once, len(X))
        end = net.with_theta(path[-1]).loss(X, Y)
        print(f"rate {rate:4}: loss {end:.2g} nats")

# %% [markdown]
# The same four losses, now by your own hand.
#
# ## A few samples at a time
#
# The gradient of a batch is a mean over few samples, so it is a rough estimate of
# the gradient of all.
#
# **Prediction 7.4.** Gradient descent, rate 0.1, 100 epochs. Each way computes
# 69,000 gradients of one sample. Which ends with the lower loss: all `"690"` samples
# in each step, batches of `"16"`, or are they the `"same"` to within a few percent?

# %% predict="7.4"

# %%
rng = np.random.default_rng(0)
shuffled = np.array([rng.permutation(len(X)) for _ in range(100)])
losses = {}
for size in (690, 64, 16):
    path = train(start, gradient, descent(0.1), shuffled, size)
    losses[size] = [net.with_theta(theta).loss(X, Y) for theta in path]
    print(f"batches of {size:3}: loss {losses[size][-1]:.3f}")
lesson.reveal("7.4")

# %%
fig, ax = plt.subplots(figsize=(6, 3), layout="tight")
for (size, values), line in zip(losses.items(), ("-", "--", ":")):
    ax.plot(values, line, color="black", label=f"batches of {size}")
ax.set(xlabel="epoch", ylabel="loss (nats)")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# The first spent its arithmetic on 100 careful steps, the last on 4400 rough ones.
# The roughness shows, too: the last curve shakes. It never settles, unless the rate
# becomes small in the end.
#
# Is that fair? With all samples, a larger rate is possible. Try it: ten times as large.

# %%
path = train(start, gradient, descent(1.0), shuffled, 690)
loss = net.with_theta(path[-1]).loss(X, Y)
print(f"all samples, rate 1: loss {loss:.3f}")

# %% [markdown]
# That helps: it ends where batches of 64 did. Batches of 16 stay far ahead.

# %% [markdown]
# ## Momentum
#
# Give the point a mass, 1 for simplicity. Its **momentum** $p$ is then its velocity.
# In each step three things happen. Friction leaves the share $\mu$ of $p$. The slope
# adds a push to it: the step that plain descent would take. Then the point moves by
# the new $p$.
#
# **Exercise 7.5.** Write one step. The momentum comes in and goes out.

# %% exercise="7.5"

# %% [markdown]
# **Prediction 7.6.** On a steady slope $g$ never changes. Then $p$
# settles at a value that does not change either. With $\mu = 0.9$, how many times
# as long as a step of plain descent is your step then?

# %% predict="7.6"

# %%
momentum_step = lesson.mine("7.5")


class Momentum:
    """Your step, and what it has to remember."""

    def __init__(self, rate, mu):
        self.rate, self.mu = rate, mu

    def step(self, theta, g, t):
        if t == 0:
            self.p = np.zeros_like(theta)
        new = momentum_step(theta, self.p, g, self.rate, self.mu)
        theta, self.p = new
        return theta


# %%
heavy = Momentum(1.0, 0.9)
for t in range(200):
    heavy.step(np.zeros(1), np.ones(1), t)
lesson.reveal("7.6", -heavy.p[0])

# %% [markdown]
# $$\boxed{p \leftarrow \mu p - \eta\, g, \quad \theta \leftarrow \theta + p}
#   \tag{7.2}$$
#
# (PyTorch keeps the sum of the gradients instead, and multiplies by the rate at
# the end. While the rate is constant, both walk the same way.)
#
# On the long way down the pushes add up. Across the valley they change their sign,
# and partly cancel. Here is the third picture from above, near the limit, and the
# same rate with momentum:

# %%
fig, axes = plt.subplots(1, 2, figsize=(7, 2.8), layout="tight")
draw_path(axes[0], descent(0.095), "gradient descent, η = 0.095")
heavy = Momentum(0.095, 0.5)
draw_path(axes[1], heavy.step, "momentum, η = 0.095, μ = 0.5")
axes[0].set_ylabel("steep, θ₂")
plt.show()

# %% [markdown]
# After 12 steps it is about as near as plain descent after 30, and it swings less. And
# on the arch? On a steady slope, with $\mu = 0.9$, the rate 0.1 would go as far as
# the rate 1 without momentum, which ended at 0.26. Does it end there too?

# %%
heavy = Momentum(0.1, 0.9)
with_mass = train(start, gradient, heavy.step, all_at_once, len(X))
loss = net.with_theta(with_mass[-1]).loss(X, Y)
print(f"momentum, rate 0.1: loss {loss:.3f}")

# %% [markdown]
# Lower, but still above 0.1.
#
# ## One rate for all: Adam
#
# Look at the units in (7.1). If $\theta$ is in volts, $g$ is in nats per volt, and
# $\eta g$ is in volts only if $\eta$ is in volts squared per nat. So the right $\eta$
# depends on what a parameter means. But weights, biases and $\beta$ share one $\eta$.
#
# **Adam** divides each entry of the gradient by its own typical size. It keeps two
# running means: $m$ of the gradient, and $v$ of its square. In each step a running
# mean keeps the share $b$ of itself and takes the share $1-b$ of what is new:
# $b_1 = 0.9$ for $m$, and $b_2 = 0.999$ for $v$ (shares, not biases). Once both have
# settled, $m/\sqrt v$ has no unit and is seldom much above 1. So the rate is a
# length: how far a parameter goes in a step.

# %% [markdown]
# Both means start at 0, so at first they are too small. By how much?
#
# **Exercise 7.7.** Let the gradient be 1 in every step. What is $m$ after the
# steps $0, 1, \dots, t$, that is, after $t + 1$ gradients? Do the first three by
# hand: $1-b,\quad b\,(1-b) + (1-b),\quad \dots$ Give a formula, or let a loop do it.

# %% exercise="7.7"

# %%
gathered = lesson.mine("7.7")
for t in (0, 9, 999):
    m, v = gathered(0.9, t), gathered(0.999, t)
    print(f"after {t + 1:4} gradients: m {m:.4f}, v {v:.4f}")

# %% [markdown]
# The first gradient has been multiplied by $b$ in each of the $t$ steps after it,
# the second in $t - 1$ of them, and so on. The sum is geometric:
#
# $$(1-b)\,(1 + b + b^2 + \dots + b^{t}) = 1 - b^{t+1}.$$
#
# This is the **share** that a mean has gathered. Before they are used, both have to
# be divided by their shares. What is *kept* for the next step is not divided.
#
# **Exercise 7.8.** Write all of it, one step: the new $m$ and $v$, and then $\theta$.
# It moves against $m/\sqrt v$, both divided by their shares, times the rate. Where
# a gradient has always been 0 the quotient would be 0/0: so add the tiny `eps` to the
# root of $v$.

# %% exercise="7.8"

# %% [markdown]
# **Prediction 7.9.** Suppose you forget both divisions. Both $m$ and $v$
# are then too small. How long is the very first step, if `rate` is 1?

# %% predict="7.9"

# %%
adam_step = lesson.mine("7.8")
zeros, g = np.zeros(3), np.array([1.0, 0.0001, -30.0])
theta, m, v = adam_step(zeros, zeros, zeros, g, 0, 0.01)
print("gradient:   ", g)
print("your step:  ", theta)
print("not divided:", -0.01 * m / np.sqrt(v))
lesson.reveal("7.9", m[0] / np.sqrt(v[0]))

# %% [markdown]
# Too *long*, in every direction, just where one knows least. Divided, the first step
# is the rate times the sign of the gradient, whatever its size. In Adam's usual
# form both shares stand in front:
#
# $$m \leftarrow b_1 m + (1-b_1)\, g \tag{7.3}$$
# $$v \leftarrow b_2 v + (1-b_2)\, g^2 \tag{7.4}$$
# $$\boxed{\theta \leftarrow \theta - \eta\,
#   \frac{\sqrt{1-b_2^{t+1}}}{1-b_1^{t+1}}\ \frac{m}{\sqrt v+\epsilon}} \tag{7.5}$$
#
# Here $\epsilon$ stands beside the root of $v$ as it is kept; PyTorch's place, beside
# the root of $v$ divided by its share, is as good. They differ only where $\sqrt v$
# is about as small as $\epsilon = 10^{-8}$.
#
# Multiply the loss by a thousand, and Adam goes the same way (but for
# $\epsilon$). The unit of the *loss* is gone. That of a parameter is not: the rate
# 0.01 means 0.01 volts, or 0.01 millivolts. Lesson 8 shows what follows.

# %% [markdown]
# ## Your network learns
#
# Last, the rate itself: large at the start to get there, small at the end to
# settle. As published, it falls by the factor $q = 0.9$ in each $T = 500$ steps:
#
# $$\eta_t = \eta\, q^{t/T}. \tag{7.6}$$
#
# Everything is there. Can it get below 0.1 nats?


# %%
class Adam:
    """Your step, its memory, and the published rate."""

    def __init__(self, rate):
        self.base = rate

    def step(self, theta, g, t):
        if t == 0:
            self.m, self.v = np.zeros((2, len(theta)))
        rate = self.base * 0.9 ** (t / 500)  # (7.6)
        new = adam_step(theta, self.m, self.v, g, t, rate)
        theta, self.m, self.v = new
        return theta


path = train(start, gradient, Adam(0.01).step, all_at_once, len(X))
mine = net.with_theta(path[-1])
print(f"loss {mine.loss(X, Y):.3f} nats")
print(f"right on {mine.score(data.X_test, data.Y_test):.1%} of the test")

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="tight")
plain = train(start, gradient, descent(1.0), all_at_once, len(X))
names = "descent, rate 1", "momentum, rate 0.1", "Adam, rate 0.01, falling"
paths = plain, with_mass, path
for name, way, line in zip(names, paths, (":", "--", "-")):
    losses = [net.with_theta(theta).loss(X, Y) for theta in way[::10]]
    ax.plot(range(1, 2301, 10), losses, line, color="black", label=name)
ax.set(xlabel="epoch", ylabel="loss (nats)", ylim=(0, None))
ax.legend(frameon=False)
plt.show()

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 4, figsize=(12, 3.1), layout="tight")
for ax, epoch in zip(axes, (100, 300, 800, 2300)):
    then = net.with_theta(path[epoch - 1])
    mf.plots.decision_boundary(then, X, Y, ax=ax, colorbar=False)
    ax.set_title(f"epoch {epoch}: {then.loss(X, Y):.3f} nats", fontsize=10)
    ax.set_ylabel("second input, $x_2$" if epoch == 100 else "")
plt.show()

# %% [markdown]
# It learns the arch. The backward pass, the loop and the rule are yours, if you
# solved 5.4, 7.3 and 7.8 (else `lesson.mine` took the solutions). First comes an
# almost straight border, then a round one, then the two bumps and the gap
# between the legs: what most samples agree on is learnt before the exceptions.

# %% [markdown]
# ## ★ The same in the library
#
# `mf.Adam` changes $\theta$ in place, and writes $m + (1-b_1)(g-m)$, which is (7.3)
# rearranged. `stepper` is your loop; its two `check_step` lines stop it when a number
# is no longer finite.

# %%
from minifnn.train import stepper

for function in (mf.Adam.step, stepper):
    print(inspect.getsource(function))

# %% [markdown]
# By default `mf.train` runs a compiled version of it (lesson 9). Is it the same?
# The two paths, side by side:

# %%
theirs = net.copy()
rule = mf.Adam(0.01, decay=(0.9, 500))
history = mf.train(theirs, X, Y, 2300, rule, record=range(0, 2300, 100))
for k in (0, 1, 5, 22):
    steps = 100 * k + 1
    distance = np.abs(history["theta"][k] - path[steps - 1]).max()
    print(f"after {steps:4} steps: {distance:.0e} apart")
losses = mine.loss(X, Y), theirs.loss(X, Y)
print("losses at the end: {:.3f} and {:.3f}".format(*losses))

# %% [markdown]
# If you wrote (7.5), they differ at first by rounding; with PyTorch's place of
# $\epsilon$ by 0.007 at once, since one gradient at this start is only
# $7\cdot10^{-8}$. Either way the difference grows: two walkers that start very
# near to each other do not stay together in a valley with bends. Both learn the arch,
# though their losses may be a quarter apart. So compare two programs after a few
# steps; after many, compare what they learnt.

# %% [markdown]
# ## ★ Units that learn nothing
#
# ReLU passes on $\max(h, 0)$. If a unit's field is negative or 0 for *every* sample,
# it passes on nothing, and its slope is 0 everywhere. So its $\delta$ is 0 (lesson 5),
# and so is the gradient of its weights and its bias. The unit is **dead**.
#
# **Prediction 7.10.** Both inputs of this task are positive, the
# biases start at 0, and a weight is as often negative as positive. How many units
# out of ten are dead at the start, on average?

# %% predict="7.10"

# %% [markdown]
# **Exercise 7.11.** Find the dead units of a layer.

# %% exercise="7.11"

# %%
dead_units = lesson.mine("7.11")


def count_dead(seed, rate=0.01):
    """How many of ten ReLU units are dead, before training and after."""
    relu, counts = mf.mlp([2, 10, 1], "relu", seed=seed), []
    for epochs in (0, 2300):
        if epochs:
            rule = mf.Adam(rate, decay=(0.9, 500))
            mf.train(relu, X, Y, epochs, rule, record=[])
        W, b = relu.parameters["W1"], relu.parameters["b1"]
        counts.append(dead_units(X, W, b).sum())
    return counts


before, after = np.transpose([count_dead(seed) for seed in range(20)])
print("dead before:", *before, " mean", before.mean())
print("dead after: ", *after, " mean", after.mean())
lesson.reveal("7.10", before.mean())

# %% [markdown]
# Training kills a few more. You asked for ten units, and on average fewer than six
# work. Does a dead unit ever come back? With one hidden layer and gradient descent
# never: the samples stay what they are, and the gradient is exactly 0. With
# momentum or Adam a unit that has *just* died may roll on, back to life.

# %% [markdown]
# ## ★ Which activation learns best?
#
# The paper shows one random start for each activation, and ESP wins. Let us take
# eight starts each, with the published training.


# %%
def final_losses(hidden, rate, **more):
    """The losses of eight runs with Adam, from eight seeds."""
    ends = []
    for seed in range(8):
        net = mf.mlp([2, 10, 1], hidden, seed=seed, **more)
        rule = mf.Adam(rate, decay=(0.9, 500))
        mf.train(net, X, Y, 2300, rule, record=[])
        ends.append(net.loss(X, Y))
    return np.array(ends)


# %%
ACTIVATIONS = ("esp", "relu", "sigmoid", "tanh")
NOISE = {"esp": {"beta": ("normal", 0.004)}}  # the published start of beta


def all_four(rate):
    """The final losses of each activation."""
    more = {name: NOISE.get(name, {}) for name in ACTIVATIONS}
    return {name: final_losses(name, rate, **more[name]) for name in more}


slow = all_four(0.01)
for hidden, ends in slow.items():
    print(f"{hidden:8} median {np.median(ends):.3f}, of", *ends.round(2))

# %% [markdown]
# ESP ends lowest, even in its worst run. So this claim of the paper holds here. But
# the rate is the same for all. Is that fair?
#
# **Prediction 7.12.** Give everybody a rate of 0.1. What becomes of
# ESP's lead over sigmoid, as a ratio of their medians: it `"grows"`, `"stays"`
# (within 20 percent), `"shrinks"`, or `"turns"` round, so that sigmoid wins?

# %% predict="7.12"

# %%
fast = all_four(0.1)
fixed = [final_losses("esp", r, trainable_beta=False) for r in (0.01, 0.1)]
for rate, losses in ((0.01, slow), (0.1, fast)):
    lead = np.median(losses["sigmoid"]) / np.median(losses["esp"])
    print(f"rate {rate}: sigmoid's median is {lead:.1f} times ESP's")
lesson.reveal("7.12")

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(7, 3.2), layout="tight")
columns = zip([*slow.values(), fixed[0]], [*fast.values(), fixed[1]])
for x, pair in enumerate(columns):
    colour = mf.plots.COLOURS[(*ACTIVATIONS, "esp")[x]]
    for shift, ends, marker in zip((-0.15, 0.15), pair, "os"):
        ax.plot([x + shift] * 8, ends, marker, color=colour, mfc="none")
        ax.plot(x + shift, np.median(ends), "k_", ms=16)
labels = [mf.plots.NAMES[hidden] for hidden in ACTIVATIONS]
ax.set_xticks(range(5), [*labels, "ESP, β = 1 fixed"])
ax.set(ylabel="final loss (nats)", ylim=(0, None))
ax.set_title("○ rate 0.01, □ rate 0.1, bar: the median", fontsize=10)
plt.show()

# %% [markdown]
# At the rate 0.1 sigmoid and tanh come close to ESP; ReLU gains little. And ESP
# with its betas fixed at 1 falls *behind* them there. So what wins at the published
# rate is ESP with betas that learn (lesson 8 looks at them), and a rate that suits
# it. Eight starts and one task are few: lesson 12 has more.

# %% [markdown]
# ## What you have now
#
# * Against the gradient is the steepest way down, for small steps; the largest
#   curvature says what small means: $\eta < 2/\lambda_\text{max}$.
# * The loop: epochs, batches, gradient, step. Many rough steps beat few exact ones.
# * Momentum adds up along a valley and cancels across it.
# * Adam divides by the gradient's own size: a rate is then a length, and the
#   unit of the loss no longer matters.
# * A network of your own that learns.

# %% [markdown]
# ## Where this stands
#
# Adam is by Kingma and Ba (arXiv:1412.6980). How momentum behaves in a valley, with
# figures to play with: Goh, *Why momentum really works* (Distill, 2017). That the
# ranking of methods depends on which rates one tries is what Choi et al. found for
# optimizers (arXiv:1910.05446). On dying ReLUs, and a start that avoids them: Lu
# et al. (arXiv:1903.06733).
#
# With the Hessian $H$ (lesson 10) one can divide by the curvature itself, made
# positive and bounded from below. This is **damped Newton**:
#
# $$\theta \leftarrow \theta - \eta\,(|H| + \text{damping}\cdot I)^{-1} g,
#   \quad\text{the step no longer than a radius} \tag{7.7}$$
#
# (Dauphin et al., arXiv:1406.2572; `mf.DampedNewton`). Each step costs a Hessian.

# %% [markdown]
# ## To think about
#
# 1. Shift the inputs so that their mean is 0. How many ReLU units should be dead
#    at the start?
# 2. Why does a sigmoid unit never die completely, and what is its own way of not
#    learning?
# 3. You make the batches four times as large. How much less does their gradient
#    scatter?
#
# <details><summary>Answers</summary>
#
# 1. Nearly none. With the bias 0, a unit is dead only if all samples lie on one
#    side of a line through the origin, and now the origin is in their middle.
# 2. Its slope $\beta w$ is small where it is sure, but never 0. It learns nothing
#    when it is sure for every sample: $w\approx0$ (lesson 5).
# 3. It scatters half as much: the error of a mean falls with the root of the
#    number of samples.
#
# </details>
