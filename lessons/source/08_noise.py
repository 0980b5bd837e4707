# %% [markdown]
# # 8. The noise learns
#
# Each unit has a $\beta$, its inverse noise. You know its gradient (5.2), so
# nothing keeps you from training it like a weight, and the published networks do.
# At the end one unit has $\beta = 9$ and another 5. Is the first one surer than
# the second? Train the same network from another seed, and all of them end
# elsewhere. So what do these numbers mean?
#
# In this lesson you find a symmetry that answers it, get a test of the backward
# pass for free, see how much that test can and cannot catch, and try to prove a
# good story wrong.
#
# You need: lessons 2 (ESP), 5 (backward) and 7 (Adam). About 70 minutes; the
# starred section, which you may skip, takes 10 more.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## A start in noise
#
# The network of lesson 7: two inputs, ten ESP units, one output. Its weights
# start as usual, its biases at zero, and the eleven $\beta$, the output's too, are
# drawn from a normal distribution with standard deviation 0.004. What does such a
# network say?

# %%
data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train
net = mf.mlp([2, 10, 1], hidden="esp", beta=("normal", 0.004), seed=1)
p = net.predict(X)
print(f"predictions from {p.min():.5f} to {p.max():.5f}", end="; ")
print(f"loss {net.loss(X, Y):.5f}")

# %% [markdown]
# One half, to everything: the loss is $\log 2$. And its hidden units are linear,
# because $h\,\sigma(\beta h)\to h/2$ as $\beta\to0$.
#
# **Prediction 8.1.** Which of the parameters has by far the largest
# gradient at this start: `"W1"`, `"beta1"`, `"W2"` or `"beta2"`? The output is $o =
# \beta_2\,(a W_2 + b_2)$, where $a$ are the hidden signals. Go backward from it in
# your head, and look for small factors.

# %% predict="8.1"

# %%
gradient = net.split(net.gradient(X, Y))
for name, slope in gradient.items():
    print(f"{name:6} largest entry {np.abs(slope).max():.0e}")
lesson.reveal("8.1")

# %% [markdown]
# With plain gradient descent the output's $\beta$ has to grow before anything else
# can move. Adam, which the published training uses, divides each gradient by its own
# size, so it moves all of them at once.

# %% [markdown]
# ## Where the betas go
#
# Now train, as published: Adam, rate $0.01\cdot0.9^{t/500}$, 2300 epochs.
#
# **Prediction 8.2.** How do the ten hidden $\beta$ end: all near
# `"one value"`, all `"positive"` but different, or with `"both signs"`?

# %% predict="8.2"

# %%
published = mf.Adam(0.01, decay=(0.9, 500))
every = range(0, 2300, 50)
history = mf.train(net, X, Y, 2300, published, record=every)
betas = history["theta"][:, net.slices["beta1"]]
fig, ax = plt.subplots(figsize=(6.5, 3.4), layout="tight")
for path in betas.T:
    style = ("#D55E00", "-") if path[-1] > 0 else ("black", "--")
    ax.plot(history["epoch"], path, style[1], color=style[0], lw=1)
ax.axhline(0, color="#999999", lw=0.8)
ax.set(xlabel="epoch", ylabel="inverse noise β")
ax.set_title("ten hidden units; dashed: ends below zero", fontsize=10)
plt.show()
lesson.reveal("8.2")

# %%
for seed in range(2, 5):
    other = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=seed)
    mf.train(other, X, Y, 2300, mf.Adam(0.01, decay=(0.9, 500)), record=[])
    print(f"seed {seed}:", *np.sort(other.parameters["beta1"]).round(1))

# %% [markdown]
# Each seed ends elsewhere, and with both signs. But what is a *negative* inverse
# noise? You need one idea.

