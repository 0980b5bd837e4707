# %% [markdown]
# # 1. A gate that decides
#
# A unit of a neural network receives a number and answers with another. Many
# books let it answer with an S-shaped curve, the **sigmoid**, and give as the
# reason that the curve is smooth and runs from 0 to 1. So do a hundred other
# curves. Below are four. One of them is the sigmoid. Which one, and why should
# a unit use that one?
#
# You will not choose a formula. You will *derive* it: from a gate that is open
# or shut, from one rule, to assume no more than you know, and from one law for
# what pushes the gate. The model is that of [arXiv:1805.08786](https://arxiv.org/abs/1805.08786).
#
# You need: exponentials, logarithms, derivatives, a little NumPy. About 60
# minutes, and 15 more for the climb at the end, which you may leave out. All
# letters are listed in appendix A, the notebook `A_notation`.

# %%
import math

import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% tags=["hide-input"]
h = np.linspace(-8, 8, 401)
bell = np.vectorize(math.erf)(h * math.sqrt(math.pi) / 4)
curves = {
    "A": (1 + np.tanh(h / 2)) / 2,
    "B": (1 + bell) / 2,
    "C": 1 / 2 + np.arctan(math.pi * h / 4) / math.pi,
    "D": (1 + (h / 2) / (1 + np.abs(h / 2))) / 2,
}
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for (name, curve), line in zip(curves.items(), ("-", "--", "-.", ":")):
    ax.plot(h, curve, line, label=name)
ax.set(xlabel="what arrives", ylabel="what is answered")
ax.legend()
plt.show()

# %% [markdown]
# ## A gate, and the doubt about it
#
# A gate has a **state** $s$: 0 when it is shut, 1 when it is open. A number $h$
# arrives, called the **field**, and pushes it open (or shut, if $h<0$). But the
# gate is noisy: with the same field it is sometimes open and sometimes shut. So
# we cannot know its state. We can only give each state a probability $P(s)$.
# (In the drawing the field also waits to pass. What passes is the matter of
# lesson 2; here we ask only whether the gate is open.)

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(8, 2.2), layout="constrained")
arrow = {"arrowstyle": "->"}
for ax, s in zip(axes, (0, 1)):
    ax.plot([0, 10], [0, 0], "k", lw=2)
    ax.plot([0, 4.8], [2, 2], "k", lw=2)
    ax.plot([5.2, 10], [2, 2], "k", lw=2)
    ax.plot([5, 5], [2 * s, 2 + 2 * s], color="#009E73", lw=6)  # the gate
    ax.annotate("", (4.5 + 4.5 * s, 1), (1, 1), arrowprops=arrow)
    ax.text(1, 1.25, "field h")
    wave = np.linspace(6.2, 8.8, 100)
    ax.plot(wave, 3 + 0.25 * np.sin(9 * wave), color="0.5", lw=1)
    ax.annotate("", (5.3, 3), (6.2, 3), arrowprops=arrow)
    ax.text(9, 2.85, "noise", color="0.4")
    word = ("shut", "open")[s]
    ax.set(title=f"s = {s}, {word}: with probability P({s})")
    ax.set(xlim=(0, 10.5), ylim=(-0.3, 4.3))
    ax.axis("off")
plt.show()

# %% [markdown]
# How much we do not know can be measured. A state surprises us by $-\log P(s)$:
# by 0 if it is certain, by a large number if it is rare; and the surprises of two
# independent gates add up. The mean surprise is called the **entropy**,
#
# $$S = -\sum_s P(s)\log P(s).$$
#
# | $P(0)$ | $P(1)$ | $S$ | |
# |---|---|---|---|
# | 1/2 | 1/2 | $-2\cdot\frac12\log\frac12 = \log2 = 0.69$ | a fair coin: the largest doubt |
# | 0.1 | 0.9 | $0.1\cdot2.30 + 0.9\cdot0.105 = 0.325$ | rather sure |
# | 0 | 1 | $0$ | certain |
#
# (A state of probability 0 adds nothing: $0\log0$ counts as 0.) The logarithm is
# the natural one, and the unit of $S$ is then called the **nat**. A bit, the
# answer to one fair yes-or-no question, is 0.69 nats.

