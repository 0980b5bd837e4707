# %% [markdown]
# # 2. What should a neuron send?
#
# In lesson 1 a gate decided whether to open. Now it has decided: what should it
# tell the next layer? That it is open, or *what came through*? The two answers
# give two families of networks.
#
# You will build the second answer, **expected signal propagation** (ESP), find
# ReLU at one of its ends and a linear unit at the other, and see that all its
# derivatives are already in $\log Z$. In the end the unit turns out to be a
# small piece of thermodynamics.
#
# You need: lesson 1, the product rule and the chain rule. About 50 minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## What does a number stand for?
#
# Suppose the input $x$ is measured in volts, and the weights $W$ are plain
# numbers that share it out. Then the field $h = xW + b$ is in volts too. The
# exponent $\beta h$ must be a plain number, so $\beta$ is in 1/volt.
#
# Now the gate answers. It can send one of two things:
#
# * the mean **gate** $\langle s\rangle = \sigma(\beta h)$, a plain number;
# * the mean **signal** $\langle j\rangle$, where $j = hs$ is what passes: $h$ if
#   the gate is open, 0 if it is shut. It is in volts.
#
# The next layer does the same with what it gets: mixes it, adds its $b$, and
# multiplies by its $\beta$. Only the signal is still in volts there.

# %% [markdown]
# Units are a convention, so changing them must not change what happens. Take
# two layers that send the *signal*, and measure in millivolts instead of volts:
# every $x$ and every $b$ becomes a thousand times larger, every $\beta$ a
# thousand times smaller, and $W$ stays.
#
# **Exercise 2.1, a prediction.** What becomes of the output of the second layer?
# Is it the `"same"`, `"thousandfold"`, `"millionfold"`, or `"different"` in some
# way that is no single factor?

# %% exercise="2.1"

# %% [markdown]
# Let us look. `change` is output in millivolts over output in volts, for three
# samples and two units.


# %%
def two_layers(f, x, layers):
    """x (N, D) -> (N, K): mix, then send f(h, beta), twice."""
    for W, b, beta in layers:
        x = f(x @ W + b, beta)
    return x


rng = np.random.default_rng(0)
x = rng.normal(size=(3, 4))
volts = [(rng.normal(size=(4, 5)), rng.normal(size=5), np.full(5, 1.5)),
         (rng.normal(size=(5, 2)), rng.normal(size=2), np.full(2, 0.7))]  # fmt: skip
millivolts = [(W, 1000 * b, beta / 1000) for W, b, beta in volts]
for f in (mf.activations.esp, mf.activations.sigmoid):
    change = two_layers(f, 1000 * x, millivolts) / two_layers(f, x, volts)
    print(f.name, change.round(3).tolist())

# %% [markdown]
# The signal is the same number of volts, written in millivolts. The gates'
# network gives another answer: its second layer adds a plain number to volts.
#
# One can repair this: let the second layer's *weights* carry the volts.

# %%
(W1, b1, beta1), (W2, b2, beta2) = millivolts
repaired = [(W1, b1, beta1), (1000 * W2, b2, beta2)]
f = mf.activations.sigmoid
print((two_layers(f, 1000 * x, repaired) / two_layers(f, x, volts)).round(3).tolist())

# %% [markdown]
# So the argument does not say that sigmoid networks are wrong. It says: if every
# layer is to be of one kind, weights that share out and $\beta$ that measures
# noise, then what travels must be the **signal**. And where the answer *is* a
# probability, at the output, $\langle s\rangle$ is the right thing to send.
#
# ## The mean signal
#
# The gate is 0 or 1, so $j = hs$ is 0 or $h$. Its weight in $Z$ is
# $e^{\beta s h} = e^{\beta j}$. Differentiate $\log Z$ with respect to $\beta$:
#
# $$\frac{\partial\log Z}{\partial\beta} = \frac1Z\sum_s j\,e^{\beta j}
#   = \sum_s j\,P(s) = \langle j\rangle.$$
#
# In lesson 1 the derivative in $h$ gave the gate. The derivative in $\beta$
# gives the signal. Now put in (1.3), $\log Z = \log(1+e^{\beta h})$.
#
# **Exercise 2.2.** Write $\langle j\rangle$ for a layer of $H$ units, each with
# a $\beta$ of its own, and $N$ samples.

# %% exercise="2.2"

