# %% [markdown]
# # 1. A gate that decides
#
# A neuron receives a number and has to decide: pass something on, or not? In
# this lesson you build the simplest unit that decides, a gate with two states,
# and find out how often it is open. You will not choose a formula. You will
# *derive* it, from one requirement: assume nothing that you do not know.
#
# At the end you will have found the sigmoid and the tanh, and you will know what
# the number beta in front of the field means. The model is that of
# [arXiv:1805.08786](https://arxiv.org/abs/1805.08786).
#
# You need: exponentials, logarithms, derivatives, and a little NumPy. About 40
# minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## The least that one can assume
#
# A gate has a state $s$, which is 0 (shut) or 1 (open). What arrives at it is a
# number $h$, called the **field**. We do not know the gate's state; we can only
# give each state a probability $P(s)$.
#
# Suppose all we know is the *mean* state, $\langle s\rangle = \sum_s s\,P(s)$.
# Many distributions have that mean once there are more than two states. Which
# one should we take? The one that claims the least beyond the mean, and "claims
# the least" can be measured: by the **entropy**
#
# $$S = -\sum_s P(s)\log P(s),$$
#
# which is largest when all states are equally likely and 0 when one is certain.
# It is measured in nats.

# %% [markdown]
# So we want the $P$ with the largest entropy that still has the given mean, and
# that sums to one. Two conditions, two Lagrange multipliers: make
#
# $$-\sum_s P\log P + \lambda\Big(\sum_s s P - \langle s\rangle\Big)
#   + \mu\Big(\sum_s P - 1\Big)$$
#
# stationary. The derivative with respect to one $P(s)$ is
# $-\log P(s) - 1 + \lambda s + \mu = 0$. So $P(s)$ is proportional to
# $e^{\lambda s}$: nothing else is left.
#
# The multiplier $\lambda$ says how strongly the gate is pushed. The push comes
# from the field, so we write $\lambda = \beta h$: $h$ is what arrives, and
# $\beta$ says how seriously the gate takes it. Then
#
# $$P(s\mid h) = \frac{e^{\beta s h}}{Z} \tag{1.1}$$
#
# $$Z = \sum_s e^{\beta s h}. \tag{1.2}$$
#
# $Z$ only makes the probabilities sum to one. You will see that it knows
# everything else, too.

# %% [markdown]
# **Exercise 1.1.** Write (1.1), for any list of states. `states` is an array,
# and so is the answer.

# %% exercise="1.1"

# %% [markdown]
# If you are stuck, `lesson.hint("1.1")` gives a little more each time you call
# it, and `lesson.solution("1.1")` shows one way. Try to be wrong on purpose,
# once: leave out `beta`, and read what the check says.

# %% [markdown]
# ## How open is the gate?
#
# For $s\in\{0,1\}$ there are two terms in $Z$, so
#
# $$\log Z = \log(1 + e^{\beta h}) \tag{1.3}$$
#
# and the mean state is $\langle s\rangle = 0\cdot P(0) + 1\cdot P(1)$. Before
# you write it: think.
#
# **Exercise 1.2, a prediction.** Make the gate infinitely hot, $\beta = 0$, with
# a large positive field. Is it `"open"`, `"shut"`, open `"half"` of the time, or
# does it depend on the `"sign"` of the field? Put one of these four words in
# place of the dots.

# %% exercise="1.2"

# %% [markdown]
# **Exercise 1.3.** Now the mean state of a gate with states 0 and 1.

# %% exercise="1.3"

# %% [markdown]
# You have just found the **sigmoid**,
#
# $$\langle s\rangle = \sigma(u) = \frac{1}{1+e^{-u}} = \frac{e^{u}}{1+e^{u}},
#   \qquad u = \beta h. \tag{1.5}$$
#
# Physicists know it as the Fermi-Dirac function: how often a place for one
# particle is taken. If the gate's states are $-1$ and $1$ instead, the same two
# lines give
#
# $$\langle s\rangle = \frac{e^{u} - e^{-u}}{e^{u}+e^{-u}} = \tanh u. \tag{1.4}$$
#
# Nobody chose these curves. They are what a two-state gate does on average. Let
# us not believe it, and count: `mf.energy.enumerate_gate` adds up the states one
# by one.

# %%
h = np.linspace(-4, 4, 9)
counted = mf.energy.enumerate_gate(h, beta=1.5)
print("largest difference:", np.abs(counted.gate - mf.activations.sigmoid(h, 1.5)).max())

# %% [markdown]
# ## What beta means
#
# Look at the mean state for several $\beta$. Before you run the cell: which
# curve will be the steepest?