# %% [markdown]
# ## The gauge
#
# Take one hidden unit: incoming weights $w$ and bias $b$, inverse noise $\beta$,
# outgoing weights $v$. Choose any number $c\neq0$, and make its field $c$ times as
# large, as if you measured it in millivolts and not in volts. What must you do
# with all four, so that nothing changes behind the unit?
#
# Two questions lead to it. What must become of $\beta$ so that the gate opens as
# before? And then, what has become of the signal $h\,\sigma(\beta h)$?
#
# **Exercise 8.3.** Write it for a whole layer, each unit with its own $c_i$.

# %% exercise="8.3"

# %% [markdown]
# Try it on the network just trained, with wild $c$ of both signs:

# %%
rescale = lesson.mine("8.3")
rng = np.random.default_rng(0)
c = rng.choice([-1, 1], size=10) * 10 ** rng.uniform(-2, 2, size=10)
HIDDEN = ("W1", "b1", "beta1", "W2")
turned = net.copy()
new = rescale(*(net.parameters[name] for name in HIDDEN), c)
for name, values in zip(HIDDEN, new):
    turned.parameters[name] = values
print("theta has moved by ", np.abs(turned.theta - net.theta).max())
distance = np.abs(turned.predict(X) - net.predict(X)).max()
print("predictions have by", distance)

# %% [markdown]
# $$\boxed{(w,\ b,\ \beta,\ v)\ \to\ (cw,\ cb,\ \beta/c,\ v/c)}$$
#
# The field becomes $c\,h$, and $\beta h$ stays. So the gate opens as before, the
# signal is $c$ times as large, and $v$ takes the $c$ back. A change of description
# that changes nothing else is called a **gauge**.
#
# With $c=-1$ the unit becomes its mirror image: the same function, and $\beta$ with
# the other sign. So **a negative $\beta$ is no negative noise. It is a unit that is
# written the other way round.** (ReLU has the same freedom, with $c>0$ and without a
# $\beta$: it is not a speciality of ESP.)
#
# **Prediction 8.4.** The network has 52 parameters. In how many
# independent directions can you move $\theta$ a little, from a generic place (one
# where nothing is zero or equal by chance), without changing the function? Look at
# the output, too.

# %% predict="8.4"

# %% [markdown]
# Let us count without any theory. How does each of the 690 outputs change with each
# of the 52 parameters? That is a matrix of $690\times52$ slopes, the **Jacobian**.
# It has 52 perpendicular directions of $\theta$. How much the outputs move along one
# of them is its **singular value**: where that is zero, the direction does nothing.


# %%
def outputs(theta):
    return net.with_theta(theta).forward(X).ravel()


J = mf.check.complex_step(outputs, net.theta)
sizes = np.linalg.svd(J, compute_uv=False)
fig, ax = plt.subplots(figsize=(6, 3), layout="tight")
ax.semilogy(range(1, 53), sizes / sizes[0], "o", color="#D55E00", ms=4)
ax.axvline(41.5, color="#999999", lw=0.8)
ax.set(xlabel="direction, in order of size", ylabel="effect (largest = 1)")
plt.show()
idle = (sizes < 1e-13 * sizes[0]).sum()
print("directions that do nothing, to rounding:", idle)
lesson.reveal("8.4", str(idle))

# %% [markdown]
# ## A network without beta
#
# The eleventh direction: multiply $W_2$ and $b_2$ by $c$ and divide $\beta_2$ by $c$.
# Then $o = \beta_2\,(a W_2 + b_2)$ stays. And if each unit has a free $c$, you can
# choose it so that every $\beta$ becomes 1.
#
# **Exercise 8.5.** Write down the network with all $\beta = 1$ that has the *same
# function*. Do the hidden units first, then the output.

# %% exercise="8.5"

# %%
without_beta = lesson.mine("8.5")
fixed = mf.mlp([2, 10, 1], "esp", beta=1.0, trainable_beta=False)
new = without_beta(*net.parameters.values())
for name, values in zip(("W1", "b1", "W2", "b2"), new):
    fixed.parameters[name] = values
print("parameters:", net.n_parameters, "and", fixed.n_parameters)
print("loss with trained beta  ", net.loss(X, Y))
print("the same with all beta 1", fixed.loss(X, Y))

