# %% [markdown]
# # 6. Trust nothing
#
# A colleague sends you the backward pass of a network with one hidden layer of
# *sigmoid* gates. Read it. Would you accept it?

# %%
import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson


# %%
def suspect(x, y, W1, b1, beta1, W2, b2, beta2):
    """The six gradients of a network of sigmoids, loss (4.1)."""
    h1 = x @ W1 + b1
    a1 = 1 / (1 + np.exp(-beta1 * h1))
    h2 = a1 @ W2 + b2
    p2 = 1 / (1 + np.exp(-beta2 * h2))
    do = (p2 - y) / len(x)
    dh2, dbeta2 = do * beta2, (do * (a1 @ W2)).sum(axis=0)
    dW2, db2 = a1.T @ dh2, dh2.sum(axis=0)
    da1 = dh2 @ W2.T
    w = a1 * (1 - a1)
    dh1, dbeta1 = da1 * w, (da1 * h1 * w).sum(axis=0)
    dW1, db1 = x.T @ dh1, dh1.sum(axis=0)
    return dW1, db1, dbeta1, dW2, db2, dbeta2


# %% [markdown]
# Does it train? One run with the right gradient, one with the colleague's, from
# the same start, by small steps against the gradient:

# %%
data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train


def start(beta=1.0):
    """Two inputs, ten sigmoids, one output; biases 0."""
    shape = {"hidden": "sigmoid", "beta": beta, "trainable_beta": True}
    return mf.mlp([2, 10, 1], **shape, seed=2)


def by_suspect(net, x, y):
    """What the suspect says, in one vector laid out like theta."""
    gradients = suspect(x, y, *net.parameters.values())
    return np.concatenate([gradient.ravel() for gradient in gradients])


# %%
losses = {"the right gradient": [], "the colleague's": []}
for name, values in losses.items():
    net = start()
    for _ in range(3000):
        right = name == "the right gradient"
        gradient = net.gradient(X, Y) if right else by_suspect(net, X, Y)
        values.append(net.loss(X, Y))
        net.theta -= 0.5 * gradient
    loss, score = net.loss(X, Y), net.score(X, Y)
    print(f"{name:18} ends at a loss of {loss:.3f}, {score:.0%} right")

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6.4, 3), layout="constrained")
green = mf.plots.COLOURS["sigmoid"]
for (name, values), line in zip(losses.items(), ("-", "--")):
    colour = green if line == "-" else "black"
    ax.plot(values, line, color=colour, label=name)
ax.set(xlabel="step", ylabel="loss (nats)")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# It trains, and its loss ends just as low. (At the spikes of both curves a step was too long:
# lesson 7.) With the dashed curve alone you would have been satisfied. But **three
# lines of the code are wrong.**
#
# How could you have known? You need a second way to the same numbers, one that
# uses no backward pass. In this lesson you write two, and you find out how many
# digits of each you can trust. Then you find the three mistakes.
#
# You need: lesson 5, Taylor's formula, and complex numbers. About 65 minutes.

# %% [markdown]
# ## Differences
#
# A derivative is the limit of a difference. Stop before the limit, on both
# sides, and use Taylor:
#
# $$f(x + d) = f(x) + d\,f' + \tfrac12 d^2 f'' + \tfrac16 d^3 f''' + \dots$$
#
# $$f(x - d) = f(x) - d\,f' + \tfrac12 d^2 f'' - \tfrac16 d^3 f''' + \dots$$
#
# Combine the two so that $f$ and $f''$ drop out and $f'$ stands alone. Which
# combination is it? And what is the largest term of the error that is left?
#
# **Exercise 6.1.** A loss has many parameters, so there is one difference for
# each. `f` takes a vector and gives a number; `d` is the step.

# %% exercise="6.1"

# %% [markdown]
# The error that is left is called the **truncation error**, because the series is
# cut off. How does it depend on $d$? And with a step to one side only?
#
# ## Which step?
#
# A smaller $d$ makes the truncation error smaller. But a computer keeps 16 digits
# of $f$: it rounds each value by about $10^{-16}|f|$. When you divide by $d$,
# that becomes $10^{-16}|f|/d$, and it *grows* as $d$ shrinks.
#
# **Prediction 6.2.** Let the function and all its derivatives be of size 1. Which
# is the best step: $10^{-1}$, $10^{-5}$, $10^{-8}$ or $10^{-15}$? Give the
# exponent.

