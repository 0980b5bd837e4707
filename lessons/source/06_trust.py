# %% [markdown]
# # 6. Trust nothing
#
# You have written a backward pass, and the loss goes down. So it is right? Not
# at all: a wrong gradient can train a network quite well, and in this lesson you
# will see one do it. What you need is a second way to the same numbers, one that
# knows no backward pass.
#
# You will build two: differences, which are simple and lose five digits or more,
# and the complex step, which loses none. You measure how large an error may be. Then
# you find a bug.
#
# You need: lesson 5, Taylor's formula, and complex numbers. About 45 minutes.

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## Differences
#
# A derivative is the limit of a difference. Stop before the limit, on both
# sides, and use Taylor:
#
# $$f(x\pm d) = f(x) \pm d\,f' + \tfrac12 d^2 f'' \pm \tfrac16 d^3 f''' + \dots$$
#
# Subtract the two. What is even in $d$ drops out, $f''$ among it:
#
# $$f'(x) = \frac{f(x+d) - f(x-d)}{2d} + O(d^2) \tag{6.2}$$
#
# and the error is $\frac16 d^2 f'''$ to leading order. Had you stepped to one
# side only, $f''$ would have stayed and the error would be $\frac12 d f''$.
#
# **Exercise 6.1.** A loss has many parameters, so there is one difference for
# each. `f` takes a vector and gives a number.

# %% exercise="6.1"

# %% [markdown]
# ## Which step?
#
# A smaller $d$ makes the error $\frac16 d^2f'''$ smaller. But a computer keeps 16
# digits of $f$: it rounds each value by about $\epsilon|f|$, with
# $\epsilon\approx10^{-16}$. When you divide by $d$, that becomes
# $\epsilon|f|/d$, and it *grows* as $d$ shrinks.
#
# **Exercise 6.2, a prediction.** Take a function whose values and derivatives are
# all about 1. Which is the best step: $10^{-1}$, $10^{-5}$, $10^{-8}$ or
# $10^{-15}$? Give the exponent, a negative whole number.

# %% exercise="6.2"

# %% [markdown]
# Now derive it. The total error is about $E(d) = \frac16d^2|f'''| + \epsilon|f|/d$.
# At its lowest, $E' = \frac13 d\,|f'''| - \epsilon|f|/d^2 = 0$, so
#
# $$d = \Big(\frac{3\,\epsilon\,|f|}{|f'''|}\Big)^{1/3} \approx 10^{-5},
#   \qquad E \approx \epsilon^{2/3} \approx 10^{-11}.$$
#
# For the one-sided difference the same lines give $d\approx\epsilon^{1/2}$ and
# $E\approx\epsilon^{1/2}\approx10^{-8}$. Measure both, on ESP,
# $f = x\,\sigma(\beta x)$, whose slope you derived in lesson 2.


# %%
def f(x, beta=1.7):
    return x / (1 + np.exp(-beta * x))


STEPS = 10.0 ** np.arange(-15, -0.9, 0.25)


def errors(x, beta, d=STEPS):
    """Relative error of the one-sided and of the central difference."""
    true = mf.activations.ACTIVATIONS["esp"].derivatives(x, beta).h
    one = (f(x + d, beta) - f(x, beta)) / d
    two = (f(x + d, beta) - f(x - d, beta)) / (2 * d)
    return np.abs(one / true - 1), np.abs(two / true - 1)


# %%
one, two = errors(0.8, 1.7)
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.loglog(STEPS, one, "s", ms=4, color="#56B4E9", label="one-sided")
ax.loglog(STEPS, two, "o", ms=4, color="#E69F00", label="central")
ax.loglog(STEPS, 1e-16 / STEPS, "--", color="0.5", label="rounding, 1e-16/d")
ax.loglog(STEPS, STEPS**2, "-", color="0.5", label="bending, d²")
ax.set(xlabel="step d", ylabel="relative error of the slope", ylim=(1e-13, 30))
ax.legend()
plt.show()
print(f"central: best step {STEPS[np.argmin(two)]:.0e}, error {two.min():.0e}")