# %% [markdown]
# So the eleven $\beta$ add eleven parameters and **no new function at all**. Only
# $\beta=0$ cannot be reached in this way. For *one* unit, $\beta$ cannot be scaled
# away, since the size of its signal would change. In a network there is a $v$
# behind it.

# %% [markdown]
# ## What the gradient knows of it
#
# The loss does not change along the gauge. So its slope in that direction is
# zero, at *every* $\theta$, far from any minimum too. Put $c = 1+\varepsilon$. To
# first order in $\varepsilon$, $\theta$ moves by $\varepsilon\,\xi$. What is $\xi$?
#
# **Exercise 8.6.** Find $\xi$ (four entries: for $w$, $b$, $\beta$ and $v$), and
# write its product with the gradient, $\nabla L\cdot\xi$, for all units at once.

# %% exercise="8.6"

# %% [markdown]
# Four gradients, computed by four different lines of your `backward`, must cancel.
# Do they? At a random place:

# %%
along_gauge, backward = lesson.mine("8.6"), lesson.mine("5.4")
place = net.with_theta(np.random.default_rng(5).normal(size=52))
now = place.parameters
right = dict(zip(now, backward(X, Y, *now.values())))  # by name


def gauge_sum(slopes):
    """The largest slope along the gauge, relative to its largest term."""
    ours = [now[name] for name in HIDDEN]
    total = along_gauge(*ours, *(slopes[name] for name in HIDDEN))
    return np.abs(total).max() / np.abs(now["W2"] * slopes["W2"]).max()


print("your backward:", gauge_sum(right))

# %% [markdown]
# Zero, to rounding. $1/(1+\varepsilon) \approx 1-\varepsilon$, so
#
# $$\boxed{\xi = (w,\ b,\ -\beta,\ -v), \qquad \nabla L\cdot\xi = 0.}$$
#
# This is a test of a backward pass that costs nothing. How good is it? The way back
# (lesson 5) was `do`, `dh2`, `da1`, `dh1`: `dh2` is `do` times $\beta_2$, `dh1` is
# `da1` times $f_h$, and `dbeta1` sums `da1` times $f_\beta$. Here are six slips in it:
#
# 1. `do` without $1/NK$;
# 2. `do` with a factor $p(1-p)$ too much;
# 3. $\beta_2$ left out of `dh2`;
# 4. $\beta_1$ left out of $f_h$: $h$ written for $u$;
# 5. `db1` a mean over the samples;
# 6. `dbeta1` computed from `dh1` and not from `da1`.
#
# **Prediction 8.7.** For how many of the six is the sum *not* zero, so
# that the gauge of the hidden units catches them?

# %% predict="8.7"

# %% tags=["hide-input"]
place.forward(X)
p = place.predict(X)
do = (p - Y) / Y.size


def slopes_from(do):
    """The gradient, by name, from what arrives at the output."""
    return place.split(place.backward(do))


# %% tags=["hide-input"]
slips = {"1 no 1/NK": slopes_from(do * Y.size)}
slips["2 p(1-p) too much"] = slopes_from(do * p * (1 - p))
true, gate, beta2 = slopes_from(do), place.layers[0].gate, now["beta2"]
lost = {n: d if n == "beta2" else d / beta2 for n, d in true.items()}
slips["3 beta2 left out"] = lost
p1 = 1 / (1 + np.exp(-now["beta1"] * gate.h))
dh1 = gate.da * (p1 + gate.h * p1 * (1 - p1))
slips["4 h for u"] = true | {"W1": X.T @ dh1, "b1": dh1.sum(axis=0)}
slips["5 db1 a mean"] = true | {"b1": true["b1"] / len(X)}
dbeta1 = (gate.da * gate.f_h * gate.f_beta).sum(axis=0)
slips["6 dbeta1 from dh1"] = true | {"beta1": dbeta1}

# %%
caught = 0
for name, slopes in slips.items():
    caught += gauge_sum(slopes) > 1e-10
    print(f"{name:18} sum {gauge_sum(slopes):.0e}")
lesson.reveal("8.7", caught)