# %% predict="6.2"

# %% [markdown]
# Measure it, with your own function, on ESP, whose slope you derived in lesson 2.


# %%
def f(x, beta=1.7):
    return x / (1 + np.exp(-beta * x))


STEPS = 10.0 ** np.arange(-15, -0.9, 0.25)
differences = lesson.mine("6.1")


def errors(x, beta):
    """Relative error at each step: to one side, and by your function."""
    one = (f(x + STEPS, beta) - f(x, beta)) / STEPS
    theta, number = np.array([x]), lambda theta: f(theta[0], beta)
    two = [differences(number, theta, d)[0] for d in STEPS]
    true = mf.activations.esp.derivatives(x, beta).h
    return np.abs(one / true - 1), np.abs(two / true - 1)


# %% tags=["hide-input"]
one, two = errors(0.8, 1.7)
fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
ax.loglog(STEPS, one, "s", ms=4, color="#56B4E9", label="one-sided")
ax.loglog(STEPS, two, "o", ms=4, color="#E69F00", label="central")
ax.loglog(STEPS, 1e-16 / STEPS, "k--", lw=1, label="rounding, 1e-16/d")
ax.loglog(STEPS, STEPS**2, "k-", lw=1, label="truncation, d²")
ax.set(xlabel="step d", ylabel="relative error", ylim=(1e-13, 30))
ax.legend()
plt.show()

# %%
lesson.reveal("6.2")

# %% [markdown]
# Two straight arms and a valley between them. On the right the points follow
# $d^2$ (or $d$), on the left $10^{-16}/d$, with scatter, since rounding is
# irregular. A single point may lie low by luck; the valley is where the arms meet.
#
# $$\boxed{\;f'(x) = \frac{f(x+d) - f(x-d)}{2d} + O(d^2)\;} \tag{6.1}$$
#
# With a step to one side $f''$ stays, and the error is $\frac12 d f''$. On both
# sides it is $\frac16 d^2 f'''$, and with rounding the total is about
# $E(d) = \frac16d^2|f'''| + 10^{-16}|f|/d$. Where is it lowest? (On paper: $E'=0$.)
#
# <details><summary>The best step</summary>
#
# $d = (3\cdot 10^{-16}\,|f|/|f'''|)^{1/3}$. That is about $10^{-5}$ if all sizes are
# 1, and then $E$ is about $10^{-11}$. For the one-sided difference the same lines
# give $d\approx 10^{-8}$ and $E\approx10^{-8}$.
#
# </details>
#
# "Of size 1" was a condition. A gate changes from closed to open over a length of
# about $1/\beta$. So compare the step with *that*:


# %% tags=["hide-input"]
def draw_errors(ax, beta):
    """Error of the central difference against the step, at u = 0.8."""
    two = errors(0.8 / beta, beta)[1]
    ax.loglog(STEPS, two, "o", ms=3, color="#E69F00")
    ax.set(title=f"β = {beta:.4g}", xlabel="step d", ylim=(1e-14, 1e3))
    ax.set_xticks([1e-13, 1e-9, 1e-5, 1e-1])


layout = {"figsize": (10, 2.8), "sharey": True, "layout": "constrained"}
fig, axes = plt.subplots(1, 3, **layout)
for ax, beta in zip(axes, (0.01, 1, 100)):
    draw_errors(ax, beta)
axes[0].set_ylabel("relative error")
plt.show()

# %% [markdown]
# The valley moves with $1/\beta$. No step is right for every function, and none
# gives more than about 11 digits. With a running kernel you can move it:

# %% tags=["hide-input"]
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
# The digits were lost in the *subtraction* of two nearly equal numbers. Is there
# a way without one? Put $i\varepsilon$ in place of $d$, a step in the imaginary
# direction:
#
# $$f(x+i\varepsilon) = f(x) + i\varepsilon f' - \tfrac12\varepsilon^2 f''
#   - \tfrac{i}{6}\varepsilon^3 f''' + \dots$$
#
# For a real function, $f$, $f'$, $f''$ and $f'''$ at $x$ are real numbers. Where is
# the slope, and how do you get it without a difference?
#
# **Exercise 6.3.** Write it, for a vector `theta`. Choose your own
# $\varepsilon$, and lose no digit.