# %% [markdown]
# Two straight arms and a valley between them. On the right the points follow
# $d^2$ (or $d$), on the left $\epsilon/d$, with scatter, since rounding is
# erratic. A single point may lie low by luck; the valley is where the arms meet.
#
# "All about 1" was a condition. If the function bends over a length $1/\beta$,
# then the step has to be compared with *that*:


# %%
def draw_errors(ax, beta):
    """Error of the central difference against the step, at u = beta x = 0.8."""
    ax.loglog(STEPS, errors(0.8 / beta, beta)[1], "o", ms=3, color="#E69F00")
    ax.set(title=f"β = {beta:.4g}", xlabel="step d", ylim=(1e-14, 1e3))
    ax.set_xticks([1e-13, 1e-9, 1e-5, 1e-1])


fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True, layout="constrained")
for ax, beta in zip(axes, (0.01, 1, 100)):
    draw_errors(ax, beta)
axes[0].set_ylabel("relative error")
plt.show()

# %% [markdown]
# The valley moves with $1/\beta$. There is no step that is right for every
# function, and none gives more than about 11 digits. With a running kernel:

# %%
from ipywidgets import FloatLogSlider, interact


@interact(beta=FloatLogSlider(value=1, min=-2, max=3, description="β"))
def turn(beta):
    fig, ax = plt.subplots(figsize=(4, 2.8), layout="constrained")
    draw_errors(ax, beta)
    ax.set_ylabel("relative error")
    plt.show()


# %% [markdown]
# ## A step sideways
#
# The digits were lost in the *subtraction* of two nearly equal numbers. Here is
# a way without one. Step in the imaginary direction:
#
# $$f(x+i\varepsilon) = f(x) + i\varepsilon f'(x) - \tfrac12\varepsilon^2 f''(x)
#   - \tfrac{i}{6}\varepsilon^3 f''' + \dots$$
#
# For a real function, $f(x)$ and $f''(x)$ are real. So the imaginary part
# contains the slope and nothing else that matters:
#
# $$f'(x) = \mathrm{Im}\, f(x + i\varepsilon)/\varepsilon + O(\varepsilon^2). \tag{6.1}$$
#
# Nothing is subtracted, so $\varepsilon$ may be as small as you please. With
# $\varepsilon=10^{-30}$ the error of the formula is $10^{-60}$.
#
# **Exercise 6.3.** Write it, for a vector `theta`.

# %% exercise="6.3"

# %%
true = mf.activations.ACTIVATIONS["esp"].derivatives(0.8, 1.7).h
for eps in (1e-2, 1e-5, 1e-8, 1e-30, 1e-200):
    print(f"eps = {eps:.0e}: error {abs(np.imag(f(0.8 + 1j * eps)) / eps / true - 1):.1e}")

# %% [markdown]
# All sixteen digits. Why does not everybody do it? Because your code has to take
# complex numbers, and to be *analytic*: each line must be differentiable as a
# complex function. `np.abs` is not. For a complex number it gives the modulus,
# which is real, and the slope is gone. No error, no warning:

# %%
z = -0.8 + 1e-30j
print("exp(u):    ", np.imag(np.exp(z)) / 1e-30, " true slope", np.exp(-0.8))
print("exp(-|u|): ", np.imag(np.exp(-np.abs(z))) / 1e-30, " true slope", np.exp(-0.8))

# %% [markdown]
# (For $u<0$, $e^{-|u|} = e^{u}$, so both lines should say the same.) In lesson 1
# you wrote a stable sigmoid with $|u|$: the complex step would not survive it.
# The library writes $|u|$ as $u$ or $-u$, chosen by the real part. Each of the
# two is analytic, and the values are the same.
#
# ## The table, line by line
#
# Here is the library's check of a whole network. Weights and $\beta$ are random.

# %%
data = mf.datasets.linear()
X, Y = data.X_train, data.Y_train
net = mf.mlp([2, 3, 1], "esp", beta=("normal", 1.0), seed=1)
print(mf.check.gradient(net, X, Y))

