# %% [markdown]
# # 4. The loss is an energy
#
# A network learns to tell cats (1) from dogs (0). It gets better and better. Here
# is what it says of one cat, and the loss of this cat as a textbook's formula
# computes it:
#
# | step | logit $o$ | probability of "cat" | loss |
# |---|---|---|---|
# | 1,000 | 12 | 0.999994 | 6.1e-06 |
# | 2,000 | 30 | 0.9999999999999 | 9.3e-14 |
# | 3,000 | 37 | 1 | nan |
#
# The network is right, and more sure each time, until the loss is "not a number"
# and the training is lost. What is wrong with the formula, and what *is* a loss in
# the first place?
#
# In this lesson three losses follow from one question: how probable is the truth?
# You write the first in a form that does not break, and train a gate by it.
#
# You need: lesson 1 ($Z$, the sigmoid), lesson 3 (shapes), derivatives.
# About 70 minutes, and 55 more for the two starred parts.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## How probable is the truth?
#
# The last unit of a network is a gate, open ($s=1$) or shut ($s=0$). Its field
# times its $\beta$ is the **logit** $o$. The gate is noisy: it is open with the
# probability $p = \sigma(o)$.
#
# For one sample the truth is $y$, 1 or 0. **How probable is it that the gate shows
# the truth?** If that is probable the network is good. A probability is at most 1,
# and for many samples the probabilities multiply. So take minus the logarithm: it
# is never negative, it is 0 for a sure hit, and it adds up. It is called the
# **surprise**.
#
# Lesson 1 has what you need: the probability of a state is its weight over $Z$. With
# $\beta h = o$, what is the weight (lesson 1) of the state $s=y$? What is $Z$?
#
# **Exercise 4.1.** Derive the surprise on paper, as one formula in $o$ and $y$ for
# both truths, and write it, entry by entry. (Large logits come later.)

# %% exercise="4.1"

# %% [markdown]
# The weight is $e^{yo}$ and $Z = 1+e^{o}$, so the surprise is
# $\log Z - y\,o = \log(1+e^{o}) - y\,o$. One example: a gate with $o = 2$ is open
# with $p = 0.88$. If the truth is 1 the surprise is 0.13; if it is 0 it is 2.13.
#
# Independent gates multiply, so surprises add. With $N$ samples and $K$ gates per
# sample, the probability that *all* gates show the truth is $e^{-NKL}$ with
#
# $$L = \overline{\log(1+e^{o}) - y\,o}, \tag{4.1}$$
#
# the bar meaning the average over samples and outputs. This is the
# **cross-entropy**. (PyTorch calls it `F.binary_cross_entropy_with_logits`; its
# `F.cross_entropy` is the softmax loss (4.4) below.) And it is an **energy**: in
# physics a state of energy $E$ has a weight such as $e^{-E}$ (lesson 2), and a low
# energy means that it is probable. Check it on 5 samples with 3 gates:

# %%
surprise = lesson.mine("4.1")
rng = np.random.default_rng(4)
o = rng.normal(size=(5, 3))
y = (rng.random((5, 3)) < 0.5).astype(float)
p = 1 / (1 + np.exp(-o))
L = surprise(o, y).mean()
print("product of all probabilities:", np.prod(np.where(y == 1, p, 1 - p)))
print("exp(-N K L), with your terms:", np.exp(-o.size * L))

# %% [markdown]
# ## Where the network is sure
#
# Textbooks write the same loss with the probability: the mean of
# $-y\log p - (1-y)\log(1-p)$. (Put $y=1$ and $y=0$ in, and compare with (4.1).)
# Here is the table from the top of the page:

# %%
with np.errstate(all="ignore"):
    for logit in (12.0, 30.0, 37.0):
        p = 1 / (1 + np.exp(-logit))
        loss = -1 * np.log(p) - (1 - 1) * np.log(1 - p)
        print(f"o = {logit:g}, 1 - p = {1 - p:.2g}, loss = {loss:.2g}")

