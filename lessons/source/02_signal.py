# %% [markdown]
# # 2. What should a neuron send?
#
# In lesson 1 a gate decided whether to open. What should it tell the next gate?
# Let it send how far it is open, $\sigma(\beta h)$, as sigmoid networks do, and
# put two such gates in a row. The input is a voltage: 0.9 volts. Then somebody
# writes the same voltage in millivolts, 900, and converts everything else, too.
# The network gives another answer. Nothing has changed but the unit.
#
# What can a gate send, so that this cannot happen? The answer that the gate
# itself gives is the activation function of this course, **expected signal
# propagation** (ESP). You will derive
# it, its slopes, and what lies between it and two other known functions, ReLU
# and softplus.
#
# You need: lesson 1, the product rule and the chain rule. About 70 minutes, and
# 20 more for the climb at the end, which you may leave out.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## Two gates in a row
#
# Each gate takes what arrives, $x$, and makes its field of it, $h = Wx + b$. We
# want all gates to be of one kind, so let each weight $W$ be a plain number,
# without a unit. (More on this wish below.) If $x$ is in volts, $h$ and $b$ are in
# volts, too. In $e^{\beta h}$ the exponent must be a plain number: $\beta$ is in
# 1/volt. In millivolts, then, every $x$ and $b$ is 1000 times larger, every
# $\beta$ 1000 times smaller, and $W$ stays.


# %%
def mean_state(h, beta):
    """How far the gate is open: the sigmoid of lesson 1."""
    return 1 / (1 + np.exp(-beta * h))


def in_a_row(send, x, gates):
    """What leaves the last of several gates, each a (W, b, beta)."""
    for W, b, beta in gates:
        x = send(W * x + b, beta)
    return x


volts = [(0.8, 0.3, np.array([1.5])), (-1.2, 0.5, np.array([0.7]))]
millivolts = [(W, 1000 * b, beta / 1000) for W, b, beta in volts]
x = np.array([[0.9], [-0.4], [2.0]])  # three voltages to try
print("volts     ", in_a_row(mean_state, x, volts).ravel())
print("millivolts", in_a_row(mean_state, 1000 * x, millivolts).ravel())

# %% [markdown]
# The first gate still does the same, since $\beta h$ is the same. But it sends a
# plain number between 0 and 1, and the second gate adds its $b$ to that: a plain
# number plus a voltage.
#
# Now let the gate send not how far it is open, but **what comes through**: the
# *signal* $j = hs$. With the gate open ($s=1$) it is $h$; with the gate shut
# ($s=0$) it is 0. As in lesson 1 the gate flips, and what it sends is the mean,
# $\langle j\rangle$.

# %% tags=["hide-input"]
fig, axes = plt.subplots(1, 2, figsize=(8, 1.9), layout="constrained")
arrow = {"arrowstyle": "->"}
for ax, s in zip(axes, (0, 1)):
    ax.plot([0, 10], [0, 0], "k", lw=2)
    ax.plot([0, 4.8], [2, 2], "k", lw=2)
    ax.plot([5.2, 10], [2, 2], "k", lw=2)
    ax.plot([5, 5], [2 * s, 2 + 2 * s], color="#009E73", lw=6)  # the gate
    ax.annotate("", (4.5 + 4.5 * s, 1), (1, 1), arrowprops=arrow)
    ax.text(1, 1.25, "field h")
    ax.text(7, 1.25, f"signal j = {'0h'[s]}", color="#D55E00")
    ax.set(title=f"s = {s}, with probability P({s})")
    ax.set(xlim=(0, 10.5), ylim=(-0.3, 4.3))
    ax.axis("off")
plt.show()

# %% [markdown]
# **Exercise 2.1, a prediction.** Both gates send their mean signal. We change
# volts to millivolts as above. How does the number change that leaves the
# *second* gate? Is it the `"same"`, `"thousandfold"`, `"millionfold"`, or
# `"different"` in some way that is no single factor?

# %% predict="2.1"