# %% [markdown]
# * **First line.** The verdict. `largest error` is over all parameters, and it is
#   a share *of the largest entry* of the gradient. Then what would have been
#   allowed.
# * **`worst entry of each`.** One row for each parameter array, showing the one
#   entry that is worst: `W1[0,0]` is the weight from input 0 to unit 0.
# * **`by hand`.** What the backward pass says.
# * **`reference`.** What the complex step says, from the loss alone. Compare the
#   digits: the two agree to the last or the last but one.
# * **`error`.** Their difference, as a share of the largest entry of all.
#
# And by central differences, where nine or ten digits agree:

# %%
print(mf.check.gradient(net, X, Y, method="central"))

# %% [markdown]
# ## How small is small enough?
#
# Why not divide each error by its own entry? Because an entry may be zero, or a
# sum of large terms that happens to be nearly zero; its last digits are rounding
# and say nothing. So compare with the largest.
#
# **Exercise 6.4.** Write this number.

# %% exercise="6.4"

# %% [markdown]
# Even so, be careful near a minimum. There the samples' shares of the gradient
# cancel in their sum. The gradient shrinks; the rounding of the shares does
# not. Train the network, and look:

# %%
trained = net.copy()
for epochs in (0, 1000, 4000):
    if epochs:
        mf.train(trained, X, Y, epochs, mf.Adam(0.02), engine="numpy")
    exact = mf.check.gradient(trained, X, Y)
    central = mf.check.gradient(trained, X, Y, method="central")
    line = f"{epochs:4} epochs more: largest entry {np.abs(exact.reference).max():.0e}"
    print(f"{line}, error {exact.max_error:.0e}, by differences {central.max_error:.0e}")

# %% [markdown]
# The same code, as right as before, and its relative error has grown. So the
# library allows $10^{-14}$ for the complex step and $10^{-7}$ for differences,
# each *times* the factor by which the shares cancel. Rules of thumb, away from a
# minimum:
#
# | largest error | by complex step | by central differences |
# |---|---|---|
# | $10^{-16}$ to $10^{-14}$ | right | not to be expected |
# | $10^{-11}$ to $10^{-7}$ | suspicious | right |
# | $10^{-3}$ to 1, or more | a bug | a bug, or a kink |
#
# The gap between right and wrong is wide. A slip in a formula (a sign, a factor,
# a transposed matrix) changes the first digit or the second, not the tenth. You
# will measure one below.
#
# ## Kinks
#
# ReLU, $\max(h,0)$, has no slope at $h=0$. What do central differences say if the
# field is within a step of it? Say $0<h<d$. Then $f(h+d) = h+d$ and
# $f(h-d) = 0$, so the quotient is $(h+d)/2d$: neither 0 nor 1.

# %%
d = 1e-5
h = np.linspace(-3 * d, 3 * d, 401)
slope = (np.maximum(h + d, 0) - np.maximum(h - d, 0)) / (2 * d)
fig, ax = plt.subplots(figsize=(5.5, 2.8), layout="constrained")
ax.plot(h / d, slope, color=mf.plots.COLOURS["relu"], label="central difference")
ax.plot(h / d, h > 0, ":", color="0.15", label="slope of ReLU")
ax.set(xlabel="field h, in steps d", ylabel="slope $f_h$")
ax.legend()
plt.show()

# %% [markdown]
# Do it to a network: shift one bias until one sample's field at unit 0 is
# $3\cdot10^{-6}$, closer to the kink than the step $10^{-5}$.

# %%
relu = mf.mlp([2, 3, 1], "relu", seed=1)
relu.parameters["b1"][0] = 3e-6 - X[0] @ relu.parameters["W1"][:, 0]
print(mf.check.gradient(relu, X, Y, method="central"))

# %% [markdown]
# It says NOT ok, though nothing is wrong with the backward pass. Read the rows:
# only `W1` and `b1` are off, and their labels end in 0, the unit with the kink. To
# tell a kink from a bug, **change the step**: a bug stays, a kink goes.