# %% [markdown]
# At $o = 37$ a float cannot hold a $p$ so near to 1: it becomes 1. Then $1-p$ is
# 0, its logarithm is $-\infty$, and $0\cdot\infty$ is nan.
#
# Now suppose that the network is sure and *wrong*, of one dog and of one cat. By
# (4.1) each has the surprise $\log(1+e^{40})$, which is 40 to many digits. For the
# dog, $o = 40$ and $y = 0$, the computer takes `-np.log(1 - p)`. That is infinite.
#
# **Prediction 4.2.** For the cat, $o = -40$ and $y = 1$, the computer takes `-np.log(p)`.
# What will it say: `"forty"`, `"infinite"`, `"nan"` or `"zero"`?

# %% predict="4.2"

# %%
with np.errstate(all="ignore"):
    dog, cat = (1 / (1 + np.exp(-o)) for o in (40.0, -40.0))
    print("dog: p =", dog, "and -log(1 - p) =", -np.log(1 - dog))
    print("cat: p =", cat, "and -log(p) =", -np.log(cat))
lesson.reveal("4.2")

# %% [markdown]
# The cat is safe. But one such dog, and the loss of the whole data set is infinite.
# Going through $p$ throws away what the logit knew. So stay with the logit.
#
# Even then $e^{800}$ is too large for a float. But in
# $\log(1+e^{o})$, for $o>0$, you can take $e^{o}$ out of the bracket:
#
# $$\log(1+e^{o}) = \log\big(e^{o}\,(\,\dots + 1)\big) = o + \log(\,\dots\,).$$
#
# Fill in the dots. Which form is good for $o > 0$, which for $o < 0$? Find one line
# that is right for both, in which `exp` is never taken of a positive number.
#
# **Exercise 4.3.** Write the loss (4.1) so that it is right for every logit.
# (`np.log1p(x)` is $\log(1+x)$, exact also for tiny $x$. `np.maximum(a, b)` takes
# the larger of two entries; `max` does not work on arrays. `np.where` computes both
# of its forms for every entry, and so overflows in the one that it throws away.)

# %% exercise="4.3"

# %% [markdown]
# $$\log(1+e^{o}) = \max(o,0) + \log(1+e^{-|o|}).$$
#
# (NumPy has it: `np.logaddexp(0, o)`.) The library goes one step further. If
# $y = 1$ and $o$ is large, then $\log(1+e^o)$ and $y\,o$ are nearly equal and
# cancel. But $\log(1+e^{o}) - o = \log(1+e^{-o})$, so it takes
# $y\log(1+e^{-o}) + (1-y)\log(1+e^{o})$, where nothing is subtracted. Here is what
# each way makes of a network that is right, and of one that is wrong:

# %% tags=["hide-input"]
logits = np.linspace(20, 50, 301)
with np.errstate(all="ignore"):
    p = 1 / (1 + np.exp(-logits))
    by_p = {1: -np.log(p), 0: -np.log(1 - p)}
library, one = mf.losses.bernoulli.value, np.ones((1, 1))
fig, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for ax, truth, title in zip(axes, (1, 0), ("right, y = 1", "wrong, y = 0")):
    exact = [library(logit * one, truth * one) for logit in logits]
    ax.plot(logits, exact, color="0.15", label="library", lw=3, alpha=0.5)
    ax.plot(logits, by_p[truth], color="#E69F00", label="by way of p")
    if truth:
        cancelled = np.logaddexp(0, logits) - logits
        label = "log(1 + exp(o)) − o"
        ax.plot(logits, cancelled, "--", color="#56B4E9", label=label)
    ax.set(title=title, xlabel="logit o", ylabel="loss (nats)",
           yscale="log" if truth else "linear")  # fmt: skip
axes[0].legend()
plt.show()

# %% [markdown]
# On the left, both careless ways fall to exactly 0, one at about $o = 33$, one at 37
# (a log scale has no zero, so they drop out of the picture). Just before, you see
# steps: they have been losing digits all along. On the right `p` rounds to 1 at 37,
# and there the curve ends, at infinity. The library's line goes on.
#
# ## The gradient
#
# Training needs $\partial L/\partial o$. Derive it on paper:
#
# 1. What is the derivative of $\log(1+e^o)$? (Lesson 1 knows its name.)
# 2. And that of $y\,o$?
# 3. How many of the $NK$ terms of (4.1) contain one given logit?
#
# **Exercise 4.4.** Write the gradient, for every logit. The check tries logits of
# $\pm800$ too, so use a sigmoid that does not overflow: your form from exercise
# 1.4, or $\sigma(o) = \frac12\big(1+\tanh\frac o2\big)$.