# %% [markdown]
# This is
#
# $$\langle j\rangle = \frac{\partial \log Z}{\partial \beta}
#   = h\,\sigma(\beta h), \tag{2.1}$$
#
# the **ESP** of [arXiv:1805.08786](https://arxiv.org/abs/1805.08786). The same
# function is known as Swish, and at $\beta=1$ as SiLU; here it is what a gate lets
# through on average. In the library it is `mf.activations.esp`. Three ways to the
# same number (`complex_step` differentiates any function for you; how it does that
# is in lesson 6):

# %%
h, beta = np.linspace(-3, 3, 7), 1.5
counted = mf.energy.enumerate_gate(h, beta).signal


def log_Z(beta):
    """(1.3), for these fields."""
    return np.log(1 + np.exp(beta * h))


differentiated = mf.check.complex_step(log_Z, np.array([beta]))[0]
closed = mf.activations.esp(h, beta)
print("states counted  - closed form:", np.abs(counted - closed).max())
print("d log Z / dbeta - closed form:", np.abs(differentiated - closed).max())

# %% [markdown]
# ## From noise to no noise
#
# Before you see the curve: a unit has the field $h = -1$. Cool it down, from
# $\beta = 0$ to a very large $\beta$.
#
# **Exercise 2.3, a prediction.** Does its mean signal go `"up"`, `"down"`, does
# it stay (`"stays"`), or does it go one way and then the other (`"turns"`)?

# %% exercise="2.3"


# %%
def draw_signal(ax, beta):
    """ESP at one beta, between its two limits."""
    h = np.linspace(-4, 4, 401)
    relu, esp = mf.activations.relu(h), mf.activations.esp(h, beta)
    ax.plot(h, h / 2, ":", color="0.4", label="h/2")
    ax.plot(h, esp, color=mf.plots.COLOURS["esp"], lw=2, label="ESP")
    ax.plot(h, relu, "--", color=mf.plots.COLOURS["relu"], label="ReLU")
    ax.set(title=f"β = {beta:.3g}", xlabel="field h", ylim=(-2.1, 4.1))


fig, axes = plt.subplots(1, 4, figsize=(10, 2.9), sharey=True, layout="constrained")
for ax, beta in zip(axes, (0.05, 0.5, 2, 20)):
    draw_signal(ax, beta)
axes[0].set_ylabel("mean signal ⟨j⟩")
axes[0].legend()
plt.show()

# %% [markdown]
# With a kernel, cool it by hand:

# %%
from ipywidgets import FloatLogSlider, interact


@interact(beta=FloatLogSlider(value=1, min=-2, max=2, description="β"))
def cool(beta):
    fig, ax = plt.subplots(figsize=(4, 2.9), layout="constrained")
    draw_signal(ax, beta)
    ax.set_ylabel("mean signal ⟨j⟩")
    ax.legend()
    plt.show()


# %% [markdown]
# **Much noise**, $\beta\to0$: the gate is open half of the time whatever comes,
# and $\langle j\rangle\to h/2$. A network of such units is linear.
#
# **No noise**, $\beta\to\infty$: $\sigma(\beta h)$ becomes a step, and
#
# $$\mathrm{ReLU}(h) = \max(h, 0) = \lim_{\beta\to\infty} \mathrm{ESP}. \tag{2.9}$$
#
# How fast? For both signs of $h$ the two differ by $|h|/(1+e^{\beta|h|})$, which
# is $1/\beta$ times a function of $|u|$ alone. So the largest gap must be some
# constant over $\beta$:

# %%
h = np.linspace(-30, 30, 600_001)
for beta in (0.5, 1, 4, 16):
    gap = np.abs(mf.activations.esp(h, beta) - mf.activations.relu(h))
    print(f"β = {beta:4g}: largest gap x β = {gap.max() * beta:.6f}"
          f"   at |u| = {beta * abs(h[gap.argmax()]):.3f}")  # fmt: skip

# %% [markdown]
# ## The first derivatives: a variance
#
# Write $u=\beta h$, $s = \sigma(u)$. A gate that is 0 or 1 has $s^2=s$ in each
# state, so its variance is $\langle s^2\rangle - \langle s\rangle^2$ with
# $\langle s^2\rangle = \langle s\rangle$:
#
# $$w = s(1-s) = \frac{e}{(1+e)^2}, \quad e = e^{-|u|}. \tag{2.2}$$
#
# (Multiply (1.5) by one minus itself to get the second form, which does not
# overflow.) And $d\sigma/du = e^{-u}/(1+e^{-u})^2$ is the very same $w$. By the
# chain rule
#
# $$\sigma_h = \beta w, \quad \sigma_\beta = h w. \tag{2.3}$$
#
# An index means a derivative. So the slope of the sigmoid is $\beta$ times the
# gate's *fluctuation*. A gate that is sure, open or shut, does not fluctuate;
# its slope is nearly 0, and you will see in lesson 5 that it hardly learns.