# %% [markdown]
# Why does it miss the first three? They change only the $g$ that arrives at a hidden
# unit, and all four gradients of the unit are made from this same $g$. Write the sum
# for one sample: $w$ and $b$ together give ____ $g$, $\beta$ gives ____ $g$, and $v$
# gives ____ $g$. What must the three blanks add up to?
#
# <details><summary>The blanks</summary>
#
# * $w$ and $b$ together give $(x\cdot w + b)\,f_h\,g = h\,f_h\,g$;
# * $\beta$ gives $-\beta f_\beta\, g$;
# * $v$ gives $-f\,g$, for $v$ times what arrives from above *is* $g$.
#
# For ESP $h f_h - \beta f_\beta - f$ is zero (question 1 at the end). So the sum is
# zero **whatever $g$ is**.
#
# </details>
#
# The test sees what happens inside the hidden layer, and is blind to all above it.
# The output's own gauge sees the third slip, which the hidden units' gauge missed. No
# gauge sees the first two: for them you need lesson 6. **A test that passes says
# something only about what it can see.**

# %% [markdown]
# ## ★ Is anything kept?
#
# Follow the gradient downhill in tiny steps: $\theta$ moves with the velocity
# $\dot\theta = -\nabla L$. How does $Q = |w|^2 + b^2 - \beta^2 - |v|^2$ of a unit
# change? (On paper: write $\dot Q$, and look for $\xi$.) But real steps are not tiny.
#
# **Prediction 8.8.** With small steps, who nearly keeps $Q$: gradient
# `"descent"`, `"Adam"`, `"both"` or `"neither"`?

# %% predict="8.8"


# %%
def drift(optimizer, epochs):
    """How much Q changed, the most of ten units, from beta = 1."""
    one = mf.mlp([2, 10, 1], "esp", beta=1.0, trainable_beta=True, seed=1)
    Q = []
    for _ in range(2):
        W, b, beta, V, *_ = one.parameters.values()
        squares = (W**2).sum(0) + b**2 - beta**2 - (V**2).sum(1)
        Q.append(squares)
        mf.train(one, X, Y, epochs, optimizer, record=[])
    return np.abs(Q[1] - Q[0]).max()


for rate, epochs in ((0.2, 1000), (0.1, 2000), (0.05, 4000)):
    moved = drift(mf.GradientDescent(rate), epochs)
    print(f"descent, rate {rate:4}, {epochs} epochs: {moved:.4f}")
moved = drift(mf.Adam(0.01), 2000)
print(f"Adam,    rate 0.01, 2000 epochs: {moved:.1f}")
lesson.reveal("8.8")

# %% [markdown]
# $$\dot Q = 2(w\cdot\dot w + b\dot b - \beta\dot\beta - v\cdot\dot v) =
# -2\,\nabla L\cdot\xi = 0$$
#
# **$Q$ is conserved.** A symmetry brings a conserved quantity, as in mechanics. What
# is left with descent is the error of finite steps. Adam walks along the
# gauge, too, and that has moved the $\beta$ in your figure. So their sizes tell of the
# optimizer as well as of the task.

# %% [markdown]
# ## What fixing beta = 1 loses
#
# No function is lost. But does training still find a good one? Two networks from the
# same weights, since they have the same seed: $\beta$ from noise and trained, or
# $\beta = 1$ and fixed. Both train as published, from 16 seeds.
#
# **Prediction 8.9.** In how many of the 16 pairs does the network with
# the trained $\beta$ end with the lower loss?

# %% predict="8.9"


# %%
def ended(seed, trained, rate):
    """The loss after the training, and the largest weight."""
    start = ("normal", 0.004) if trained else 1.0
    how = {"beta": start, "trainable_beta": trained, "seed": seed}
    one = mf.mlp([2, 10, 1], "esp", **how)
    mf.train(one, X, Y, 2300, mf.Adam(rate, decay=(0.9, 500)), record=[])
    return one.loss(X, Y), np.abs(one.theta).max()


