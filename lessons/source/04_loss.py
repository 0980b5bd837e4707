# %% [markdown]
# # 4. The loss is an energy
#
# A network has said something. How wrong is it? One number must answer, because
# training can only go downhill on one number. In this lesson you *derive* that
# number: ask how probable it is that the network's noisy output gates show the
# truth, and the loss is what stands in the exponent.
#
# You will meet a delta function, a Fourier integral and a saddle point, each
# spelled out, and each checked by counting. At the end you have the three losses
# of the library, their gradients and their curvatures, in a form that does not
# break where the network is sure.
#
# You need: lesson 1, complex numbers as far as $e^{i\varphi}$, and a little
# NumPy. About 55 minutes.

# %%
from math import comb

import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## The question
#
# The last unit of a network is a gate, open ($s=1$) or shut ($s=0$). Its field,
# times its $\beta$, is called the **logit** $o$. From lesson 1, the gate is open
# with probability $p = \sigma(o)$.
#
# Take $N$ samples for which the network says the same $o$. In a fraction $y$ of
# them the truth is 1. Let $N$ gates with this logit decide, each for itself.
# **How probable is it that the fraction of open gates is exactly the truth,
# $y$?** If that is probable, the network is good.

# %% [markdown]
# You can count: there are $\binom{N}{k}$ ways to choose which $k = Ny$ gates are
# open, each of probability $p^k(1-p)^{N-k}$.


# %%
def counted(o, y, N):
    """The probability that N y of N gates with logit o are open."""
    k, p = round(N * y), 1 / (1 + np.exp(-o))
    return comb(N, k) * p**k * (1 - p) ** (N - k)


for N in (5, 20, 80):
    print(f"N = {N:2}: probability {counted(-1.0, 0.6, N):.3e}")

# %% [markdown]
# It falls quickly with $N$. Each time there are four times the samples, the
# logarithm gets about 3 times as large, then 3.3 times, on its way to 4: for
# large $N$ it looks like $e^{-N\cdot\text{something}}$. That something is what we
# want, as a formula in $o$ and $y$.
#
# ## A delta function
#
# Write the question down literally. Let $\delta(m)$ be 1 if the integer $m$ is
# 0, and 0 otherwise. Then the probability is an average over the gates,
#
# $$P(y) = \Big\langle\, \delta\Big(\sum_n s_n - Ny\Big) \Big\rangle .$$
#
# All of the difficulty now sits in $\delta$: it ties the gates together. There
# is a way to untie them.

# %% [markdown]
# ## A Fourier integral
#
# Walk once round the circle and average $e^{i\varphi m}$. For $m = 0$ it is 1
# all the way. For any other integer $m$ it turns round $m$ times, and the
# average is 0. So
#
# $$\delta(m) = \frac{1}{2\pi}\int_{-\pi}^{\pi} e^{i\varphi m}\,d\varphi .$$
#
# Check it, with the integral as a mean over 64 points of the circle:

# %%
phi = np.linspace(-np.pi, np.pi, 64, endpoint=False)
for m in (0, 1, 2, 7):
    print(f"m = {m}: {np.abs(np.mean(np.exp(1j * phi * m))):.1e}")

# %% [markdown]
# Put it in. The exponential of a sum is a product, the gates do not know of each
# other, and so the average of the product is the product of averages:
#
# $$P(y) = \frac{1}{2\pi}\int d\varphi\; e^{-i\varphi Ny}
#   \prod_n \big\langle e^{i\varphi s_n}\big\rangle
#   = \frac{1}{2\pi}\int d\varphi\;\big[e^{-i\varphi y}\,(1-p+p\,e^{i\varphi})\big]^N .$$
#
# Now write $\lambda = i\varphi$ and $p = e^{o}/(1+e^{o})$. The bracket's
# logarithm is
#
# $$g(\lambda) = \log\frac{1+e^{o+\lambda}}{1+e^{o}} - \lambda y
#   = \log(1+e^{o+\lambda}) - \log(1+e^{o}) - \lambda y$$
#
# and $P(y) = \frac{1}{2\pi}\int e^{N g(i\varphi)}\,d\varphi$, exactly. Look at
# the first term: it is $\log Z$ of a gate whose logit has been shifted by
# $\lambda$.


# %%
def g(lam, o, y):
    """The exponent per sample; lam may be complex."""
    return np.log((1 + np.exp(o + lam)) / (1 + np.exp(o))) - lam * y