# %% exercise="4.4"

# %% [markdown]
# $$\frac{\partial L}{\partial o} = \frac{\sigma(o) - y}{NK}. \tag{4.2}$$
#
# Prediction minus truth: the **residual**. Nothing simpler could have come out.
# (The gate from above, $o=2$, $y=0$, alone: loss 2.13, gradient 0.88.) Do not
# believe it: move each logit a little, and see what *your* loss does.

# %%
loss, gradient = lesson.mine("4.3"), lesson.mine("4.4")
d, slope = 1e-6, np.zeros_like(o)
for place in np.ndindex(o.shape):
    nudge = np.zeros_like(o)
    nudge[place] = d
    slope[place] = (loss(o + nudge, y) - loss(o - nudge, y)) / (2 * d)
print("largest difference:", np.abs(slope - gradient(o, y)).max())

# %% [markdown]
# Differentiate once more. $\sigma' = p(1-p)$, which we call $w(o)$, and the logits
# do not mix:
#
# $$\frac{\partial^2 L}{\partial o^2} = \frac{w(o)}{NK}. \tag{4.3}$$
#
# It is never negative, so as a function of the logits the loss is a bowl. (As a
# function of the *weights* it need not be: lesson 10.)
#
# Why not squared error of the probability, $\frac12(p-y)^2$? By the chain rule its
# gradient is $(p-y)\,w$. Here are both gradients for a truth of 1:

# %% tags=["hide-input"]
logits = np.linspace(-8, 8, 401)
p = mf.activations.sigmoid(logits)
fig, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
ax.plot(logits, p - 1, color="0.15", label="cross-entropy: p − y")
ax.plot(logits, (p - 1) * p * (1 - p), "--", color="#E69F00",
        label="squared error of p: (p − y) w")  # fmt: skip
ax.set(xlabel="logit o, truth y = 1", ylabel="gradient, one sample")
ax.legend()
plt.show()

# %% [markdown]
# On the left the gate is sure of the wrong answer. The cross-entropy pulls at it
# with full force. Squared error of the probability hardly touches it, because $w$
# is nearly 0 there. In the cross-entropy this factor does not appear, and that is no
# luck: the loss was derived from the same $\log Z$ as the gate.
#
# ## One of K classes: softmax
#
# Let the output be *one* gate with $K$ states, of which state $k$ has the weight
# $e^{o_k}$. Then $Z = \sum_k e^{o_k}$ and $p_k = e^{o_k}/Z$: **softmax**. The
# truth $y$ is a row with a single 1. The probability of the true state is
# $e^{y\cdot o}/Z$, and minus its logarithm, averaged over samples, is
#
# $$L = \overline{\log\textstyle\sum_k e^{o_k} - y\cdot o}. \tag{4.4}$$
#
# Its gradient goes as before. On paper: what is $\partial\log Z/\partial o_k$, and
# in how many terms of the mean does one logit stand?
#
# <details><summary>Answer</summary>
#
# It is $e^{o_k}/Z = p_k$, and the logit stands in one term of $N$:
#
# $$\frac{\partial L}{\partial o} = \frac{p-y}{N}. \tag{4.5}$$
#
# </details>

# %% [markdown]
# ## ★ How softmax bends
#
# This part can be skipped. The curvature of softmax is new, for all logits of a
# sample share one $Z$. So it is a $K\times K$ matrix per sample. On paper,
# differentiate $p_k = e^{o_k}/Z$ with respect to $o_j$:
#
# * $o_j$ is always in $Z$. The derivative of $1/Z$ is $-\frac{1}{Z^2}\,(\ \dots)$,
#   which adds $(\ \dots)$ to $\partial p_k/\partial o_j$.
# * If $j=k$ it is in $e^{o_k}$ too, which adds $(\ \dots)$.
#
# Two things for the code. First, $e^{800}$ again:

# %%
large = np.array([[800.0, 799.0, 0.0], [-1.0, 0.5, 2.0]])
with np.errstate(all="ignore"):
    print(np.exp(large) / np.exp(large).sum(axis=1, keepdims=True))

# %% [markdown]
# What happens to $p$ if you add the same number to all logits of a row? Which
# number would help?
#
# Second, all products $p_j p_k$ of each sample at once. `q[:, :, None]` gives an
# array (N, K) a new last axis, (N, K, 1), and `q[:, None, :]` a middle one. Times
# each other they are stretched to (N, K, K):

# %%
q = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
print((q[:, :, None] * q[:, None, :])[0])
print((q[:, :, None] * np.eye(3))[1])

# %% [markdown]
# **Exercise 4.5.** Write the curvature $\partial^2 L/\partial o\,\partial o$ of the
# loss (4.4), the mean included: one $K\times K$ matrix per sample. The check tries
# logits of 800.

# %% exercise="4.5"

# %% [markdown]
# $$\frac{\partial^2 L}{\partial o\,\partial o}
#   = \frac{\mathrm{diag}(p) - p\,p^T}{N}. \tag{4.6}$$
#
# Is this loss a bowl, too? Take the matrix $C$ of a sample. It is a bowl if
# $v^T C v = \sum_{jk} v_j C_{jk} v_k$ is never negative, whatever the list $v$ is.
# Let the gate choose a state $k$, and pay you $v_k$. Then
# $v^T(\mathrm{diag}(p)-pp^T)v = \langle v^2\rangle - \langle v\rangle^2$ is the
# *variance* of what you are paid. So it is a bowl. And if all $v_k$ are equal, the
# variance is 0: the bowl has one flat direction. See it in yours:

# %%
C = lesson.mine("4.5")(o)
least = np.linalg.eigvalsh(C)[:, 0]
print("least eigenvalues: 0, up to", np.abs(least).max())
print("C times (1, 1, 1):", np.abs(C @ np.ones(3)).max())

# %% [markdown]
# ## A value with noise: squared error
#
# If the output is a value and not a decision, let it be $o$ plus normal noise of
# variance 1. The truth $y$ then has the density $e^{-(o-y)^2/2}/\sqrt{2\pi}$. Minus
# its logarithm is $(o-y)^2/2$ and a constant, which no network can change. With $K$
# values per sample, energies add:
#
# $$L = \overline{|o-y|^2/2}, \tag{4.7}$$
#
# the average over samples of a sum over $K$ values. Differentiate it twice:
#
# <details><summary>Answer</summary>
#
# $$\frac{\partial L}{\partial o} = \frac{o-y}{N} \tag{4.8}$$
#
# $$\frac{\partial^2 L}{\partial o\,\partial o} = \frac1N
#   \quad\text{(times the unit matrix).} \tag{4.9}$$
#
# </details>
#
# So all three gradients are prediction minus truth, each over its number of terms.

# %% [markdown]
# ## A gate learns
#
# Time to use what you wrote. One gate with two inputs: $o = xW + b$. By the chain rule
# $\partial L/\partial W_j = \sum_n x_{nj}\,\partial L/\partial o_n$, and for $b$ the
# same without $x$. Walk downhill, once with your functions, and once with the
# textbook's: its gradient is $\partial L/\partial p$ times $p(1-p)$. The steps are
# large, so that the gate soon becomes very sure.

# %%
fields = lesson.mine("3.1")
data = mf.datasets.linear()
x, truth = data.X_train - data.X_train.mean(axis=0), data.Y_train


def by_way_of_p(o, y):
    """The textbook's loss and its gradient."""
    p = 1 / (1 + np.exp(-o))
    terms = -y * np.log(p) - (1 - y) * np.log(1 - p)
    dp = (1 - y) / (1 - p) - y / p
    return terms.mean(), dp * p * (1 - p) / o.size