# %% [markdown]
# The tanh needs no work of its own. Divide numerator and denominator of (1.4)
# by $e^u$ and compare with (1.5):
#
# $$\tanh u = \frac{1-e^{-2u}}{1+e^{-2u}} = 2\sigma(2u) - 1. \tag{2.4}$$
#
# Now ESP $= h\,\sigma(\beta h)$.
#
# **Exercise 2.4.** Derive its two slopes, in $h$ and in $\beta$, and write them.

# %% exercise="2.4"

# %% [markdown]
# On paper:
#
# $$\mathrm{ESP}_h = s + u w = w\,(1 + u + e^{u}), \quad
#   \mathrm{ESP}_\beta = h^2 w = \mathrm{Var}(j). \tag{2.6}$$
#
# The second form of $\mathrm{ESP}_h$ takes $s = w/(1-s) = w(1+e^u)$. And since
# $j=hs$, its variance is $h^2$ times that of $s$: a variance again. A variance
# is never negative, which explains exercise 2.3: as $\beta$ grows, the mean
# signal rises, for *every* field.

# %%
h = np.linspace(-8, 8, 401)
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for name in ("sigmoid", "tanh", "relu", "esp"):
    slope = mf.activations.ACTIVATIONS[name].derivatives(h, 1.0).h
    style = {"color": mf.plots.COLOURS[name], "ls": mf.plots.LINES[name]}
    ax.plot(h, slope, label=mf.plots.NAMES[name], **style)
ax.axhline(0, color="0.7", lw=0.8)
ax.fill_between(h, 0, slope, where=slope < 0, color=mf.plots.COLOURS["esp"], alpha=0.3)
ax.set(xlabel="field h, at β = 1", ylabel="slope of the activation, $f_h$")
ax.legend()
plt.show()

# %% [markdown]
# Where a unit is sure and open, sigmoid and tanh have hardly any slope left; ReLU
# and ESP have slope 1. And ESP can do what the other three cannot: its slope is
# *negative* left of a certain field (shaded). Where does that begin? At the root
# of $1+u+e^u$.

# %%
low, high = -2.0, -1.0  # the bracket is negative at low, positive at high
for _ in range(60):
    middle = (low + high) / 2
    if 1 + middle + np.exp(middle) < 0:
        low = middle
    else:
        high = middle
print("the slope of ESP changes sign at u =", high)
print("there ESP x β =", mf.activations.esp(high, 1.0))

# %% [markdown]
# The same two numbers, up to their sign, as in the table of gaps to ReLU. Of
# course: left of 0 the ReLU is 0, so the largest gap is at the lowest point of
# ESP, where its slope is 0.
#
# ## Every derivative is a cumulant
#
# $\log Z$ has given the mean, and then the variance. It goes on. The
# **cumulants** $\kappa_1, \kappa_2, \kappa_3,\dots$ of a random number are its
# mean, its variance, its third central moment, and so on; they are *defined* as
# the derivatives at $t=0$ of $\log\langle e^{tj}\rangle$. For our gate
#
# $$\langle e^{tj}\rangle = \sum_s e^{tj}\frac{e^{\beta j}}{Z(\beta)}
#   = \frac{Z(\beta+t)}{Z(\beta)},$$
#
# so differentiating in $t$ at 0 is differentiating $\log Z$ in $\beta$. In the
# same way a shift of $h$ by $t/\beta$ generates those of $s$. Hence
#
# $$\frac{\partial^n \log Z}{\partial h^n} = \beta^n \kappa_n(s), \quad
#   \frac{\partial^n \log Z}{\partial \beta^n} = \kappa_n(j) = h^n\kappa_n(s).
#   \tag{2.12}$$