# %% [markdown]
# ## The mean signal
#
# First you need $\langle j\rangle$. There are two ways, and both are short. Do
# both on paper.
#
# * The mean itself: $j$ is 0 with probability $P(0)$ and $h$ with probability
#   $P(1)$.
# * A derivative: the weight $e^{\beta hs}$ is $e^{\beta j}$. So the derivative of
#   $Z = \sum_s e^{\beta j}$ with respect to $\beta$ brings down a factor $j$, and
#   $\partial\log Z/\partial\beta = \sum_s j\,e^{\beta j}/Z = \langle j\rangle$.
#   And $\log Z$ you know: $\log(1+e^{\beta h})$, (1.3).
#
# In lesson 1 the derivative of $\log Z$ with respect to the *field* gave the mean
# state (times $\beta$). The one with respect to $\beta$ gives the mean signal.
#
# **Exercise 2.2.** Write $\langle j\rangle$ for $N$ samples and $H$ gates: `h` is
# a table with one row per sample and one column per gate, `beta` has one number
# per gate. (In `beta * h`, NumPy multiplies each column by its own number.)

# %% exercise="2.2"

# %% [markdown]
# Put it into the two gates:

# %%
mean_signal = lesson.mine("2.2")
one = in_a_row(mean_signal, x, volts)
other = in_a_row(mean_signal, 1000 * x, millivolts)
print("volts     ", one.ravel())
print("millivolts", other.ravel())
is_1000 = np.allclose(other, 1000 * one)
lesson.reveal("2.1", "thousandfold" if is_1000 else "different")

# %% [markdown]
# On paper you have found
#
# $$\langle j\rangle = \frac{\partial \log Z}{\partial \beta}
#   = h\,\sigma(\beta h), \tag{2.1}$$
#
# the **ESP** of [arXiv:1805.08786](https://arxiv.org/abs/1805.08786), which
# elsewhere is called Swish. If every layer is to be of one kind, then what
# travels must have the unit of the field, as the **signal** has. (The unit alone
# does not choose: $h$ itself passes this test, and so does every $g(\beta
# h)/\beta$. The model chooses: what comes through *its* gate is $j$.) Where the
# answer *is* a probability, at the output, the mean state $\sigma(\beta h)$ is
# the right thing to send.
#
# This does not say that sigmoid networks are wrong. Let the second gate's *weight*
# be in volts, and the sigmoids agree, too:

# %%
(W1, b1, beta1), (W2, b2, beta2) = millivolts
repaired = [(W1, b1, beta1), (1000 * W2, b2, beta2)]
print("volts     ", in_a_row(mean_state, x, volts).ravel())
print("repaired  ", in_a_row(mean_state, 1000 * x, repaired).ravel())

# %% [markdown]
# ## From much noise to none
#
# **Exercise 2.3, a prediction.** A gate has the field $h=-1$. Cool it down, from
# $\beta=0$ to a very large $\beta$. Does its mean signal go `"up"`, `"down"`,
# does it stay (`"stays"`), or go one way and then the other (`"turns"`)?

# %% predict="2.3"


# %% [markdown]
# Here is your mean signal while the gate cools. Follow the dot:


# %% tags=["hide-input"]
def draw_signal(ax, beta):
    """Your mean signal at one beta, and the field -1."""
    h = np.linspace(-4, 4, 401)[:, None]
    esp, at = (mean_signal(f, np.array([beta])) for f in (h, h[150:151]))
    ax.plot(h, h / 2, ":", color="0.4", label="h/2")
    ax.plot(h, esp, color=mf.plots.COLOURS["esp"], lw=2, label="ESP")
    ax.plot(h, np.maximum(h, 0), "--", color="0.4", label="max(h, 0)")
    ax.plot(-1, at, "ko", label="h = −1")
    ax.set(title=f"β = {beta:.3g}", xlabel="field h", ylim=(-2.1, 4.1))