phi = np.linspace(-np.pi, np.pi, 2000, endpoint=False)
for N in (5, 20, 80):
    integral = np.mean(np.exp(N * g(1j * phi, -1.0, 0.6)))
    print(f"N = {N:2}: integral {integral.real:.3e}, counted {counted(-1.0, 0.6, N):.3e}")

# %% [markdown]
# ## A saddle point
#
# The integral is exact but useless as it stands: along this path the integrand
# has size up to 1 and turns round and round, and nearly all of it cancels. The
# way out is to take another path.
#
# You may. Let $\lambda = a + i\varphi$ with a fixed real $a$, instead of
# $\lambda = i\varphi$. The integrand is a finite sum of terms
# $e^{m\lambda}$ with integer $m$. Of these only the term $m = 0$ survives the
# integral over $\varphi$, and $e^{0\cdot\lambda} = 1$ has no $a$ in it. So every
# $a$ gives the same integral.
#
# Before you run the next cell: which $a$ would you like best?


# %%
def draw_path(ax, a, N, o=-1.0, y=0.6):
    """The real part of the integrand along lambda = a + i phi, over the answer."""
    phi = np.linspace(-np.pi, np.pi, 1201)
    integrand = np.exp(N * g(a + 1j * phi, o, y)).real / counted(o, y, N)
    ax.axhline(0, color="0.8", linewidth=0.8)
    ax.plot(phi, integrand, color="0.15")
    ax.set(title=f"a = {a:.2f}, N = {N}", xlabel="angle φ", xticks=[-np.pi, 0, np.pi])
    ax.set_xticklabels(["−π", "0", "π"])


fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained")
for ax, a in zip(axes, (0.0, 0.7, 1.41)):
    draw_path(ax, a, 20)
axes[0].set_ylabel("integrand / P(y)")
plt.show()

# %% [markdown]
# The area under all three curves is the same; mind the scales. On the left it is
# what remains of waves hundreds of times as high as the answer. On the right
# there is one hill, and hardly anything cancels. The best $a$ is where the hill is
# as low as it can be on the real axis, so where
#
# $$g'(\lambda) = \sigma(o+\lambda) - y = 0 .$$
#
# Along the real axis this point is a *minimum* of $g$: its second derivative,
# $\sigma(1-\sigma) = y(1-y)$, is positive. Across, along $i\varphi$, the same
# second derivative makes it a *maximum*, because $i^2=-1$. Up one way, down the
# other: a **saddle**, a pass in the mountains.
#
# The condition has a meaning, too. $\lambda$ shifts the logit until the gate's
# mean state *is* the truth.
#
# **Exercise 4.1.** Solve $\sigma(o+\lambda)=y$ for $\lambda$.

# %% exercise="4.1"

# %% [markdown]
# Near the pass $g \approx g(\lambda) - \frac12 y(1-y)\varphi^2$, so the hill is a
# Gaussian, narrower and narrower as $N$ grows, and its area is known:
#
# $$P(y) \approx \frac{e^{N g(\lambda)}}{\sqrt{2\pi N\,y(1-y)}} .$$
#
# The square root matters little: in $\frac1N\log P$ it becomes $\log N/N$, which
# goes to 0. The exponent is what counts. Let us see how good this is, with the
# lowest point of $g$ found by looking, not by a formula. (Does yours give the same
# $\lambda$?)

# %%
o, y = -1.0, 0.6
a = np.linspace(0, 3, 300_001)
lam = a[np.argmin(g(a, o, y))]
print("lambda =", lam)
for N in (5, 20, 80, 320):
    saddle = np.exp(N * g(lam, o, y)) / np.sqrt(2 * np.pi * N * y * (1 - y))
    print(f"N = {N:3}: saddle point / counted = {saddle / counted(o, y, N):.4f}")

# %% [markdown]
# ## What stands in the exponent
#
# Put $\lambda = o^* - o$ into $g$, where $o^* = \log\frac{y}{1-y}$ is the logit
# that would be exactly right:
#
# $$-g = \underbrace{\big[\log(1+e^{o}) - y\,o\big]}_{\text{cross-entropy}}
#   - \underbrace{\big[\log(1+e^{o^*}) - y\,o^*\big]}_{\text{entropy } S(y)} .$$
#
# The second bracket does not contain $o$: no network can change it. (It is the
# entropy of a gate with mean $y$. Put $1+e^{o^*} = 1/(1-y)$ in, and
# $-y\log y - (1-y)\log(1-y)$ comes out.) The first bracket is the
# **cross-entropy**. In words of probability:
# $\log(1+e^{o}) - y\,o = -y\log p - (1-y)\log(1-p)$.
#
# That $P$ is of the form $e^{-N\times\text{rate}}$ is called a **large
# deviation** principle. The paper's appendix takes this road.