# %%
def draw_gate(ax, beta):
    """The mean state against the field, for one beta."""
    h = np.linspace(-4, 4, 401)
    ax.plot(h, mf.activations.sigmoid(h, beta), color=mf.plots.COLOURS["sigmoid"])
    ax.set(title=f"β = {beta:.3g}", xlabel="field h", ylim=(-0.05, 1.05))


fig, axes = plt.subplots(1, 4, figsize=(10, 2.6), sharey=True, layout="constrained")
for ax, beta in zip(axes, (0.25, 1, 4, 50)):
    draw_gate(ax, beta)
axes[0].set_ylabel("mean state ⟨s⟩")
plt.show()

# %% [markdown]
# $1/\beta$ is a **temperature**: the noise at the gate. A cold gate ($\beta$
# large) is sure: it opens as soon as $h > 0$. A hot gate ($\beta$ small) hardly
# listens to its field. At $\beta = 0$ it does not listen at all, and at
# $\beta\to\infty$ it is a step.
#
# With a running kernel you can turn the noise by hand:

# %%
from ipywidgets import FloatLogSlider, interact


@interact(beta=FloatLogSlider(value=1, min=-1, max=2, description="β"))
def turn(beta):
    fig, ax = plt.subplots(figsize=(4, 2.6), layout="constrained")
    draw_gate(ax, beta)
    ax.set_ylabel("mean state ⟨s⟩")
    plt.show()


# %% [markdown]
# ## A formula is not yet a program
#
# Mathematically the two forms in (1.5) are equal. In a computer they are not:
# `exp(800)` is infinite.

# %%
with np.errstate(all="ignore"):
    u = np.array([-800.0, 0.0, 800.0])
    print("1/(1+exp(-u))    ", 1 / (1 + np.exp(-u)))
    print("exp(u)/(1+exp(u))", np.exp(u) / (1 + np.exp(u)))

# %% [markdown]
# The second form breaks at $u = 800$: infinity over infinity. The first gives
# numbers, but in between it takes the exponential of 800, and at $u=-800$ it
# says 0 because it divided by infinity. The library takes only
# $e = e^{-|u|}$, which is never larger than 1:
#
# $$\sigma(u) = \frac{1}{1+e}\ \text{ for } u\ge0, \qquad
#   \sigma(u) = \frac{e}{1+e}\ \text{ for } u<0.$$
#
# **Exercise 1.4.** Write it. `np.where(condition, a, b)` chooses element by
# element. (The check looks at your numbers only, so the first form of (1.5)
# would pass. But NumPy would warn of the overflow each time you use it.)

# %% exercise="1.4"

# %% [markdown]
# ## Many gates
#
# A layer has $n$ gates, each with its own field $h_i$ and its own $\beta_i$. A
# state of the *layer* is a list of $n$ states, and there are $2^n$ of them. Its
# weight is $e^{\sum_i\beta_i s_i h_i}$, which is a product with one factor a
# gate, and so the sum over all lists falls apart:
#
# $$Z_\text{layer} = \sum_{s_1\dots s_n} e^{\sum_i \beta_i s_i h_i}
#   = \prod_i Z_i. \tag{1.6}$$
#
# (Take $n = 2$ and write out the four terms if this went too fast.)
#
# **Exercise 1.5.** Write $\log Z_\text{layer}$, without a loop over $2^n$
# states.

# %% exercise="1.5"

# %% [markdown]
# Counting all the lists gives the same number. Here are 12 gates, 4096 states:

# %%
rng = np.random.default_rng(1)
h, beta = rng.normal(size=12), rng.uniform(0.5, 2, size=12)
log_Z, gates = mf.energy.enumerate_layer(h, beta)
print("counted:", log_Z, " closed form:", np.log1p(np.exp(beta * h)).sum())
print("mean states differ by", np.abs(gates - mf.activations.sigmoid(h, beta)).max())

# %% [markdown]
# ## Z knows everything
#
# Differentiate (1.3) with respect to the field:
# $\partial\log Z/\partial h = \beta\,e^{\beta h}/(1+e^{\beta h})
# = \beta\langle s\rangle$. The mean is a derivative of $\log Z$. What would
# $\partial\log Z/\partial\beta$ be? It is the subject of the next lesson, and
# the answer is the activation function that this whole course is about.

# %% [markdown]
# ## What you have now
#
# * A two-state gate, and the least that one can assume about it, is
#   $P = e^{\beta sh}/Z$.
# * Sigmoid and tanh are what such a gate does *on average*.
# * $\beta$ is the inverse noise of the gate: a number each unit may have for
#   itself.
# * A layer of independent gates is a product, so nothing has to be counted.
#
# **To think about.** A gate with the three states $-1, 0, 1$: what is its mean?
# Plot it beside tanh, with `boltzmann` of exercise 1.1.