# %%
hand = relu.gradient(X, Y, "numpy")
for step in (1e-5, 1e-6, 1e-7):
    slopes = mf.check.central_differences(lambda t: relu.with_theta(t).loss(X, Y), relu.theta, step)
    print(f"step {step:.0e}: error {np.abs(slopes - hand).max() / np.abs(hand).max():.0e}")
print("inputs of that sample:", X[0])

# %% [markdown]
# Why is $10^{-6}$ still too long, if the field is $3\cdot10^{-6}$ from the kink? A
# step $d$ in a *weight* moves the field by $x\,d$, and both inputs are larger
# than 3. At $10^{-7}$ nothing crosses the kink, and what is left is rounding.
#
# What of the complex step? The library's ReLU chooses its side by the real
# part, and the complex step never leaves that side. So off the kink it is right,
# however near. But it cannot *see* a kink either. Exactly at $h = 0$ the answer
# is a convention of the code, and two codes may differ:

# %%
z = np.array([0 + 1e-30j])
print("library's ReLU:", mf.activations.ACTIVATIONS["relu"].value(z, np.float64(1)).imag / 1e-30)
print("np.maximum:    ", np.maximum(z, 0).imag / 1e-30)
print("(h + |h|)/2:   ", ((z + np.abs(z)) / 2).imag / 1e-30)

# %% [markdown]
# So for ReLU, check with differences too, at fields that stay off the kinks by
# more than a step moves them.
#
# ## Find the bug
#
# Here are the slopes of a sigmoid gate, as one may write them from memory. Read
# them. Would you let them through?


# %%
def careless_slopes(h, beta):
    """f_h and f_beta of the sigmoid, or nearly."""
    s = mf.activations.sigmoid.value(h, beta)
    w = s * (1 - s)
    return w, h * w


def gradient(net, careless):
    """The gradient by hand; if careless, with the slopes above in the hidden layers."""
    o = net.forward(X)
    if careless:
        right = mf.activations.sigmoid
        wrong = mf.activations.Activation("wrong", right.value, careless_slopes, right.curvatures)
        for _, gate in net.layers[:-1]:
            gate.activation = wrong
    return net.backward(net.loss_function.gradient(o, Y))


# %% [markdown]
# First the usual test: does it train? Two hidden layers of sigmoids, every
# $\beta$ trained, starting at 3; 800 epochs. **Before you run it, say what you
# expect** of the careless gradient: that the loss explodes, that it stands
# still, or that it goes down?


# %%
def losses(optimizer, careless, epochs=800):
    """The loss at each epoch of a training that starts at beta = 3."""
    net = mf.mlp([2, 8, 6, 1], "sigmoid", beta=3.0, trainable_beta=True, seed=1)
    values = []
    for _ in range(epochs):
        slope = gradient(net, careless)
        values.append(net.loss_function.value(net.forward(X), Y))
        optimizer.step(net.theta, slope)
    return values


data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train

# %%
rules = {"gradient descent": lambda: mf.GradientDescent(0.3), "Adam": lambda: mf.Adam(0.01)}
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
for ax, (title, rule) in zip(axes, rules.items()):
    right, wrong = losses(rule(), False), losses(rule(), True)
    ax.plot(right, color=mf.plots.COLOURS["sigmoid"], label="right gradient")
    ax.plot(wrong, "--", color="0.15", label="careless gradient")
    ax.set(title=title, xlabel="epoch")
    print(f"{title}: right ends at {right[-1]:.3f}, careless at {wrong[-1]:.3f}")
axes[0].set_ylabel("loss (nats)")
axes[0].legend()
plt.show()

# %% [markdown]
# It goes down. With gradient descent it is slower, and you would have put that
# down to the learning rate. With Adam you would notice nothing at all: at this
# start the two end within a hundredth of each other. **A falling loss is no
# proof.**
#
# Now the check:

# %%
net = mf.mlp([2, 3, 1], "sigmoid", beta=3.0, trainable_beta=True, seed=1)
reference = mf.check.gradient(net, X, Y).reference
print(mf.check.Comparison("careless", net.labels, gradient(net, True), reference, 1e-14))