# %%
def walk(both):
    """Train a gate; and at each step: loss, score, are the weights nan?"""
    W, b, seen = np.zeros((2, 1)), np.zeros(1), []
    for _ in range(1000):
        o = fields(x, W, b)
        L, do = both(o, truth)
        W, b = W - 50 * (x.T @ do), b - 50 * do.sum(axis=0)
        seen.append((L, np.mean((o > 0) == truth), np.isnan(W).all()))
    return W, b, np.array(seen)


W, b, yours = walk(lambda o, y: (loss(o, y), gradient(o, y)))
with np.errstate(all="ignore"):
    textbook = walk(by_way_of_p)[2]
lost = 1 + np.flatnonzero(np.isnan(textbook[:, 0]))[0]
spoilt = 1 + np.flatnonzero(textbook[:, 2])[0]
print(f"textbook: loss nan from step {lost} on, weights from {spoilt}")
for k in (lost - 1, 999):
    scores = f"yours {yours[k, 1]:.0%}, textbook {textbook[k, 1]:.0%}"
    print(f"right at step {k + 1}: {scores}")

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.1), layout="constrained")
left, right = axes
for k, (colour, marker) in enumerate((("#053061", "o"), ("#67001F", "^"))):
    some = x[truth[:, 0] == k].T
    left.scatter(*some, 18, colour, marker=marker, label=f"truth {k}")
ends = np.array([x[:, 0].min(), x[:, 0].max()])
left.plot(ends, -(W[0, 0] * ends + b[0]) / W[1, 0], "k", label="o = 0")
left.set(xlabel="first input", ylabel="second input", ylim=(-2.5, 2.5))
left.legend()
steps, mine, by_p = range(1, 1001), yours[:, 0], textbook[:, 0]
right.loglog(steps, mine, color="0.15", lw=4, alpha=0.4, label="your loss")
right.loglog(steps, by_p, color="#E69F00", label="by way of p")
end = lost - 1  # the last step with a loss
right.plot(end, by_p[end - 1], "x", color="#D55E00", label="then nan")
right.set(xlabel="step", ylabel="loss (nats)")
right.legend()
plt.show()

# %% [markdown]
# Your gate goes on. In the textbook's, the loss is 0 times infinity and the gradient
# 0/0: both are nan at the same step, and the step made the weights nan. Since nan is never
# above 0, the gate now calls every point 0.
#
# ## ★ A climb: the loss as a large deviation
#
# This part can be skipped. It needs complex numbers as far as $e^{i\varphi}$. (More
# on saddle points is in appendix B, `B_mathematics`.) The paper finds the loss on
# another road, in which a *fraction* $y$ of the samples is true.
#
# Take $N$ samples for which the network says the same $o$. In a fraction $y$ of
# them the truth is 1. Let $N$ gates decide. How probable is it that the fraction
# of open gates is exactly $y$? There are $\binom{N}{k}$ ways to choose which
# $k = Ny$ gates are open, each of probability $p^k(1-p)^{N-k}$.

# %%
from math import comb


def counted(o, y, N):
    """The probability that N y of N gates with logit o are open."""
    k, p = round(N * y), 1 / (1 + np.exp(-o))
    return comb(N, k) * p**k * (1 - p) ** (N - k)


for N in (5, 20, 80, 320):
    P = counted(-1.0, 0.6, N)
    print(f"N = {N:3}: P = {P:.3e}, -log P / N = {-np.log(P) / N:.4f}")

# %% [markdown]
# For large $N$ it looks like $e^{-N\cdot\text{something}}$. We want that something.
#
# **A delta.** Let $\delta(m)$ be 1 if the integer $m$ is 0, and 0 otherwise. Then
# $P = \langle\delta(\sum_n s_n - Ny)\rangle$, an average over the gates' states. The
# $\delta$ ties the gates together. To untie them, walk once round the circle and
# average $e^{i\varphi m}$. For $m=0$ it is 1 all the way; for any other integer it
# turns round $m$ times, and the average is 0:
#
# $$\delta(m) = \frac{1}{2\pi}\int_{-\pi}^{\pi} e^{i\varphi m}\,d\varphi .$$
#
# **One gate.** It is open with $p$ and shut with $1-p$, so
# $\langle e^{i\varphi s}\rangle = p\,e^{i\varphi} + (1-p)$. The exponential of a sum
# is a product, and the gates are independent:
#
# $$P = \frac{1}{2\pi}\int d\varphi\;
#   \big[e^{-i\varphi y}\,(1-p+p\,e^{i\varphi})\big]^N .$$