# %%
def draw_rate(ax, N, o=-1.0):
    """-log P / N by counting (dots), and the cross-entropy less S (line)."""
    y = np.linspace(0.001, 0.999, 400)
    S = -y * np.log(y) - (1 - y) * np.log(1 - y)
    ax.plot(y, np.log1p(np.exp(o)) - y * o - S, color="0.15")
    k = np.arange(0, N + 1, max(1, N // 20))
    ax.plot(k / N, [-np.log(counted(o, j / N, N)) / N for j in k], "o", color="#E69F00", ms=4)
    ax.set(title=f"N = {N}", xlabel="observed fraction y", ylim=(-0.05, 1.4))


fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True, layout="constrained")
for ax, N in zip(axes, (5, 20, 320)):
    draw_rate(ax, N)
axes[0].set_ylabel("−log P / N (nats)")
plt.show()

# %% [markdown]
# Dots: counted. Line: the exponent. The dots come down onto the line, and the
# line touches zero where $y$ is what the network says, $\sigma(-1) = 0.27$. At
# $y=0$ and $y=1$ the dots lie on the line for *every* $N$: there is only one way
# for all gates to be shut, nothing has to be summed, and no saddle point is
# needed ($\lambda$ has gone to infinity).
#
# With a running kernel, change $N$:

# %%
from ipywidgets import IntSlider, interact


@interact(N=IntSlider(value=10, min=2, max=300, description="N"))
def count(N):
    fig, ax = plt.subplots(figsize=(4, 2.8), layout="constrained")
    draw_rate(ax, N)
    ax.set_ylabel("−log P / N (nats)")
    plt.show()


# %% [markdown]
# ## The loss
#
# In a data set each sample has its own logit, and each truth is 0 or 1, where
# the formula is exact. Independent gates multiply, so exponents add. With $K$
# gates a sample, the probability that *all* gates show the truth is
# $e^{-NKL}$ with
#
# $$L = \overline{\log(1+e^{o}) - y\,o}, \tag{4.1}$$
#
# the bar meaning the average over samples and outputs. So the loss is an
# **energy**: $e^{-NKL}$ is a Boltzmann weight, and low energy means that the
# truth is probable. Count it, for 5 samples with 3 gates:

# %%
rng = np.random.default_rng(4)
o = rng.normal(size=(5, 3))
y = (rng.random((5, 3)) < 0.5).astype(float)
p = 1 / (1 + np.exp(-o))
print("product of probabilities:", np.prod(np.where(y == 1, p, 1 - p)))
print("exp(-N K L):             ", np.exp(-o.size * mf.losses.bernoulli.value(o, y)))

# %% [markdown]
# ## Where the network is sure
#
# Suppose a network says $o = 40$, and the truth is 0: sure, and wrong. By (4.1)
# the loss is $\log(1+e^{40})$, which is 40 to many digits. Somebody computes it
# by way of the probability instead: `p = 1/(1 + exp(-40))`, then
# `-log(1 - p)`.
#
# **Exercise 4.2, a prediction.** What will the computer say: `"forty"`,
# `"zero"`, `"infinite"` or `"nan"`?

# %% exercise="4.2"

# %%
with np.errstate(all="ignore"):
    p = 1 / (1 + np.exp(-40.0))
    print("p =", p, "  -log(1 - p) =", -np.log(1 - p))
print("from the logit:", np.logaddexp(0, 40.0))

# %% [markdown]
# One such sample, and the loss of the whole data set is infinite. Going through
# $p$ throws away what the logit knew. So stay with the logit.
#
# Even then, $e^{800}$ overflows. For $o>0$ take it out of the logarithm:
# $\log(1+e^{o}) = o + \log(1+e^{-o})$. Both cases in one line:
#
# $$\log(1+e^{o}) = \max(o,0) + \log(1+e^{-|o|}).$$
#
# **Exercise 4.3.** Write (4.1) so that it is right for every logit.
# `np.log1p(x)` is $\log(1+x)$, exact also for tiny $x$.

# %% exercise="4.3"

# %% [markdown]
# The library goes one step further. If $y = 1$ and $o$ is large, then
# $\log(1+e^o)$ and $y\,o$ are nearly equal and cancel. But
# $\log(1+e^{o}) - o = \log(1+e^{-o})$, so it takes
# $y\log(1+e^{-o}) + (1-y)\log(1+e^{o})$, where nothing is subtracted. See what
# each way makes of a right and of a wrong answer:

# %%
o = np.linspace(20, 50, 301)
with np.errstate(all="ignore"):
    p = 1 / (1 + np.exp(-o))
    by_p, by_difference = {1: -np.log(p), 0: -np.log(1 - p)}, {1: np.logaddexp(0, o) - o}
fig, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
for ax, y, title in zip(axes, (1, 0), ("right answer, y = 1", "wrong answer, y = 0")):
    exact = [mf.losses.bernoulli.value(np.array([[x]]), np.array([[float(y)]])) for x in o]
    ax.plot(o, exact, color="0.15", label="library", linewidth=3, alpha=0.5)
    ax.plot(o, by_p[y], color="#E69F00", label="by way of p")
    if y in by_difference:
        ax.plot(o, by_difference[y], "--", color="#56B4E9", label="log(1+e^o) − o")
    ax.set(title=title, xlabel="logit o", ylabel="loss (nats)", yscale="log" if y else "linear")
axes[0].legend()
plt.show()

# %% [markdown]
# On the left, both careless ways fall to exactly 0, one at about $o = 33$, one
# at 37 (a log scale has no zero, so their curves drop out of the picture); they
# have been losing digits all along. On the right, `p` rounds to 1 at 37, and
# there the curve ends, at infinity. The library's line goes on.
#
# ## The gradient: the residual
#
# Training needs $\partial L/\partial o$. The derivative of $\log(1+e^o)$ is
# $e^o/(1+e^o) = \sigma(o)$ (lesson 1: the mean is a derivative of $\log Z$), that
# of $y\,o$ is $y$, and each logit stands in one of the $NK$ terms:
#
# $$\frac{\partial L}{\partial o} = \frac{\sigma(o) - y}{NK}. \tag{4.2}$$
#
# Prediction minus truth: the **residual** $e$. Nothing simpler could have come
# out.
#
# **Exercise 4.4.** Write it.

# %% exercise="4.4"

# %% [markdown]
# Differentiate once more. $\sigma' = s(1-s) = w$, and the logits do not mix:
#
# $$\frac{\partial^2 L}{\partial o^2} = \frac{w(o)}{NK}. \tag{4.3}$$
#
# It is never negative, so as a function of the logits the loss is a bowl. (As a
# function of the *weights* it need not be: lesson 10.)
#
# What if you had taken squared error of the probability,
# $\frac12(\sigma(o)-y)^2$? By the chain rule its gradient is $(\sigma(o)-y)\,w$.
# Which of the two moves a gate that is sure and wrong?

# %%
o = np.linspace(-8, 8, 401)
s = mf.activations.sigmoid(o)
fig, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
ax.plot(o, s - 1, color="0.15", label="cross-entropy: residual e")
ax.plot(o, (s - 1) * s * (1 - s), "--", color="#E69F00", label="squared error of p: e times w")
ax.set(xlabel="logit o (truth y = 1)", ylabel="gradient ∂L/∂o, one sample", ylim=(-1.1, 0.1))
ax.legend()
plt.show()

# %% [markdown]
# At the left the gate is sure of the wrong answer. The cross-entropy pulls at it
# with full force; squared error of the probability hardly touches it, because
# $w$ has died. The factor $w$ that would kill the gradient is cancelled in the
# cross-entropy, and that is no luck: the loss was derived from the same
# $\log Z$ as the gate.
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
# $\partial\log Z/\partial o_k = e^{o_k}/Z = p_k$, and so the residual is back:
#
# $$\frac{\partial L}{\partial o} = \frac{p-y}{N}. \tag{4.5}$$

# %% [markdown]
# Again one must not take $e^{800}$. Adding a constant to all logits of a row
# multiplies above and below by the same factor, so subtract the largest first.

# %%
o = np.array([[800.0, 799.0, 0.0], [-1.0, 0.5, 2.0]])
with np.errstate(all="ignore"):
    print(np.exp(o) / np.exp(o).sum(axis=1, keepdims=True))
odds = np.exp(o - o.max(axis=1, keepdims=True))
print(odds / odds.sum(axis=1, keepdims=True))

# %% [markdown]
# For the curvature, differentiate $p_k = e^{o_k}/Z$ with respect to $o_j$. The
# numerator gives $p_k$ if $j = k$; $1/Z$ gives $-p_k p_j$ always:
#
# $$\frac{\partial^2 L}{\partial o\,\partial o}
#   = \frac{\mathrm{diag}(p) - p\,p^T}{N}. \tag{4.6}$$
#
# **Exercise 4.5.** Write it: one $K\times K$ matrix for each sample.

# %% exercise="4.5"

# %% [markdown]
# Take any list of numbers $v_k$ and let the gate choose $k$. Then
# $v^T(\mathrm{diag}(p)-pp^T)v = \langle v^2\rangle - \langle v\rangle^2$, the
# variance of what you get. A variance is never negative, so this loss is a bowl,
# too. And if all $v_k$ are equal the variance is 0: the bowl has one flat
# direction. The library's function is the same as yours. Up to rounding, its least
# eigenvalue is 0:

# %%
o = rng.normal(size=(5, 3))
C = mf.losses.categorical.curvature(o, np.eye(3)[[0, 2, 1, 1, 0]])
print("least eigenvalue of each matrix:", np.linalg.eigvalsh(C)[:, 0])
print("all v equal:                    ", np.abs(C @ np.ones(3)).max())

# %% [markdown]
# ## A value with noise: squared error
#
# If the output is a value and not a decision, let it be $o$ plus normal noise of
# variance 1. Ask the same question: how probable is it that the mean of $N$ such
# outputs is $y$? Now $y$ is a real number, $\delta$ is Dirac's delta function,
# and its Fourier integral runs over the whole line:
# $\delta(x) = \frac1{2\pi}\int_{-\infty}^{\infty}e^{i\varphi x}d\varphi$. Call the
# noisy output $s$. The average of $e^{\lambda s}$ is $e^{\lambda o + \lambda^2/2}$
# (complete the square in the exponent of the Gaussian), so
#
# $$g(\lambda) = \lambda o + \tfrac12\lambda^2 - \lambda y, \qquad
#   g' = o + \lambda - y = 0, \qquad g = -\tfrac12(o-y)^2 .$$
#
# Here the hill *is* a Gaussian, and the saddle point is exact: the mean of $N$
# such outputs is normal, with variance $1/N$. With $K$ values a sample, exponents
# add:
#
# $$L = \overline{|o-y|^2/2}, \tag{4.7}$$
#
# an average over samples. Its derivatives need one line:
#
# $$\frac{\partial L}{\partial o} = \frac{o-y}{N} \tag{4.8}$$
#
# $$\frac{\partial^2 L}{\partial o\,\partial o} = \frac1N
#   \quad\text{(times the unit matrix).} \tag{4.9}$$

# %% [markdown]
# ## Three losses, one residual
#
# All three gradients are prediction minus truth, each over its number of terms.
# Do not believe it: here they are against a derivative that was not derived by
# hand (lesson 6 shows how it works).

# %%
o, y = rng.normal(size=(5, 3)), np.eye(3)[[0, 2, 1, 1, 0]]
for loss in (mf.losses.bernoulli, mf.losses.categorical, mf.losses.squared_error):
    slope = mf.check.complex_step(lambda v, f=loss.value: f(v.reshape(5, 3), y), o.ravel())
    residual = loss.predict(o) - y
    terms = 15 if loss is mf.losses.bernoulli else 5
    print(f"{loss.name:14} {np.abs(slope.reshape(5, 3) - residual / terms).max():.1e}")

# %% [markdown]
# ## What you have now
#
# * The probability that noisy outputs show the truth is $e^{-N\times\text{energy}}$;
#   the energy is the loss.
# * Gates give the cross-entropy, a gate of $K$ states gives softmax, normal noise
#   gives squared error.
# * In all three, the gradient at the output is the residual, prediction minus
#   truth, and the curvature is the variance of the noisy output; both carry the
#   1/N of the mean.
# * Losses are computed from logits, never from probabilities.
#
# **To think about.** A gate that sees the same field $o$ in all samples, of which
# 60 % are true: which $o$ makes the loss smallest, and what is the loss there?
# Why is it not 0?