# %% [markdown]
# An error of a fifth of the largest entry: there is nothing to discuss. And the rows say *where*.
# Walk down from the output, as backward does: `beta2`, `b2`, `W2` are right.
# `beta1` is right, so what reaches the hidden gates is right. `W1` and `b1` are
# wrong. The fault lies between: in what the gate hands down, $\delta = g f_h$.
# Divide the two columns of `b1`: the reference is 3 times as large. And
# $\beta = 3$.
#
# So that is it. $\sigma(\beta h)$ has the slope $\beta\,s(1-s)$ in $h$, and the
# $\beta$ was left out. It is an easy slip: everybody knows $s(1-s)$ by heart, from
# sigmoids that have no $\beta$. It can happen to anybody. In the
# plain-Python code that the authors of the paper were kind enough to publish, the
# step for $W$ and $b$ of a sigmoid layer lacks its $\beta$ too (and the recursion for
# $\beta$ has a stray $h$; ESP layers with squared error are right). Their recorded
# sigmoid trainings are not touched by it: those can be replayed with the right
# gradient.

# %% [markdown]
# **Exercise 6.5.** Write the backward pass of a sigmoid gate as it should be.

# %% exercise="6.5"

# %% [markdown]
# The library's gate does the same as yours. With it:

# %%
print(mf.check.gradient(net, X, Y))

# %% [markdown]
# ## Why it trained
#
# With one hidden layer the careless gradient of the weights into unit $i$ is the
# right one divided by $\beta_i$. If all $\beta_i$ are positive, each piece still
# points the right way, only with another length. It is downhill, not steepest
# downhill. And Adam divides each parameter's step by the size of its own
# gradient, so that a constant factor drops out altogether. (With two hidden layers
# the first one's gradient lacks two factors, one of each layer. While the $\beta$
# are all about 3, that is a factor of about 9.)
#
# If some $\beta_i$ is negative, its piece points *up*. And if $\beta = 1$, the
# bug is not there at all. Measure the cosine of the angle between the careless
# and the right gradient, and the check's error:

# %%
for beta in (1.0, 3.0, ("normal", 1.0)):
    net = mf.mlp([2, 10, 1], "sigmoid", beta=beta, trainable_beta=True, seed=1)
    right, wrong = gradient(net, False), gradient(net, True)
    first = np.r_[net.slices["W1"], net.slices["b1"]]
    pairs = (right, wrong), (right[first], wrong[first])
    all_of_it, of_first = (a @ b / np.sqrt((a @ a) * (b @ b)) for a, b in pairs)
    error = np.abs(wrong - right).max() / np.abs(right).max()
    print(f"beta = {beta!s:15} cosine {all_of_it:.3f}, of W1 and b1 alone {of_first:.3f};"
          f" error {error:.1e}")  # fmt: skip

# %% [markdown]
# Read the last line first: some $\beta_i$ are negative, and the careless step of
# `W1` and `b1` has next to nothing to do with the right one. The cosine of the
# whole does not show it, because the output layer's gradient is right, and larger.
#
# Now look at the first line. A check at $\beta=1$ says *right* to a wrong program.
# A check is worth as much as the point at which it is made: use **random**
# parameters, where nothing is 0, 1 or equal by symmetry, and shapes that are all
# different. The exercises of this course are checked in just that way.

# %% [markdown]
# ## What you have now
#
# * Central differences: best step about $10^{-5}$ times the scale of the
#   function, about 11 digits at best.
# * The complex step: all digits, for analytic code.
# * An error is a share of the largest entry, and a bug is far above rounding.
# * A failed check on a kink goes away with a smaller step. A bug does not.
# * A falling loss proves nothing. A check at a random point does nearly.
#
# **To think about.** A four-point difference can cancel the $d^2$ error too, and
# leave $d^4$. What would its best step be, and its best error? And: which wrong
# gradient would *pass* a check in which hand and reference use the same wrong
# loss?