# %% [markdown]
# ## The least that one can assume
#
# Suppose that we know only how far the gate is open in the mean,
# $\langle s\rangle = \sum_s s\,P(s)$. If the states are 0 and 1, this fixes
# $P$: a mean of 0.3 says $P(1) = 0.3$. So give the gate, for a moment, a third
# state: 0 shut, 1 half open, 2 open. Now many $P$ have the same mean. Which one
# should we take? **The one with the largest entropy**: any other claims to know
# something that nobody told us.
#
# Find it, on paper. Let $P$ be the one with the largest entropy. Take a very small
# probability $\varepsilon$ away from the middle state, and give half of it to
# each of its neighbours:
#
# $$P(0)+\tfrac\varepsilon2,\quad P(1)-\varepsilon,\quad P(2)+\tfrac\varepsilon2.$$
#
# 1. The sum stays 1. The mean changes by $0\cdot\tfrac\varepsilon2 -
#    1\cdot\varepsilon + 2\cdot\tfrac\varepsilon2 =$ `___`.
# 2. A term $-P\log P$ changes by $-(\log P+1)$ times the change of $P$ (its
#    derivative). Add the three: $S$ changes by $\varepsilon\cdot($ `___` $)$.
# 3. At the largest entropy the bracket must be `___`. If it were not, some small
#    $\varepsilon$, positive or negative, would make $S$ larger.
# 4. So $P(1)^2 =$ `___`, and $P(0) : P(1) : P(2) = 1 : x :$ `___`, with some
#    $x>0$.
#
# <details><summary>The four blanks</summary>
#
# 1. $0$: the mean does not change, either.
# 2. $\log P(1) - \tfrac12\log P(0) - \tfrac12\log P(2)$. (The three $1$ cancel.)
# 3. $0$.
# 4. $P(0)\,P(2)$. So $P(2)/P(1) = P(1)/P(0)$; call this ratio $x$. Then the
#    ratios are $1 : x : x^2$.
#
# If you know Lagrange multipliers: the one of the mean is $\log x$.
#
# </details>

# %% [markdown]
# So from each state to the next the probability is multiplied by the same $x$:
# $P(s)$ is proportional to $x^s$. If the states are not equally far
# apart, give the two neighbours unequal parts of $\varepsilon$, so that the mean
# stays the same. The result is the same law.
#
# What is $x$? It says how hard the gate is pushed: at $x=1$ all states are
# equally likely, and a large $x$ favours the large states. Let the field do
# that. Without a field, $x=1$. A field multiplies $x$ by some factor, and a
# field of $2h$ multiplies by the same factor twice. So the field *adds* to $\log x$:
#
# $$\log x = \beta h.$$
#
# $h$ is what arrives, and $\beta$ says how closely the gate follows it. This law
# is an *assumption* about the gate. That $P(s)$ is proportional to $x^s$ is not:
# you derived it.
#
# **Exercise 1.1.** Write $P$ for one field $h$, one $\beta$, and any list of
# states.

# %% exercise="1.1"

# %% [markdown]
# If you are stuck, `lesson.hint("1.1")` says a little more each time you call
# it, and `lesson.solution("1.1")` shows one way. Be wrong on purpose once:
# leave out `beta`, and read what the check says.
#
# Does your $P$ have the largest
# entropy? Take the states 0, 1, 2, and compare it with *all* other $P$ of the
# same mean. There is one free number, $P(1)$. (`lesson.mine("1.1")` is your own
# function, if it is right, and the solution's if not. A line says which.)

# %%
boltzmann = lesson.mine("1.1")