# %% exercise="6.3"

# %% [markdown]
# How small may $\varepsilon$ be? Measure it, on ESP again.

# %% tags=["hide-input"]
true = mf.activations.esp.derivatives(0.8, 1.7).h
for eps in (1e-2, 1e-5, 1e-8, 1e-30, 1e-200):
    error = abs(np.imag(f(0.8 + 1j * eps)) / eps / true - 1)
    print(f"eps = {eps:.0e}: error {error:.1e}")

# %% [markdown]
# $$\boxed{\;f'(x) = \mathrm{Im}\, f(x + i\varepsilon)/\varepsilon
#   + O(\varepsilon^2)\;} \tag{6.2}$$
#
# Nothing is subtracted, so $\varepsilon$ may be as small as you like. $10^{-8}$ is
# enough here, but not for a function that changes over a length of $10^{-5}$. With
# $10^{-30}$ the truncation error is about $10^{-60}$: enough for all that you will
# meet.

# %% [markdown]
# ## Your backward pass
#
# Now check your own backward pass of lesson 5. The reference needs only the *loss*,
# and the library's forward pass takes complex numbers, too. Take a **random**
# network whose sizes are all different.


# %%
def loss_of(net, x, y):
    """The loss as a function of theta, real or complex."""

    def loss(theta):
        o = net.with_theta(theta).forward(x)
        return net.loss_function.value(o, y)

    return loss


def random_problem(hidden):
    """A network with three inputs, four gates, two outputs; x and y."""
    net = mf.mlp([3, 4, 2], hidden, trainable_beta=True)
    rng = np.random.default_rng(9)
    net.theta = rng.normal(size=net.n_parameters)
    y = rng.integers(0, 2, size=(7, 2)).astype(float)
    return net, rng.normal(size=(7, 3)), y


# %%
backward, complex_gradient = lesson.mine("5.4"), lesson.mine("6.3")
esp, x, y = random_problem("esp")
gradients = backward(x, y, *esp.parameters.values())
hand = np.concatenate([gradient.ravel() for gradient in gradients])
by_step = complex_gradient(loss_of(esp, x, y), esp.theta)
by_difference = differences(loss_of(esp, x, y), esp.theta, 1e-5)
for k in (0, 13, 21):
    print(f"{esp.labels[k]:7} by hand           {hand[k]:.17f}")
    print(f"{'':7} by complex step   {by_step[k]:.17f}")
    print(f"{'':7} by differences    {by_difference[k]:.17f}")

# %% [markdown]
# The first two agree to the last digits, the third to ten or so. If the first line
# says that `backward` is your own, then **these entries of yours are right**. The
# next number looks at all of them.
#
# ## How small is small enough?
#
# A network may have a million parameters. One number should say how well two
# gradients agree. It should
#
# * not change when both gradients are multiplied by 10;
# * show one wrong entry, even among a million right ones;
# * not mind an entry that is nearly zero. Such an entry is often a sum of large
#   terms that cancel; its last digits are rounding.
#
# **Exercise 6.4.** Write such a number: the largest of one thing, divided by the
# largest of another. (Which of the two gradients do you trust?)

# %% exercise="6.4"

# %%
largest_error = lesson.mine("6.4")
print(f"complex step {largest_error(hand, by_step):.1e}")
print(f"differences  {largest_error(hand, by_difference):.1e}")

# %% [markdown]
# Rules of thumb, at a random point:
#
# | largest error | by complex step | by differences |
# |---|---|---|
# | below $10^{-12}$ | right | right |
# | $10^{-12}$ to $10^{-6}$ | look again | right |
# | $10^{-6}$ to $10^{-3}$ | a bug | look again: change the step |
# | above $10^{-3}$ | a bug | a bug, or a kink (see below) |
#
# The gap between right and wrong is wide. A slip in a formula (a sign, a factor,
# a transposed matrix) changes the first digit or the second, not the tenth.
#
# "At a random point", because near a minimum the samples' terms cancel in their sum:
# the gradient gets small, but the rounding of the terms does not. Right code then
# has a larger relative error. The library's own check allows for that. It shows the
# worst entry of each array:

# %%
print(mf.check.gradient(esp, x, y))

# %% [markdown]
# ## Where the two fail
#
# The complex step needs code that takes complex numbers and is *analytic*: each
# line must be differentiable as a complex function. `np.abs` is not. For a complex
# number it gives the modulus, which is real, and the slope is gone. No error, no
# warning:

# %%
z = -0.8 + 1e-30j
values = {"exp(u)": np.exp(z), "exp(-|u|)": np.exp(-np.abs(z))}
for name, value in values.items():
    slope = value.imag / 1e-30
    print(f"{name:9} slope {slope:.3f}, true {np.exp(-0.8):.3f}")

# %% [markdown]
# (For $u<0$ both are the same function.) A stable sigmoid written with $|u|$, as in
# lesson 1, would lose its slope. The library writes $|u|$ as $u$ or $-u$, chosen by
# the real part; each of the two is analytic.
#
# Differences fail at a **kink**. ReLU has no slope at $h=0$. If $0<h<d$, then the
# difference is $(h+d)/2d$, neither 0 nor 1. Do it to a network: shift one bias
# until one sample's field at unit 0 is $3\cdot10^{-6}$.

# %%
relu = mf.mlp([2, 3, 1], "relu", seed=1)
linear = mf.datasets.linear()
x, y = linear.X_train, linear.Y_train
relu.parameters["b1"][0] = 3e-6 - x[0] @ relu.parameters["W1"][:, 0]
hand = relu.gradient(x, y)
for step in (1e-5, 1e-6, 1e-7):
    slopes = differences(loss_of(relu, x, y), relu.theta, step)
    print(f"step {step:.0e}: error {largest_error(hand, slopes):.0e}")

# %% [markdown]
# At first it looks like a bug. To tell a kink from a bug, **change the step**: a
# bug stays, a kink goes. (Here both inputs are larger than 3. So a step $d$ in a
# weight moves the field by more than $3d$, and $10^{-6}$ is still too long.) The
# complex step chooses its side of the kink by the real part and never leaves it:
# right, however near.

# %% [markdown]
# ## Find the bugs
#
# Back to the colleague's code. First make the check where the training began, at
# the network that `start()` gives, with the training data.
#
# **Prediction 6.5.** There are three mistakes. How many of them change the
# gradient there?

# %% predict="6.5"

# %%
net = start()
reference = complex_gradient(loss_of(net, X, Y), net.theta)
error = largest_error(by_suspect(net, X, Y), reference)
print(f"at the start: largest error {error:.1e}")
lesson.reveal("6.5")

# %% [markdown]
# **A check can say *right* to a wrong program.** It is worth as much as the point
# at which it is made. Take a random one, where nothing is 0, 1 or equal by
# symmetry, with sizes that are all different:

# %%
sigmoid, x, y = random_problem("sigmoid")
reference = complex_gradient(loss_of(sigmoid, x, y), sigmoid.theta)
said = by_suspect(sigmoid, x, y)
error = largest_error(said, reference)
print(f"at a random point: largest error {error:.1e}")
print("suspect / reference, first entries of each array:")
for name in ("beta2", "W2", "b2", "beta1", "W1", "b1"):
    at = sigmoid.slices[name]
    print(f"{name:6}", np.round((said / reference)[at], 3)[:4])

# %% [markdown]
# Go through the arrays in the order in which the backward pass computes them:
# `beta2`, `W2`, `b2`, `beta1`, `W1`, `b1`. Is there a factor that all of them
# share? Which line could do that? Divide the ratios by it, and look for the first
# array that is still wrong. Which line is it? For `W1` and `b1`, compare the ratios
# with `sigmoid.parameters["beta1"]`. For `beta2` there is no such number: read its
# line again.
#
# **Exercise 6.6.** Copy the lines of the suspect that follow the forward pass, and
# mend the three.

# %% exercise="6.6"