# %% [markdown]
# Write $t = i\varphi$, and $p = e^{o}/(1+e^{o})$. The bracket's logarithm is
#
# $$g(t) = \log(1+e^{o+t}) - \log(1+e^{o}) - t\,y ,$$
#
# whose first term is $\log Z$ of a gate with its logit **shifted** by $t$. So
# $P = \frac1{2\pi}\int e^{N g(i\varphi)}d\varphi$, exactly.
#
# **Another path.** Along this path the integrand turns round and round, and nearly
# all of it cancels. But $Ny$ is a whole number. So, multiplied out, $e^{N g}$ is a
# finite sum of terms $e^{mt}$ with integer $m$. On the path $t = c + i\varphi$, with
# any real $c$, only the term with $m=0$ survives the integral, and $e^{0\cdot t} = 1$
# does not know $c$. Every $c$ gives the same integral:


# %%
def g(t, o, y):
    """The exponent per sample; t may be complex."""
    return np.log((1 + np.exp(o + t)) / (1 + np.exp(o))) - t * y


phi = np.linspace(-np.pi, np.pi, 2000, endpoint=False)
for c in (0.0, 0.7, 1.41):
    integral = np.mean(np.exp(20 * g(c + 1j * phi, -1.0, 0.6)))
    print(f"c = {c}: {integral.real:.6e}")
print(f"counted: {counted(-1.0, 0.6, 20):.6e}")

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained")
for ax, c in zip(axes, (0.0, 0.7, 1.41)):
    integrand = np.exp(20 * g(c + 1j * phi, -1.0, 0.6)).real
    ax.axhline(0, color="0.8", lw=0.8)
    ax.plot(phi, integrand / counted(-1.0, 0.6, 20), color="0.15")
    ax.set(title=f"c = {c:.2f}, N = 20", xlabel="angle φ")
    ax.set_xticks([-np.pi, 0, np.pi], ["−π", "0", "π"])
axes[0].set_ylabel("integrand / P")
plt.show()

# %% [markdown]
# The mean of all three curves is 1; mind the scales. On the left it is what remains
# of waves hundreds of times as high. On the right there is one hill, and hardly
# anything cancels. The best $c$ is where $g$ is least on the real axis, for there the
# hill is lowest:
#
# $$g'(t) = \sigma(o+t) - y = 0 .$$
#
# Along the real axis this is a minimum of $g$, for
# $g'' = \sigma(1-\sigma) = y(1-y)$ is positive. Across, along $i\varphi$, the same
# $g''$ makes it a maximum, since $i^2=-1$. Up one way and down the other: a
# **saddle point**.
#
# **Exercise 4.6.** Which shift $t$ makes the gate's mean the truth? Then put your
# $t$ into $g$, and compare $-g$ with (4.1), on paper.

# %% exercise="4.6"

# %% [markdown]
# Let $o^* = \log\frac{y}{1-y}$ be the logit that would be exactly right. Then
# $t = o^*-o$, and
#
# $$-g = \underbrace{\big[\log(1+e^{o}) - y\,o\big]}_{\text{cross-entropy}}
#   - \underbrace{\big[\log(1+e^{o^*}) - y\,o^*\big]}_{\text{entropy } S(y)} .$$
#
# The second bracket does not know $o$: no network can change it. (It is the entropy
# of a gate with mean $y$.) Near the saddle point
# $g \approx g(t) - \frac12y(1-y)\varphi^2$, a Gaussian hill, and with
# $\int e^{-A\varphi^2/2}d\varphi = \sqrt{2\pi/A}$
#
# $$P \approx \frac{e^{N g(t)}}{\sqrt{2\pi N\,y(1-y)}} .$$
#
# In $-\frac1N\log P$ the root becomes $\log N/N$ (times a half, and a constant over
# $N$), which goes to 0. What stays is the exponent. That
# $P$ has this form is called a **large deviation** principle.