# %% [markdown]
# Let us test this on the second derivatives, too. They come from one more
# differentiation, with $dw/du = w(1-2s)$:
#
# $$\sigma_{hh} = \beta^2 w(1-2s), \quad \sigma_{h\beta} = w(1 + u(1-2s)), \quad
#   \sigma_{\beta\beta} = h^2 w(1-2s) \tag{2.5}$$
#
# and, by the product rule for $h\,\sigma$,
#
# $$\begin{aligned}
#   \mathrm{ESP}_{hh} &= \beta w(2+u(1-2s)), \quad
#   \mathrm{ESP}_{h\beta} = h w(2+u(1-2s)), \\
#   \mathrm{ESP}_{\beta\beta} &= h^3 w(1-2s). \end{aligned} \tag{2.8}$$
#
# If (2.12) holds, $\mathrm{ESP}, \mathrm{ESP}_\beta, \mathrm{ESP}_{\beta\beta}$
# are mean, variance and third central moment of $j$. Count them:

# %%
h, beta = np.linspace(-3, 3, 13), 1.5
p = mf.energy.probabilities(h, beta)  # (13, 2): shut, open
j = h[:, None] * np.array([0.0, 1.0])  # what passes in each state
mean = (p * j).sum(axis=1)
moments = [mean] + [(p * (j - mean[:, None]) ** n).sum(axis=1) for n in (2, 3)]
esp = mf.activations.esp.derivatives(h, beta)
for name, counted, closed in zip(("mean", "variance", "third"), moments,
                                 (esp.f, esp.beta, esp.betabeta)):  # fmt: skip
    print(f"{name:8s} of j, counted - derivative: {np.abs(counted - closed).max():.1e}")

# %% [markdown]
# And those of the gate, $s$, are in the sigmoid: its value, slope and curvature
# in $h$ are $\kappa_1$, $\beta\kappa_2$ and $\beta^2\kappa_3$.

# %%
kappa = mf.energy.gate_cumulants(h, beta)
sigma = mf.activations.sigmoid.derivatives(h, beta)
for n, closed in enumerate((sigma.f, sigma.h, sigma.hh)):
    print(f"β^{n} κ_{n + 1}(s) - derivative: {np.abs(beta**n * kappa[n] - closed).max():.1e}")

# %% [markdown]
# Two more lines can be checked for nothing. Write $f$ for ESP. From (2.6),
# $h f_h - \beta f_\beta = hs + huw - \beta h^2w = hs = f$, and from (2.8),
# $h f_{hh} = \beta f_{h\beta}$. The first says in calculus what exercise 2.1
# said in volts: make $h$ larger by a factor and $\beta$ smaller by the same, and
# the signal grows by that factor.

# %%
print("h f_h - β f_β - f     :", np.abs(h * esp.h - beta * esp.beta - esp.f).max())
print("h f_hh - β f_hβ       :", np.abs(h * esp.hh - beta * esp.hbeta).max())

# %% [markdown]
# ## Digits lost near a root
#
# **Break it.** One warning before you trust (2.5) to the last digit. Its bracket
# $1 + u(1-2s)$ is 0 at $|u| = 1.5434\dots$ Near there two numbers close to 1
# cancel, and what is left is rounding. We compare the library's
# $\sigma_{h\beta}$, at $\beta=1$, with 40 digits: once relative to the result
# itself, once relative to $w$, the size of the two numbers that cancel.

# %%
from decimal import Decimal, getcontext

getcontext().prec = 40
for u in (3.0, 1.54, 1.5434, 1.5434046384):
    exact_e = (-Decimal(u)).exp()
    exact_s = 1 / (1 + exact_e)
    exact_w = exact_s * (1 - exact_s)
    exact = exact_w * (1 + Decimal(u) * (1 - 2 * exact_s))
    error = Decimal(mf.activations.sigmoid.derivatives(u, 1.0).hbeta.item()) - exact
    shares = [float(abs(error / size)) for size in (exact, exact_w)]
    print(f"u = {u:<13} error / result: {shares[0]:.0e}  error / w: {shares[1]:.0e}")

# %% [markdown]
# Relative to the result the error grows without limit as $u$ comes near the root.
# Relative to $w$ it stays at a few roundings. In a gradient this derivative is
# added to others of the size of $w$, so nothing is lost there. To say how exact
# a sum is, compare its error with its largest term.