# %%
mended = lesson.mine("6.6")
gradients = mended(x, y, *sigmoid.parameters.values())
hand = np.concatenate([gradient.ravel() for gradient in gradients])
print(f"largest error {largest_error(hand, reference):.1e}")

# %% [markdown]
# Three mistakes, and each hides at a point that everybody uses.
#
# <details><summary>Which, and where</summary>
#
# * `len(x)` for `y.size` hides where there is **one output**;
# * `a1 @ W2` for `h2` hides where the **biases are 0**;
# * `da1 * w` for `da1 * beta1 * w` hides where $\beta$ **is 1**. It is an easy
#   slip: everybody knows $p(1-p)$ by heart, from sigmoids without a $\beta$.
#
# The last can happen to anybody. In the plain-Python code that the authors of the
# paper were kind enough to publish, the step for $W$ and $b$ of a sigmoid layer
# lacks its $\beta$, too (and the recursion for $\beta$ has an $h$ too many; ESP layers
# with squared error are right). Their recorded sigmoid trainings can be replayed
# with the right gradient, so they do not depend on it.
#
# </details>

# %% [markdown]
# ## Why it trained
#
# In the training two mistakes act. As soon as $b_2$ has moved, `dbeta2` is wrong:
# one number of 52. And as soon as the $\beta_i$ have moved, the gradient
# of the weights into unit $i$ lacks the factor $\beta_i$. If $\beta_i>0$, its
# direction is still right: it is downhill, not steepest downhill. If $\beta_i<0$, it
# points *up*. Measure the cosine of the angle between the suspect's gradient and
# the right one:

# %%
for name, beta in {"1": 1.0, "3": 3.0, "random": ("normal", 1.0)}.items():
    net = start(beta)
    said, right = by_suspect(net, X, Y), net.gradient(X, Y)
    first = np.r_[net.slices["W1"], net.slices["b1"]]
    pairs = (said, right), (said[first], right[first])
    whole, part = (a @ b / np.sqrt((a @ a) * (b @ b)) for a, b in pairs)
    print(f"beta {name:6} cosine {whole:.3f}, of W1 and b1 {part:.3f}")

# %% [markdown]
# With positive $\beta$ the direction is right or nearly so: at $\beta=3$, `W1` and
# `b1` just get a third of their length. With random signs their direction is not
# right. The cosine of the whole shows little of it, because the output layer's
# gradient is right, and larger. **A falling loss proves nothing.**

# %% [markdown]
# ## What you have now
#
# * Central differences: best step about $10^{-5}$ times the scale of the
#   function, about 11 digits at best.
# * The complex step: all digits, for analytic code.
# * An error is a share of the largest entry, and a bug is far above rounding.
# * An error at a kink goes away with a smaller step. A bug does not.
# * A check at one special point can miss a bug. Check at a random point, with
#   sizes that all differ. The exercises of this course are checked in that way.
# * A check of your backward pass of lesson 5, to the last digits. Lesson 7 runs it.
#
# > **Where this stands.** Derivatives by complex numbers go back to Lyness and
# > Moler (1967); the formula (6.2) is in Squire and Trapp (1998), and Martins,
# > Sturdza and Alonso (2003) say what code has to be like for it. The course
# > CS231n teaches checks by differences, with relative errors, kinks and the
# > advice not to check at the very start. Automatic differentiation, as in PyTorch
# > and JAX, avoids slips in derivatives, but a rule of your own inside it
# > needs the same checks (`torch.autograd.gradcheck` makes them by differences).

# %% [markdown]
# **To think about**
#
# 1. A four-point difference can cancel the $d^2$ error too, and leave $d^4$. What
#    would its best step be, and its best error?
#
# <details><summary>Answer</summary>
#
# $d^4$ and $10^{-16}/d$ are equal where $d^5 = 10^{-16}$, at about $6\cdot10^{-4}$;
# the error is about $10^{-13}$. Two more digits, for twice the work.
#
# </details>
#
# 2. Which wrong gradient would *pass* the check?
#
# <details><summary>Answer</summary>
#
# One of the wrong loss. If the loss itself has a mistake, and the backward pass
# is its right derivative, then hand and reference agree on the wrong thing. The
# check compares two programs, not a program with what you meant.
#
# </details>