# %%
t = lesson.mine("4.6")(np.array([-1.0]), np.array([0.6]))[0]
for N in (5, 20, 80, 320):
    width = np.sqrt(2 * np.pi * N * 0.6 * (1 - 0.6))
    saddle = np.exp(N * g(t, -1.0, 0.6)) / width
    ratio = saddle / counted(-1.0, 0.6, N)
    print(f"N = {N:3}: saddle point / counted = {ratio:.4f}")


# %% tags=["hide-input"]
def draw_rate(ax, N, o=-1.0):
    """-log P / N, counted (dots), and the cross-entropy less S (line)."""
    y = np.linspace(0.001, 0.999, 400)
    S = -y * np.log(y) - (1 - y) * np.log(1 - y)
    ax.plot(y, np.log1p(np.exp(o)) - y * o - S, color="0.15")
    k = np.arange(0, N + 1, max(1, N // 20))
    rate = [-np.log(counted(o, j / N, N)) / N for j in k]
    ax.plot(k / N, rate, "o", color="#E69F00", ms=4)
    ax.set(title=f"N = {N}", xlabel="fraction y", ylim=(-0.05, 1.4))


shared = {"sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), **shared)
for ax, N in zip(axes, (5, 20, 320)):
    draw_rate(ax, N)
axes[0].set_ylabel("−log P / N (nats)")
plt.show()

# %% [markdown]
# Dots: counted. Line: cross-entropy less entropy. The dots come down onto the line,
# and the line touches zero where $y$ is what the network says, $\sigma(-1) = 0.27$.
# At $y=0$ and $y=1$ the dots lie on the line for *every* $N$: there is one way only
# for all gates to be shut, and one for all to be open. There the entropy $S$ is 0,
# and the line is the surprise with which this lesson began.
#
# ## What you have now
#
# * The probability that noisy outputs show the truth is $e^{-\text{energy}}$, and
#   the energy per term is the loss.
# * Gates give the cross-entropy, a gate of $K$ states gives softmax, normal noise
#   gives squared error.
# * In all three the gradient at the output is the residual, prediction minus
#   truth. The curvature is the variance of the noisy output. Both carry the 1/N of
#   the mean (and the 1/K, where it goes over outputs).
# * Losses are computed from logits, never from probabilities.

# %% [markdown]
# **Where this stands.** That a network should be trained by the likelihood and not
# by squared error was proposed by E. Baum and F. Wilczek (NIPS 1987) and by S. Solla,
# E. Levin and M. Fleisher (Complex Systems 2, 1988), who found faster learning.
# Softmax has its name from J. Bridle (1990). How exact the shifted forms of
# $\log\sum e^{o}$ are is shown by P. Blanchard, D. J. Higham and N. J. Higham
# ([IMA J. Numer. Anal. 41, 2021](https://doi.org/10.1093/imanum/draa038)); PyTorch
# has yours as `BCEWithLogitsLoss`. (Its `BCELoss`, which takes $p$, cuts the
# logarithm off at -100, so there you see no nan.) The climb follows the appendix of
# [arXiv:1805.08786](https://arxiv.org/abs/1805.08786); H. Touchette
# ([arXiv:0804.0327](https://arxiv.org/abs/0804.0327)) tells how statistical
# mechanics as a whole is about large deviations.
#
# **To think about.**
#
# 1. A gate gets the same field in all samples, of which 60 % are true. Which $o$
#    makes the loss smallest, and what is the loss there? Why is it not 0?
# 2. A friend repairs the nan by `p = np.clip(p, 1e-15, 1 - 1e-15)`. What does the
#    loss of a sure mistake become, and what does its gradient become?
#
# <details><summary>Answers</summary>
#
# 1. The residual averages to 0 where $\sigma(o) = 0.6$, so $o = \log 1.5 = 0.405$.
#    The loss is $-0.6\log 0.6 - 0.4\log 0.4 = 0.673$, the entropy of the truths:
#    samples that look the same cannot be told apart.
# 2. The loss is never more than $-\log 10^{-15} = 34.5$. Above a logit of about 34.5
#    it is constant, so its gradient is 0: the gate that is wrong and most sure is
#    the one that no longer learns.
#
# </details>