def entropy(P):
    """-sum of P log P, over the first axis."""
    P = np.maximum(P, 1e-300)  # so that 0 log 0 gives 0
    return -(P * np.log(P)).sum(axis=0)


states = np.array([0.0, 1.0, 2.0])
yours = boltzmann(-0.6, 1.5, states)
mean = yours @ states
P1 = np.linspace(0, mean, 500)
P2 = (mean - P1) / 2  # so that 0 P0 + 1 P1 + 2 P2 is the mean
every = np.array([1 - P1 - P2, P1, P2])

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(P1, entropy(every), color="0.3", label=f"all P of mean {mean:.2f}")
ax.plot(yours[1], entropy(yours), "ko", label="yours")
ax.set(xlabel="P(1)", ylabel="entropy (nats)")
ax.legend()
plt.show()

# %% [markdown]
# Your dot should lie on the very top. On paper you have found
#
# $$P(s\mid h) = \frac{e^{\beta s h}}{Z} \tag{1.1}$$
#
# $$Z = \sum_s e^{\beta s h}. \tag{1.2}$$
#
# $Z$ makes the probabilities sum to one.
#
# ## How open is the gate?
#
# Back to two states. With $s\in\{0,1\}$ there are two terms in $Z$. Its logarithm
# will be useful again and again:
#
# $$\log Z = \log(1 + e^{\beta h}). \tag{1.3}$$
#
# **Exercise 1.2, a prediction.** Let $\beta = 0$, and let the field be far from
# 0. Is the gate always `"open"`, always `"shut"`, open `"half"` of the
# time, or does it depend on the `"sign"` of the field? Write one of the four
# words in place of the dots. You will see the answer a little later.

# %% predict="1.2"

# %% [markdown]
# What does the gate do in the mean? Here is the work for a gate with the states
# $-1$ and $1$, with the short name $u=\beta h$: $Z = e^{-u} + e^{u}$, and so
#
# $$\langle s\rangle = (-1)\,\frac{e^{-u}}{Z} + 1\cdot\frac{e^{u}}{Z}
#   = \frac{e^{u} - e^{-u}}{e^{u}+e^{-u}} = \tanh u. \tag{1.4}$$
#
# That is an activation function of which you have perhaps heard. Now ours.
#
# **Exercise 1.3.** Write the mean state of a gate with states 0 and 1, for many
# fields at once. (Your `boltzmann` takes one field; here `h` is an array of
# them. So work out the formula.)

# %% exercise="1.3"

# %% [markdown]
# Which of the four curves is it?

# %%
mean_gate = lesson.mine("1.3")
h = np.linspace(-8, 8, 401)
for name, curve in curves.items():
    gap = np.abs(curve - mean_gate(h, 1.0)).max()
    print(f"{name} differs by at most {gap:.2g}")

# %% [markdown]
# It is A, the **sigmoid**:
#
# $$\langle s\rangle = \sigma(u) = \frac{1}{1+e^{-u}} = \frac{e^{u}}{1+e^{u}},
#   \qquad u = \beta h. \tag{1.5}$$
#
# And why that one? With two states the entropy had nothing to choose: A comes from
# $\log x = \beta h$ alone. Here $x = P(1)/P(0)$, the **odds** that the gate is open,
# and each unit of field multiplies them by $e^\beta$. In B, C and D the factor would
# change from field to field: see the odds at the fields 0, 2, 4 and 6. With three
# states or more the entropy chooses, too.

# %%
for name, curve in curves.items():
    odds = (curve / (1 - curve))[200::50][:4]  # h = 0, 2, 4, 6
    factors = ", ".join(f"{factor:.1f}" for factor in odds[1:] / odds[:-1])
    print(f"{name}: two more of field multiply the odds by {factors}")

# %% [markdown]
# ## Let it flip
#
# So far there were only probabilities. Build the noise: draw a random number,
# divide it by $\beta$, add it to the field, and open the gate if the sum is
# positive. Take *logistic* numbers, which look nearly like a bell curve: one of
# them is below $z$ with the probability $\sigma(z)$, and above $-z$ with the same
# probability. The gate opens if the number is above $-\beta h$: with the probability
# $\sigma(\beta h)$, exactly.