look = {"figsize": (10, 2.9), "sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(1, 4, **look)
for ax, beta in zip(axes, (0, 0.5, 2, 20)):
    draw_signal(ax, beta)
axes[0].set_ylabel("mean signal ⟨j⟩")
axes[0].legend()
plt.show()

# %%
lesson.reveal("2.3")

# %% [markdown]
# **Much noise**, $\beta\to0$: the gate is open half of the time whatever comes,
# and $\langle j\rangle\to h/2$. A network of such units is linear.
#
# **No noise**, $\beta\to\infty$: the gate is open if and only if $h>0$, and
#
# $$\mathrm{ReLU}(h) = \max(h, 0) = \lim_{\beta\to\infty} \mathrm{ESP}. \tag{2.9}$$
#
# (Each formula has the number that it has in the library's code. So in this
# lesson they are not in order.)
#
# The *rectified linear unit*, one of the most common activation functions, is
# the gate without noise. How far is ESP from it? For $h>0$ the distance is
# $h - h\,\sigma(u) = h/(1+e^{u})$, where $u = \beta h$. For $h<0$ it is
# $|h|\,\sigma(u) = |h|/(1+e^{|u|})$: the same with $|h|$. Make $\beta$ four times
# as large. How does the largest distance change, and the field at which it lies?
# Guess before you run this:

# %%
h = np.linspace(-30, 30, 600_001)[:, None]
for beta in (0.25, 1, 4, 16):
    distance = np.abs(mean_signal(h, np.array([beta])) - np.maximum(h, 0))
    largest, at = distance.max(), abs(h[distance.argmax(), 0])
    print(f"β = {beta:4g}: at most {largest:.5f}, at |h| = {at:.4f}")

# %% [markdown]
# Both become four times smaller. Since $|h| = |u|/\beta$, the distance is $1/\beta$ times a
# function of $|u|$ alone: at most $0.27846/\beta$, at $|u| = 1.28$. Remember these
# two numbers.
#
# With a running kernel you can cool the gate by hand:

# %% tags=["hide-input"]
from ipywidgets import FloatLogSlider, interact


@interact(beta=FloatLogSlider(value=1, min=-2, max=2, description="β"))
def cool(beta):
    fig, ax = plt.subplots(figsize=(4, 2.9), layout="constrained")
    draw_signal(ax, beta)
    ax.set_ylabel("mean signal ⟨j⟩")
    ax.legend()
    plt.show()


# %% [markdown]
# ## The slopes: how much does a gate waver?
#
# To learn, a network needs slopes. From here on two letters: $s$ is the *state*
# of a gate, 0 or 1, and $p = \langle s\rangle = \sigma(u)$ is its *mean*. How much
# does the state waver? In each state $s^2=s$, so the mean of $s^2$ is $p$, too, and
# the variance $\langle s^2\rangle - \langle s\rangle^2$ is $p - p^2$. It gets the
# letter $w$ (weights are capital, $W$); the second form is the stable one:
#
# $$w = p(1-p) = \frac{r}{(1+r)^2}, \quad r = e^{-|u|}. \tag{2.2}$$
#
# Now differentiate $\sigma(u) = 1/(1+e^{-u})$ on paper. Where have you seen the
# result?
#
# <details><summary>Answer</summary>
#
# $e^{-u}/(1+e^{-u})^2$ is $p(1-p)$: it is $w$.
#
# </details>
#
# A small letter below means a derivative: $\sigma_h = \partial\sigma/\partial h$.
# With $u=\beta h$,
#
# $$\sigma_h = \beta w, \quad \sigma_\beta = h w. \tag{2.3}$$
#
# The slope of the sigmoid *is* the variance of the gate, times $\beta$. A gate
# that is sure, open or shut, hardly wavers; its slope is nearly 0, and you will
# see in lesson 5 that it hardly learns.

# %% [markdown]
# **Exercise 2.4.** Let $f$ be ESP, $f = h\,\sigma(\beta h)$. Derive its two
# slopes, $f_h$ and $f_\beta$, and write them. (Call your intermediate results `u`,
# `p` and `w`, as above: then the check can tell which of them is wrong.)

# %% exercise="2.4"

# %% [markdown]
# Here is your $f_h$ at $\beta=1$, beside the slopes of sigmoid, tanh and ReLU.

# %% tags=["hide-input"]
slopes = lesson.mine("2.4")
h = np.linspace(-8, 8, 401)[:, None]
esp = slopes(h, np.ones(1))[0]
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for name in ("sigmoid", "tanh", "relu", "esp"):
    slope = mf.activations.ACTIVATIONS[name].derivatives(h, 1.0).h
    style = {"color": mf.plots.COLOURS[name], "ls": mf.plots.LINES[name]}
    y = esp if name == "esp" else slope
    ax.plot(h, y, label=mf.plots.NAMES[name], lw=2, **style)
ax.axhline(0, color="0.7", lw=0.8)
shade = {"color": mf.plots.COLOURS["esp"], "alpha": 0.3}
ax.fill_between(h[:, 0], 0, esp[:, 0], where=esp[:, 0] < 0, **shade)
ax.set(xlabel="field h, at β = 1", ylabel="slope $f_h$")
ax.legend()
plt.show()

# %% [markdown]
# On paper:
#
# $$\mathrm{ESP}_h = p + u w = w\,(1 + u + e^{u}), \quad
#   \mathrm{ESP}_\beta = h^2 w = \mathrm{Var}(j). \tag{2.6}$$
#
# The second form of $\mathrm{ESP}_h$ takes $p = w/(1-p) = w(1+e^u)$. The last
# equation holds because $j = hs$, and a factor $h$ makes a variance $h^2$ times as
# large. A variance is never negative. This explains exercise 2.3: as $\beta$
# grows, the mean signal never falls, for *any* field.
#
# Now the figure. Where a unit is sure and open, sigmoid and tanh have hardly any
# slope left. ReLU has slope 1, and ESP nearly 1 (a little more, at most 1.1). But
# ESP can do what the other three cannot: left of a certain field its slope is
# *negative* (shaded). Where that begins, ESP has its lowest point. Your slope
# finds it, by halving an interval again and again:

# %%
low, high, one = -2.0, -1.0, np.ones(1)
for _ in range(60):
    middle = (low + high) / 2
    if slopes(np.array([[middle]]), one)[0][0, 0] < 0:
        low = middle
    else:
        high = middle
print("lowest point at u =", high)
print("ESP there         =", mean_signal(np.array([[high]]), one)[0, 0])

# %% [markdown]
# The same two numbers that you remembered, now with a minus. Of course: left of 0 the
# ReLU is 0, so ESP is farthest from it where ESP is lowest.

# %% [markdown]
# ## The band under the softplus
#
# One more function is close to ReLU, and is used in networks, too: the
# **softplus**, $\log(1+e^{\beta h})/\beta$. It is $\log Z/\beta$. Here it is,
# drawn over ESP. How wide is the band between the two at $h=0$?


# %%
def softplus(h, beta):
    """log Z / beta."""
    return np.log(1 + np.exp(beta * h)) / beta


# %% tags=["hide-input"]
def draw_band(ax, beta):
    """The softplus over ESP, and the band between them."""
    h, beta = np.linspace(-4, 4, 401)[:, None], np.array([float(beta)])
    esp, above = mean_signal(h, beta), softplus(h, beta)
    ax.fill_between(h[:, 0], esp[:, 0], above[:, 0], color="0.85")
    ax.plot(h, above, "k--", label="softplus")
    ax.plot(h, esp, color=mf.plots.COLOURS["esp"], lw=2, label="ESP")
    ax.set(title=f"β = {beta[0]:g}", xlabel="field h", ylim=(-1.2, 4.7))


look = {"figsize": (9, 2.9), "sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(1, 3, **look)
for ax, beta in zip(axes, (0.5, 1, 5)):
    draw_band(ax, beta)
axes[0].set_ylabel("softplus and ESP")
axes[0].legend(loc="upper left")
plt.show()

# %%
print("   β    width at h = 0    β × width")
zero = np.zeros((1, 1))
for beta in (0.5, 1, 5, 100):
    esp = mean_signal(zero, np.array([beta]))
    width = (softplus(zero, beta) - esp)[0, 0]
    print(f"{beta:4g} {width:14.6f} {beta * width:14.6f}")

# %% [markdown]
# Have you seen 0.693 before? What is it a property of, in a gate with $h=0$? Think
# back to the first table of lesson 1, and make a guess about the band at other
# fields.
#
# To test the guess, we need the width at any field. With $u=\beta h$,
#
# $$\beta\times\text{width} = \log(1+e^u) - u\,\sigma(u).$$
#
# For a program this is poor: at $u=900$, $e^u$ overflows. Take $r=e^{-|u|}$ as in
# lesson 1. Let first $u\ge0$, so that $e^u = 1/r$, and simplify; then let $u<0$.
# Both give the same.
#
# **Exercise 2.5.** Write $\beta\times$ width so that nothing overflows, not even
# for fields of $\pm900$.

# %% exercise="2.5"

# %% [markdown]
# Now the guess. Beside your width stands the entropy of the gate, counted state by
# state, $-\sum_s P\log P$:

# %%
scaled_width = lesson.mine("2.5")
beta = np.array([0.8])
print("   h    your β × width       entropy")
for field in (-900.0, -4.0, -1.0, 0.0, 1.0, 4.0, 900.0):
    yours = scaled_width(np.array([[field]]), beta)[0, 0]
    counted = mf.energy.enumerate_gate(field, 0.8).entropy
    print(f"{field:4g} {yours:17.12f} {counted:17.12f}")

# %% [markdown]
# The band *is* the entropy, divided by $\beta$: softplus is ESP plus the price of
# doubt. Your formula is
#
# $$S = \log(1 + r) + |u|\frac{r}{1+r}, \quad r = e^{-|u|}. \tag{2.10}$$
#
# Why? From (1.1), $\log P(s) = \beta j - \log Z$. Put this into the entropy. The
# mean of $j$ is $\langle j\rangle$, and the mean of a constant is the constant:
#
# $$S = -\sum_s P\log P = \log Z - \beta\langle j\rangle.$$
#
# Divide by $\beta$, and read it in the words of physics:
#
# | of the gate | in physics | |
# |---|---|---|
# | $-j = -hs$ | energy of a state | for $h>0$ the open state has the lower energy |
# | $-\langle j\rangle = -$ESP | $U$, mean energy | |
# | $1/\beta$ | $T$, temperature | |
# | $-\log Z/\beta = -$softplus | $F$, *free energy* | |
#
# $$F = -\tfrac1\beta \log Z = U - T S: \quad
#   \tfrac1\beta\log(1+e^{\beta h}) = \mathrm{ESP} + S/\beta. \tag{2.11}$$
#
# As the gate cools, $S/\beta$ goes to 0 and the band closes: softplus and ESP both
# become ReLU.
#
# ### Five functions of one gate
#
# So the gate has given five functions, and you have all of them. (The tanh is a
# sigmoid, too: divide (1.4) by $e^u$ above and below, and compare with (1.5).)
#
# $$\tanh u = \frac{1-e^{-2u}}{1+e^{-2u}} = 2\sigma(2u) - 1 \tag{2.4}$$
#
# Give each of them to the two gates of the beginning. In which networks does the
# answer stay the same voltage? Guess before you run this:

# %%
sends = {
    "sigmoid": mean_state,
    "tanh": lambda h, b: 2 * mean_state(2 * h, b) - 1,
    "esp": mean_signal,
    "softplus": lambda h, b: mean_signal(h, b) + scaled_width(h, b) / b,
    "relu": lambda h, b: mean_signal(h, 50 * b),  # hardly any noise
}
for name, send in sends.items():
    one = in_a_row(send, x, volts)
    other = in_a_row(send, 1000 * x, millivolts)
    same = np.allclose(other, 1000 * one)
    print(f"{name:9}", "same voltage" if same else "another answer")

# %% tags=["hide-input"]
h = np.linspace(-4, 4, 401)[:, None]
look = {"figsize": (10, 2.2), "sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(1, 5, **look)
for ax, (name, send) in zip(axes, sends.items()):
    at_1, at_3 = (send(h, np.array([beta])) for beta in (1.0, 3.0))
    colour = mf.plots.COLOURS.get(name, "k")
    ax.plot(h, at_1, color=colour, lw=2, label="β = 1")
    ax.plot(h, at_3, "--", color=colour, lw=1, label="β = 3")
    ax.set(title=mf.plots.NAMES.get(name, name), xlabel="field h")
axes[0].set_ylabel("what is sent")
axes[2].legend()
plt.show()

# %% [markdown]
# Sigmoid and tanh say how the gate *stands*, a plain number. ESP, softplus and
# ReLU, all three made of your functions, carry what *arrived*: a voltage.

# %% [markdown]
# ## What you have now
#
# * If every layer is to be of one kind, what travels has the unit of the field:
#   the signal. At an output that is a probability, it is the mean state.
# * ESP $= \partial\log Z/\partial\beta = h\,\sigma(\beta h)$. Cold, it is ReLU;
#   hot, it is $h/2$.
# * The slope of the sigmoid is $\beta$ times the variance of the gate, and
#   $\mathrm{ESP}_\beta$ is the variance of the signal. A sigmoid unit that is sure
#   hardly learns; an open ESP unit keeps a slope near 1.
# * Softplus is ESP plus entropy over $\beta$: $F = U - TS$.
#
# **Where this stands.** $h\,\sigma(h)$ was proposed several times. Elfwing, Uchibe
# and Doya ([arXiv:1702.03118](https://arxiv.org/abs/1702.03118)) took it from the
# energy of a Boltzmann machine, named it SiLU, and noted its lowest point, about
# $-0.28$ at $-1.28$. Ramachandran, Zoph and Le
# ([arXiv:1710.05941](https://arxiv.org/abs/1710.05941)) found $h\,\sigma(\beta h)$
# by an automatic search and named it Swish. The GELU of Hendrycks and Gimpel
# ([arXiv:1606.08415](https://arxiv.org/abs/1606.08415)) is the mean signal of a
# gate with Gaussian noise. Swish is one factor of the SwiGLU units (Shazeer,
# [arXiv:2002.05202](https://arxiv.org/abs/2002.05202)) of large language models
# such as PaLM and LLaMA. That sigmoid, tanh, ReLU and Swish follow from one noisy
# gate, and the argument with volts, is from
# [arXiv:1805.08786](https://arxiv.org/abs/1805.08786).

# %% [markdown]
# ## To think about
#
# 1. Which fields make a gate with $\beta=1$ send 0.2? $-0.1$? $-0.5$?
#
# <details><summary>Answer</summary>
#
# 0.2: one field, near 0.34. $-0.1$: two, one on each side of the lowest point.
# $-0.5$: none, for ESP is never below $-0.278$. So ESP, unlike sigmoid and tanh,
# cannot be inverted.
#
# </details>
#
# 2. The lowest point of ESP lies at $u=-1.27846...$, and there $\beta\,$ESP is
#    $-0.27846...$ Why the same digits?
#
# <details><summary>Answer</summary>
#
# There $1+u+e^u=0$, so $e^u = -(1+u)$ and $1+e^u = -u$. Then $\beta\,$ESP $=
# u\,e^u/(1+e^u) = 1+u$.
#
# </details>
#
# 3. What does a gate with a *negative* $\beta$ do?
#
# <details><summary>Answer</summary>
#
# It is open when its field is negative. $\sigma(-u) = 1-\sigma(u)$, so
# $\mathrm{ESP}(h, -\beta) = h - \mathrm{ESP}(h, \beta)$: it sends exactly what the
# other gate keeps back.
#
# </details>
#
# 4. A gate with the states $-1$ and $1$ sends $\langle hs\rangle =
#    h\tanh(\beta h)$. What are its two limits? Would you build a network of it?
#
# <details><summary>Answer</summary>
#
# $\beta\to\infty$: $|h|$. $\beta\to0$: 0, like $\beta h^2$. It is the same for
# $h$ and $-h$, so the sign of the field is lost; and with much noise nothing comes
# through, not even $h/2$. It can be done, but much is thrown away.
#
# </details>

# %% [markdown]
# ## ★ A climb: every derivative is a cumulant
#
# You need this in lesson 10, where second derivatives come in, and may come back
# then. (More on cumulants is in appendix B, `B_mathematics`.) $\log Z$ gave the
# mean; the next derivative gave the variance. It goes on.
#
# Let $t$ be a small number, and look at the mean of $e^{tj}$. With the
# probabilities $e^{\beta j}/Z(\beta)$,
#
# $$\langle e^{tj}\rangle = \sum_s e^{tj}\,\frac{e^{\beta j}}{Z(\beta)}
#   = \frac{Z(\beta+t)}{Z(\beta)}.$$
#
# The **cumulants** $\kappa_1, \kappa_2, \kappa_3, \dots$ of a random number $j$
# are *defined* as the derivatives of $\log\langle e^{tj}\rangle$ at $t=0$. The
# first three are known by other names: the mean; the variance; and the third
# central moment $\langle(j-\langle j\rangle)^3\rangle$, which says how lopsided
# $j$ is. Here the logarithm is $\log Z(\beta+t) - \log Z(\beta)$, so the
# derivatives at $t=0$ are those of $\log Z$ itself. In the same way the field
# generates the cumulants of $s$ (a step of $h$ by $t/\beta$ multiplies the weight
# by $e^{ts}$):
#
# $$\frac{\partial^n \log Z}{\partial h^n} = \beta^n \kappa_n(s), \quad
#   \frac{\partial^n \log Z}{\partial \beta^n} = \kappa_n(j) = h^n\kappa_n(s).
#   \tag{2.12}$$

# %% [markdown]
# So the second derivatives of our functions hold third cumulants. One more
# differentiation is needed: $dw/du = d(p-p^2)/du = w - 2pw = w(1-2p)$. This is
# called `bend` below. For the sigmoid, differentiate (2.3) once more:
#
# $$\sigma_{hh} = \beta^2 w(1-2p), \quad \sigma_{h\beta} = w(1 + u(1-2p)), \quad
#   \sigma_{\beta\beta} = h^2 w(1-2p). \tag{2.5}$$
#
# **Exercise 2.6.** Differentiate the slopes of ESP, which are equation (2.6), once
# more, and write its three second derivatives.

# %% exercise="2.6"

# %% [markdown]
# If (2.12) holds, then ESP, its $f_\beta$ and its $f_{\beta\beta}$ are the mean,
# the variance and the third central moment of $j$. Count them from the two
# states:

# %%
curvatures = lesson.mine("2.6")
h, beta = np.linspace(-3, 3, 13)[:, None], np.array([1.5])
P = mf.energy.probabilities(h[:, 0], beta[0])  # (13, 2): shut, open
j = h * np.array([0.0, 1.0])  # what passes in each state
mean = (P * j).sum(axis=1)
off = j - mean[:, None]
counted = (mean, (P * off**2).sum(axis=1), (P * off**3).sum(axis=1))
yours = (mean_signal(h, beta), slopes(h, beta)[1], curvatures(h, beta)[2])
for name, one, other in zip(("mean", "variance", "third"), counted, yours):
    gap = np.abs(one - other[:, 0]).max()
    print(f"{name:8s} counted and yours differ by at most {gap:.1e}")

# %% [markdown]
# On paper,
#
# $$\begin{aligned}
#   \mathrm{ESP}_{hh} &= \beta w(2+u(1-2p)), \quad
#   \mathrm{ESP}_{h\beta} = h w(2+u(1-2p)), \\
#   \mathrm{ESP}_{\beta\beta} &= h^3 w(1-2p). \end{aligned} \tag{2.8}$$