def pairs(rate):
    """(16, 3): loss, beta trained; loss, beta 1; its largest weight."""
    trained = [ended(seed, True, rate)[:1] for seed in range(16)]
    fixed = [ended(seed, False, rate) for seed in range(16)]
    return np.column_stack([trained, fixed])


# %%
results = {0.01: pairs(0.01)}
trained, ones, largest = results[0.01].T
print(f"trained: {trained.min():.3f} to {trained.max():.3f}")
print(f"fixed:   {ones.min():.3f} to {ones.max():.3f}")
lesson.reveal("8.9", (trained < ones).sum())

# %% [markdown]
# How can $\beta$ help, if it adds no function? Here is a story. A sharp corner
# needs a large product $\beta w$. With both factors free, each has to grow only to
# the square root of it; with $\beta=1$ the weight has to do it alone. And Adam moves a
# parameter by about one rate per step if its gradient keeps its sign (lesson 7). So all
# rates added up are about the distance that a weight can go in a training.
#
# **Exercise 8.10.** How far is that? The rate in step $t$ is `rate * q**(t/T)`.

# %% exercise="8.10"

# %%
reach = lesson.mine("8.10")
for rate in (0.01, 0.03, 0.1, 0.3):
    far = reach(rate, 0.9, 500, 2300)
    print(f"rate {rate}: a weight can go about {far:.0f}")
longest = np.abs(net.parameters["W1"]).max()
print(f"trained beta: the largest weight in W1 is {longest:.0f}")
longest = np.abs(fixed.parameters["W1"]).max()
print(f"the same function with beta = 1: {longest:.0f}")
longest = np.median(largest)
print(f"fixed, rate 0.01: the largest weight is {longest:.0f} (median)")

# %% [markdown]
# There it is: at the rate 0.01 the fixed networks use nearly the whole reach, and
# cannot arrive. It is a good story, and it fits. Now try to prove it wrong. At the
# rate 0.1 a weight can go 182. If reach alone holds the fixed networks back, they now
# have room: they should use it, and the lead should be gone.
#
# **Prediction 8.11.** At the rate 0.1, how many of the 16 pairs does
# the trained $\beta$ win? (With no lead it would be about 8.)

# %% predict="8.11"

# %%
for rate in (0.03, 0.1, 0.3):
    results[rate] = pairs(rate)
print("medians; the largest weight is that of the fixed networks")
print("rate   trained   fixed   trained wins   largest weight   reach")
for rate, ends in results.items():
    middle = "{:9.3f} {:7.3f}{wins:9} of 16 {:16.0f}"
    wins = (ends[:, 0] < ends[:, 1]).sum()
    row = middle.format(*np.median(ends, axis=0), wins=wins)
    print(f"{rate:4} {row} {reach(rate, 0.9, 500, 2300):7.0f}")
trained, ones, _ = results[0.1].T
lesson.reveal("8.11", (trained < ones).sum())

# %% [markdown]
# The story says: with more reach the fixed networks catch up. From 0.01 to 0.1 they
# gain, but the lead is still there, and their weights stop far short of the reach:
# something else stops them. At 0.3 no lead can be shown, but only because the *trained*
# networks end higher there. So reach is at best a part of it, and nothing on this page
# shows the rest.
#
# What one may say: in the published training a trained $\beta$ is much better,
# though the network can say no more with it. Nobody may say "a trained $\beta$ is
# better" and leave out the rate. (One task, one optimizer.)

# %% [markdown]
# ## A thermometer
#
# Back to the first question: is the unit with $\beta=9$ surer than the one with 5?
# $1/\beta$ is the temperature of a gate. But the gauge changes $1/\beta$ at will,
# so alone it says nothing of the unit. What does not change is $u=\beta h$, and
# with it the gate's entropy $S$ (2.10), in nats: $\log 2$ for a gate that tosses a
# coin, 0 for one that is sure. Its mean over the samples is an honest thermometer.
#
# **Prediction 8.12.** Which of the two units is the surer one: that with
# $\beta$ near `"9"`, that near `"5"`, or are they the `"same"` to within a few percent?