# %%
rng = np.random.default_rng(1)


def flip(h, beta, n):
    """n states of a noisy gate with field h, 0 or 1."""
    return (h + rng.logistic(size=n) / beta > 0).astype(int)


for field in (-1.0, 0.0, 1.0):
    print(f"h = {field:4}:", *flip(field, 1.5, 30))

# %% [markdown]
# No single flip can be predicted. The mean of many can: here is the mean of the
# first 1, 2, 3, ... flips, and your `mean_gate` as dashed lines.

# %% tags=["hide-input"]
count = np.arange(1, 10_001)
fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
for field, colour in ((-1.0, "k"), (0.0, "#E69F00"), (1.0, "#56B4E9")):
    means = flip(field, 1.5, len(count)).cumsum() / count
    ax.plot(count, means, color=colour, lw=1, label=f"h = {field:g}")
    ax.axhline(mean_gate(np.array([field]), 1.5)[0], color=colour, ls="--")
ax.set(xscale="log", xlabel="number of flips", ylabel="mean state ⟨s⟩")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# ## What beta means
#
# The noise has the size $1/\beta$. Here is your mean state for four $\beta$, and
# the answer to your prediction:

# %%
look = {"figsize": (10, 2.6), "sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(1, 4, **look)
for ax, beta in zip(axes, (0, 0.5, 2, 50)):
    h = np.linspace(-4, 4, 401)
    ax.plot(h, mean_gate(h, beta), color=mf.plots.COLOURS["sigmoid"])
    ax.set(title=f"β = {beta:g}", xlabel="field h", ylim=(-0.05, 1.05))
axes[0].set_ylabel("mean state ⟨s⟩")
plt.show()
lesson.reveal("1.2")

# %% [markdown]
# Physicists call $1/\beta$ a **temperature**. A cold gate ($\beta$ large) follows
# its field closely: it is open as soon as $h>0$. A hot gate ($\beta$ small)
# hardly notices its field. They know the curve, too: it is the Fermi-Dirac
# function, which says how often a place for one electron is taken.
#
# With a running kernel you can turn the noise by hand. (A web page shows no
# slider.)

# %% tags=["hide-input"]
from ipywidgets import FloatLogSlider, interact


@interact(beta=FloatLogSlider(value=1, min=-1, max=2, description="β"))
def turn(beta):
    fig, ax = plt.subplots(figsize=(4, 2.6), layout="constrained")
    h = np.linspace(-4, 4, 401)
    ax.plot(h, mean_gate(h, beta), color=mf.plots.COLOURS["sigmoid"])
    ax.set(xlabel="field h", ylabel="mean state ⟨s⟩", ylim=(-0.05, 1.05))
    plt.show()


# %% [markdown]
# ## A formula is not yet a program
#
# On paper the two forms in (1.5) are equal. In a computer they are not:

# %%
u = np.array([-800.0, 0.0, 800.0])
with np.errstate(all="ignore"):  # no warnings, for once
    print("u                ", u)
    print("exp(u)/(1+exp(u))", np.exp(u) / (1 + np.exp(u)))
    print("1/(1+exp(-u))    ", 1 / (1 + np.exp(-u)))
    print("exp(-u)          ", np.exp(-u))

# %% [markdown]
# $e^{800}$ is too large for a number of 64 bits; it **overflows** to infinity.
# Infinity over infinity is `nan`, not a number: the first form is wrong. The
# second gives the right numbers, because $1/\infty = 0$, but it overflows on the
# way, and NumPy warns each time.
#
# **Exercise 1.4.** Write $\sigma(u)$ so that nothing overflows, for any $u$, and
# so that small values keep their digits: $\sigma(-40)$ is $4\cdot10^{-18}$, not 0.
# Which exponentials are never larger than 1, whatever the sign of $u$?
# (`np.where(condition, a, b)` takes entries from `a` where the condition holds,
# and from `b` elsewhere. It computes *all* of both first.)

# %% exercise="1.4"

# %% [markdown]
# <details><summary>On paper</summary>
#
# Let the likelier state have the weight 1. Then the other has $r = e^{-|u|}$, and
#
# $$\sigma(u) = \frac{1}{1+r}\ \text{ for } u\ge0, \qquad
#   \sigma(u) = \frac{r}{1+r}\ \text{ for } u<0.$$
#
# </details>
#
# ## Many gates
#
# A layer has $n$ gates, each with its own field $h_i$ and its own $\beta_i$. They
# are *independent*: none sees what another does. A state of the layer is a list
# of $n$ zeros and ones. Probabilities of independent things multiply, and so do
# the weights: the list $s_1,\dots,s_n$ has the weight $e^{\sum_i\beta_i s_i
# h_i}$. $Z_\text{layer}$ is the sum of these weights over all lists, and there
# are $2^n$ of them: for 1000 gates, more than there are atoms in the world.
#
# Take $n=2$ and the short names $x_i = e^{\beta_i h_i}$. Write down the weights
# of the four lists 00, 10, 01, 11, add them, and look for a product.
#
# **Exercise 1.5.** Write $\log Z_\text{layer}$ for $n$ gates, without a sum over
# $2^n$ lists, and so that it holds for 1000 gates, too.

# %% exercise="1.5"

# %% [markdown]
# The library can count all lists, if they are not too many. Compare:

# %%
log_z_of_layer = lesson.mine("1.5")
rng = np.random.default_rng(1)
for n in (4, 12, 1000):
    h, beta = rng.normal(size=n), rng.uniform(0.5, 2, size=n)
    yours = log_z_of_layer(h, beta)
    counted = "too many"
    if n < 20:
        counted = f"{mf.energy.enumerate_layer(h, beta)[0]:.12g}"
    print(f"{n:4} gates: yours {yours:.12g}, counted: {counted}")

# %% [markdown]
# On paper, $1 + x_1 + x_2 + x_1x_2 = (1+x_1)(1+x_2)$, and in the same way
#
# $$Z_\text{layer} = \sum_{s_1\dots s_n} e^{\sum_i \beta_i s_i h_i}
#   = \prod_i Z_i. \tag{1.6}$$
#
# ## What a layer of gates sees
#
# At last, let a layer look at something: a handwritten digit of 8 by 8 pixels,
# one gate per pixel. The field is the brightness, from 0 to 1, minus 0.47, so
# that no field is 0. Each gate says 0 or 1, and nothing else. We flip each gate
# once, 10 times and 1000 times, and draw the mean; the last column is *your*
# sigmoid. The upper row is hot, the lower is cold.

# %%
stable_sigmoid = lesson.mine("1.4")
h = (mf.datasets.digits().X_train[1] - 0.47).reshape(8, 8)
rng = np.random.default_rng(0)
fig, axes = plt.subplots(2, 5, figsize=(9, 3.8), layout="constrained")
for row, beta in zip(axes, (4, 1000)):
    row[0].imshow(h, cmap="gray")
    row[0].set(title="field h", ylabel=f"β = {beta:g}")
    for ax, n in zip(row[1:], (1, 10, 1000)):
        flips = h + rng.logistic(size=(n, 8, 8)) / beta > 0
        ax.imshow(flips.mean(axis=0), cmap="gray", vmin=0, vmax=1)
        ax.set(title=f"{n} flips" if n > 1 else "1 flip")
    yours = stable_sigmoid(beta * h.ravel()).reshape(8, 8)
    row[4].imshow(yours, cmap="gray", vmin=0, vmax=1)
    row[4].set(title="σ(βh)")
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# A hot gate says little in one flip, but its mean keeps the shades of grey. A
# cold gate says the same each time, black or white, and the shades are lost. The
# networks of this course pass on the mean: what you see in the last column.
#
# ## What you have now
#
# * A gate, the largest entropy for its mean, and a push $\beta h$ give
#   $P = e^{\beta sh}/Z$.
# * Sigmoid and tanh are what such a gate does *in the mean*.
# * $\beta$ is the inverse noise of the gate, a number that each unit may have for
#   itself.
# * In a layer of independent gates $Z$ is a product, so nothing has to be
#   counted.
#
# One thing more, on paper. Differentiate $\log Z$, (1.3), with respect to the
# field. Which of your functions comes out?
#
# <details><summary>Answer</summary>
#
# $\beta\,e^{\beta h}/(1+e^{\beta h}) = \beta\langle s\rangle$: the mean, times
# $\beta$. The mean is a derivative of $\log Z$.
#
# </details>
#
# And the derivative with respect to $\beta$? It is the activation function that
# this whole course is about; you meet it in lesson 2.
#
# **Where this stands.** To take the distribution of largest entropy is the rule
# of Jaynes (*Information theory and statistical mechanics*, Physical Review 106,
# 620, 1957), who derived statistical physics from it. Units that are open with
# the probability $\sigma$ of their field over a temperature made the *Boltzmann
# machine* (Ackley, Hinton and Sejnowski, Cognitive Science 9, 147, 1985), which
# learned by flipping its gates. The networks of this course pass on the means and
# flip nothing; that this comes from the same model is the point of
# [arXiv:1805.08786](https://arxiv.org/abs/1805.08786).

# %% [markdown]
# ## To think about
#
# 1. Count the open ones of two gates with the same $u$: 0, 1 or 2. Is that the
#    gate with three states 0, 1, 2?
#
# <details><summary>Answer</summary>
#
# No. The weights are $1 : 2x : x^2$, because 1 can be had in two ways. The gate
# with three states has $1 : x : x^2$.
#
# </details>
#
# 2. How many flips do you need to know the mean of a gate to about 0.01?
#
# <details><summary>Answer</summary>
#
# One flip has the variance $\sigma(1-\sigma)$, at most 1/4. The mean of $n$ flips
# has the standard deviation $\sqrt{1/(4n)}$ at most. For 0.01, $n = 2500$. Ten
# times more exact costs a hundred times more flips.
#
# </details>
#
# 3. What does the gate do if its noise is Gaussian, and not logistic?
#
# <details><summary>Answer</summary>
#
# It is open with the probability that a Gaussian number is larger than $-h$.
# That is curve B of the first figure, if its width fits. The curves A and B are
# close; their tails differ.
#
# </details>
#
# 4. A gate has the states $-1, 0, 1$. What is its mean state? Plot it beside tanh,
#    with your `boltzmann`.
#
# <details><summary>Answer</summary>
#
# $(e^u - e^{-u})/(e^u + 1 + e^{-u})$. It is less steep at 0: the slope is 2/3
# and not 1, because the gate may rest in the middle.
#
# </details>

# %% [markdown]
# ## ★ A climb: only the mean is known
#
# Nothing later needs this. Above, the field set $x$. Jaynes asked it the other
# way round: *all* we know is the mean. A gate with the states 0, 1, 2 was open by
# $m$ in the mean. What should we believe of $P(0), P(1), P(2)$?
#
# The largest entropy says $1 : x : x^2$, and the mean must be $m$. This is an
# equation for $x$.
#
# **Exercise 1.6.** Write $P$ as a function of $m$, with $0<m<2$.

# %% exercise="1.6"

# %%
three_states = lesson.mine("1.6")
for m in (0.2, 0.6, 1.0, 1.4, 1.8):
    P = three_states(m)
    print(f"mean {m}: P =", P.round(4), f" entropy {entropy(P):.3f}")

# %% [markdown]
# At $m=1$ all three states are equally likely: to know that the mean lies in the
# middle is to know nothing. The further $m$ is from it, the less doubt is left.