# %% [markdown]
# ## Energy, entropy, free energy
#
# Write the weight of a state as $e^{\beta s h} = e^{-\beta E}$: the gate's energy
# is $E=-hs=-j$. An open gate with a positive field is *low* in energy. So the
# mean energy is $U = -\langle j\rangle$, and $T = 1/\beta$ is the temperature.
#
# From (1.1), $\log P(s) = \beta j - \log Z$. Put that into the entropy:
#
# $$S = -\sum_s P\log P = \log Z - \beta\langle j\rangle.$$
#
# Divide by $\beta$ and call $F=-\log Z/\beta$ the **free energy**:
#
# $$F = -\tfrac1\beta \log Z = U - T S: \quad
#   \tfrac1\beta\log(1+e^{\beta h}) = \mathrm{ESP} + S/\beta. \tag{2.11}$$
#
# (The second equation is minus the first, with $-U=$ ESP and $T=1/\beta$.) Its
# left side is the **softplus**, another function used in networks. So softplus is
# ESP plus the price of doubt.

# %% [markdown]
# For a program $S = \log Z - \beta\langle j\rangle$ is poor: at $u=900$ the
# exponential in $Z$ overflows. With $e=e^{-|u|}$ again, and $u\ge0$:
# $\log Z = u + \log(1+e)$ and $\beta\langle j\rangle = u/(1+e)$, so
#
# $$S = \log(1 + e) + |u|\frac{e}{1+e}, \quad e = e^{-|u|}. \tag{2.10}$$
#
# Do $u<0$ yourself: it gives the same.
#
# **Exercise 2.5.** Write (2.10). The check tries fields of $\pm900$, too.

# %% exercise="2.5"

# %% [markdown]
# Yours is `mf.energy.entropy`. Now (2.11) in numbers, with the entropy counted
# state by state:

# %%
print("    h     softplus        ESP        S/β    ESP+S/β")
for h in (-4.0, -1.0, 0.0, 1.0, 4.0):
    count, beta = mf.energy.enumerate_gate(h, 0.8), 0.8
    right = mf.activations.esp(h, beta) + count.entropy / beta
    print(f"{h:5g} {-count.free_energy:12.8f} {count.signal:10.6f} "
          f"{count.entropy / beta:10.6f} {right:.8f}")  # fmt: skip


# %%
def draw_free_energy(ax, beta):
    """Softplus over ESP; what lies between is S/beta."""
    h = np.linspace(-4, 4, 401)
    esp, softplus = mf.activations.esp(h, beta), -mf.energy.free_energy(h, beta)
    ax.fill_between(h, esp, softplus, color="0.85", label="S/β")
    ax.plot(h, softplus, "k--", label="softplus, −F")
    ax.plot(h, esp, color=mf.plots.COLOURS["esp"], lw=2, label="ESP, −U")
    ax.set(title=f"β = {beta:g}", xlabel="field h", ylim=(-1.2, 4.7))


fig, axes = plt.subplots(1, 3, figsize=(9, 3.1), sharey=True, layout="constrained")
for ax, beta in zip(axes, (0.5, 1, 5)):
    draw_free_energy(ax, beta)
axes[0].set_ylabel("energy, in units of h")
axes[0].legend(loc="upper left")
plt.show()

# %% [markdown]
# The grey band is widest at $h=0$, where the gate is in full doubt: there
# $S=\log2$, whatever $\beta$ is, and the band is $\log(2)/\beta$ wide. As the gate
# cools, the band closes, and softplus and ESP both become ReLU.

# %%
for beta in (0.5, 1, 5, 100):
    width = -mf.energy.free_energy(0.0, beta) - mf.activations.esp(0.0, beta)
    print(f"β = {beta:3g}: width at h = 0 is {width:.6f}, log(2)/β is {np.log(2) / beta:.6f}")

# %% [markdown]
# ## What you have now
#
# * If every layer is to be of one kind, what travels is the signal. At an output
#   that is a probability, it is the gate.
# * ESP $= \partial\log Z/\partial\beta = h\,\sigma(\beta h)$. Cold, it is ReLU;
#   hot, it is $h/2$.
# * Value, slope, curvature: each is a mean, a variance, a third cumulant. A unit
#   that is sure hardly fluctuates, and a sigmoid unit that is sure hardly learns.
# * Softplus is ESP plus entropy over $\beta$: $F = U - TS$.
#
# **To think about.** A gate with states $-1$ and $1$ sends $\langle hs\rangle
# = h\tanh(\beta h)$. What are its two limits in $\beta$? Would you build a
# network of it? And: what does a unit with a *negative* $\beta$ do?