# %% predict="8.12"


# %%
def entropies(theta):
    """The entropy of each of the ten gates, a mean over the samples."""
    W, b, beta, *_ = net.split(theta).values()
    return mf.energy.entropy(X @ W + b, beta).mean(axis=0)


S = np.array([entropies(theta) for theta in history["theta"]])
fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="tight")
ax.plot(history["epoch"], S, color="#D55E00", lw=0.8)
ax.plot(history["epoch"], S[:, S[-1].argmax()], color="black", lw=1.8)
ax.axhline(np.log(2), color="#999999", lw=0.8, ls="--")
ax.text(2300, np.log(2) + 0.01, "log 2: a coin", ha="right")
ax.set(xlabel="epoch", ylabel="entropy S of a gate (nats)", ylim=(0, 0.75))
plt.show()
end = entropies(net.theta)
for unit in np.argsort(betas[-1])[-2:]:
    print(f"beta {betas[-1][unit]:.1f}: S = {end[unit]:.3f}")
change = np.abs(entropies(turned.theta) - end).max()
print("the wild gauge of before has changed S by", change)
lesson.reveal("8.12")

# %% [markdown]
# All ten gates are coins at first, and then they **cool down**: they become sure.
# Nine stay so. One (black) becomes a coin once more for a moment, when its $\beta$
# passes through 0 in the first figure, and ends far less sure than the others. And
# the unit with $\beta=9$ is *less* sure than the one with 5: its field is smaller.

# %% [markdown]
# ## What you have now
#
# * The gauge $(w,b,\beta,v)\to(cw,cb,\beta/c,v/c)$: neither the sign nor the size
#   of one $\beta$ means anything alone. What means something is $u=\beta h$.
# * One direction per unit in which the gradient is exactly zero: a free test, which
#   sees the inside of the layer and nothing else.
# * Fixing $\beta=1$ loses no function. In the published training it costs more than a
#   factor of two in the loss; at a rate of 0.3 no lead can be shown.
# * A good explanation that fits is not yet a right one. Ask what it forbids, and look.

# %% [markdown]
# ## Where this stands
#
# ESP with a trainable $\beta$ is Swish (Ramachandran, Zoph and Le, arXiv:1710.05941);
# in one of their large networks the trained $\beta$ lay between 0 and about 1.5, with
# a peak at 1. The gauge of ReLU is what Dinh et al. (arXiv:1703.04933)
# use to show that sharpness alone says little about a network. That gradient flow
# conserves quantities like $Q$ is proved for linear and ReLU networks by Du, Hu and
# Lee (arXiv:1806.00900); Marcotte, Gribonval and Peyré (arXiv:2307.00144) count all
# such quantities.

# %% [markdown]
# ## To think about
#
# 1. Check that $h f_h - \beta f_\beta = f$ for ESP, $f = h\,\sigma(\beta h)$.
# 2. Along the gauge the *gradient* is zero. What about the Hessian $H$?
#    Differentiate $\nabla L\cdot\xi = 0$ once more, and find what $H\xi$ is.
# 3. Why can no gauge of this network see a factor that is missing in `do`?
#
# <details><summary>Answers</summary>
#
# 1. $f_h = p + \beta h\,p(1-p)$ and $f_\beta = h^2 p(1-p)$, with $p=\sigma(\beta
#    h)$. So $h f_h - \beta f_\beta = hp$.
# 2. $\xi$ is linear in $\theta$: $\xi = R\theta$, where $R$ is diagonal, $+1$ for
#    $w, b$, $-1$ for $\beta, v$, and 0 elsewhere. The derivative of $\nabla L\cdot
#    R\theta$ is $H\xi + R\,\nabla L = 0$. So $H\xi = -R\,\nabla L$; at a minimum it
#    is zero, and $H$ has a zero eigenvalue per unit (lesson 11).
# 3. The sum is linear in `do`, and it is zero for *every* `do`: no change of the
#    loss that still acts on the same outputs can break it.
#
# </details>
