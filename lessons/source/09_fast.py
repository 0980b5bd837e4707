# %% [markdown]
# # 9. Making it fast
#
# At the end of lesson 7 your network reached a loss below 0.06. Was that good work,
# or good luck? It came from one random start. To know, you have to train from
# many: say sixty. That is $60\cdot2300$ gradients, and in each of them ten units
# with 690 fields: a billion fields.
#
# You will write a loop that goes through the fields one by one. Python needs about
# a microsecond for each: a quarter of an hour for a billion. Then the same loop,
# with not one line changed, will need two seconds. The whole backward pass follows
# (still driven from Python, it needs longer: you will see why), and at the end you
# know whether it was luck.
#
# Times on your machine will differ from those in the text, perhaps in their order,
# too. Trust your own.
#
# You need: the forward and backward pass (lessons 3 and 5) and ESP (lesson 2).
# No knowledge of compilers. About 65 minutes; the starred section near the end,
# which you may skip, takes 8 more.

# %%
import functools
import inspect
import re
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# Compiled code needs Numba, a compiler for such loops. If you do not have it, the
# next cell says so, and all that needs it is left out below.

# %%
try:
    import numba

    from minifnn.compiled import gates

    warnings.simplefilter("ignore", numba.NumbaPerformanceWarning)
except ImportError:
    numba = None
    print("Numba is not here: loops stay plain Python.")

# %% [markdown]
# ## How to measure
#
# Three rules, and they are most of the craft:
#
# 1. **Compare the results before the times.** A wrong answer is always fast.
# 2. **Run once before you measure.** The first call compiles, reads files, fills
#    caches.
# 3. **Repeat, and take the median.** Other programs disturb some repeats. They
#    pull the mean up, but not the median.


# %%
def seconds(function, *arguments, repeats=9):
    """The median time of a call, after one that does not count."""
    function(*arguments)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return np.median(times)


# %% [markdown]
# ## Where does the time go?
#
# One gradient of the 2-10-1 network, by your own backward pass of lesson 5.
# What takes longer, the matrix products or the gates?

# %%
data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train
net = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=0)
net.theta += 0.1  # so that no beta is near 0
backward = lesson.mine("5.4")


def arrays(h, beta):
    """Value and both slopes of ESP, as in lesson 5."""
    p = 1 / (1 + np.exp(-beta * h))
    w = p * (1 - p)
    return h * p, p + beta * h * w, h**2 * w


# %%
W1, b1, beta1, *_ = parameters = net.parameters.values()
h = X @ W1 + b1
parts = {
    "the whole gradient": lambda: backward(X, Y, *parameters),
    "x W + b of the hidden layer": lambda: X @ W1 + b1,
    "x^T dh of the hidden layer": lambda: X.T @ h,
    "its gates: value and slopes": lambda: arrays(h, beta1),
}
times = {name: seconds(part, repeats=50) for name, part in parts.items()}
whole = times["the whole gradient"]
for name, t in times.items():
    print(f"{name:28s} {1e6 * t:6.1f} microseconds, {t / whole:4.0%}")

# %% [markdown]
# The matrix products take little: they are done by BLAS, a library in which
# decades of work are hidden. The gates are the largest part that has a name. (The
# rest is the output layer, and many small arrays.)
#
# How much can you gain there? Suppose that a part takes 60 % of the time, and you make
# it 10 times as fast. All else stays as it is.
#
# **Exercise 9.1.** How many times as fast is the whole?

# %% exercise="9.1"

# %% [markdown]
# <details><summary>In general</summary>
#
# A part that takes the share $q$ of the time is made $c$ times as fast. The whole took
# 1 and now takes $1 - q + q/c$: never less than $1-q$. (This is **Amdahl's law**.)
#
# </details>
#
# So measure first, and work on what has a large share.

# %% [markdown]
# ## One number at a time
#
# The gates, then. Forget arrays: take one unit, and one field $h$ after another.
# With $u=\beta h$, $p=\sigma(u)$ and $w=p(1-p)$ you know from lesson 5
#
# $$f = h\,p,\qquad f_h = p + u\,w,\qquad f_\beta = h^2\,w.$$
#
# An exponential is expensive, so one must serve all three. And it must not
# overflow: $\exp(-u)$ does so at $u=-800$. What never overflows is
# $e = \exp(-|u|)$, which lies between 0 and 1. (So on this page $e$ is not 2.718.)
# Fill in, on paper:
#
# * For $u\ge0$: $\ p = 1/(1+\exp(-u)) = \underline{\qquad}$ (in terms of $e$).
# * For $u<0$ it is $\exp(-u) = 1/e$, so $p = \underline{\qquad}$.
# * $1-p$ without a minus (which would lose digits): $\underline{\qquad}$ for
#   $u\ge0$, $\underline{\qquad}$ for $u<0$. So for both $w = \underline{\qquad}$.
#
# **Exercise 9.2.** Write the loop. It goes over the samples once, and does
# everything for one of them before it looks at the next. The exponential is
# an argument, because you will try two. Call it with one number: `exp(x)`.

# %% exercise="9.2"

# %% [markdown]
# A **compiler** translates a function into the processor's own instructions
# before it runs. Numba does that for functions with plain loops over arrays.
# `numba.njit(f)` returns the compiled `f`; it compiles when it is first called.

# %%
esp_loop = lesson.mine("9.2")


def plain(h, beta):
    return esp_loop(h, beta, np.exp)


def compiled_with(exp, **options):
    """Your loop, compiled, with a compiled exponential in it."""
    loop = numba.njit(**options)(esp_loop)
    return numba.njit(lambda h, beta: loop(h, beta, exp))


# %%
ways = {"your loop, in Python": plain, "NumPy arrays": arrays}
if numba:
    usual = numba.njit(lambda x: np.exp(x))
    try:
        compiled_with(usual)(np.ones(3), 1.5)
        ways["your loop, compiled"] = compiled_with(usual)
    except numba.core.errors.NumbaError:
        numba = None
        print("Numba cannot compile yours: use loops and numbers only.")

# %% [markdown]
# **Prediction 9.3.** What does the compiled loop gain over NumPy's arrays?
# `"nothing"` (less than a factor 2), `"a little"` (2 to 5) or `"much"`?

# %% predict="9.3"

# %%
fields = np.random.default_rng(0).normal(size=6900)
right, ns = arrays(fields, 1.5), {}


def try_out(name, way):
    """Compare the results first, then measure the time per field."""
    pairs = zip(way(fields, 1.5), right)
    error = max(np.abs(a - b).max() for a, b in pairs)
    ns[name] = 1e9 * seconds(way, fields, 1.5, repeats=5) / 6900
    print(f"{name:25s} {ns[name]:8.1f} ns, differs by {error:.0e}")


for name, way in ways.items():
    try_out(name, way)
if numba:
    gain = ns["NumPy arrays"] / ns["your loop, compiled"]
    word = ["nothing", "a little", "much"][sum([gain > 2, gain > 5])]
lesson.reveal("9.3", word if numba else None)

# %% [markdown]
# Python spends its time on being Python: looking up names, making a number
# object of every intermediate. Arrays do that once for 6900 fields, and the
# compiled loop never does it. But against *arrays* a compiler gains nothing by
# itself, and may even lose. Your loop waits for its exponential, one number at a time. And NumPy's?

# %%
alone = 1e9 * seconds(np.exp, fields, repeats=5) / 6900
print(f"np.exp alone {alone:.1f} ns,", end=" ")
print(f"all of the arrays {ns['NumPy arrays']:.1f} ns")

# %% [markdown]
# On most machines `np.exp` takes several numbers at once. Most of the arrays' time is
# for their many passes through memory. What your loop lacks is such an exponential.

# %% [markdown]
# ## An exponential of our own
#
# A processor can add or multiply several numbers in one instruction, four or
# eight floats side by side: a **vector instruction**. A compiler uses them only
# if all samples go through the same plus and times. The usual `exp` spoils this:
# it is a function elsewhere, takes one number, and has branches inside.
#
# So let us make exp of plus and times. A power series,
# $\exp(r) = 1 + r + r^2/2! + r^3/3! + \dots$, needs few terms if $r$ is small. But
# $x$ may be $-30$. Take out whole multiples of $\ln2$, so that little is left:
#
# $$x = k\,\ln 2 + r,\qquad k \text{ a whole number},\quad |r| \text{ as small as
#   possible}.$$
#
# On paper: which $k$? How large is $|r|$ at most? And $\exp(x) =
# \underline{\qquad}\cdot \exp(r)$?
#
# **Exercise 9.4.** Write it with arrays, with the series up to
# $r^n/n!$ for $n$ = `degree`. Sum from the inside: $1 + r(1 + \tfrac r2(1 +
# \tfrac r3(\dots)))$ needs neither powers nor factorials.

# %% exercise="9.4"

# %% [markdown]
# $$\exp(x) = 2^k \exp(r),\qquad |r|\le\tfrac12\ln2\approx0.35.$$
#
# The factor $2^k$ is exact: in a float it changes the exponent only. What remains
# is the error of the series. A float near 1 has steps of $2^{-52}$, so what is
# smaller than half a step, $2^{-53}=1.1\cdot10^{-16}$, is rounded away.
#
# **Exercise 9.5.** Which `degree` is enough? Give the lowest one for which the
# first term that is left out is below $2^{-53}$ for all rests. (A line of Python
# may help.)

# %% exercise="9.5"

# %% tags=["hide-input"]
exp_by_halves = lesson.mine("9.4")
rests = np.linspace(-0.5, 0.5, 40_001) * np.log(2)
fig, ax = plt.subplots(figsize=(6.5, 3), layout="constrained")
shades = plt.cm.viridis(np.linspace(0.9, 0, 5))
for degree, shade in zip((3, 6, 9, 12, 15), shades):
    error = np.abs(exp_by_halves(rests, degree) / np.exp(rests) - 1)
    worst = [part.max() for part in np.array_split(error, 60)]
    ax.plot(np.linspace(rests[0], rests[-1], 60), np.maximum(worst, 1e-17),
            color=shade, label=f"up to $r^{{{degree}}}$")  # fmt: skip
ax.axhline(2.0**-53, color="black", linestyle=":", label="half a last bit")
ax.set(yscale="log", xlabel="rest r", ylabel="largest relative error")
ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# The last two curves lie on each other: what is left there is the rounding of the
# sums, in yours and in `np.exp`.
#
# The library has the same for one number, as `decay(u)`, which returns
# $e=\exp(-|u|)$ and $1-e$. (Its lines are in a starred section.) It has no branch,
# and calls nothing. Put it into your loop. Will that be faster?

# %%
if numba:
    ours = numba.njit(lambda x: gates.decay(x)[0])
    ways["... and exp of our own"] = compiled_with(ours)
    try_out(*list(ways.items())[-1])

# %% [markdown]
# No better! Something in your own lines still keeps the vector instructions away:
# something at which Python might have to stop with an error. Which operation? Find
# it before you unfold.
#
# <details><summary>The operation</summary>
#
# You divide by $1+e$. You know that this is never 0. Numba does not, and a Python
# program has to stop with `ZeroDivisionError` at that very sample: a branch.
# The option `error_model="numpy"` says: as in NumPy, go on with `inf`.
#
# </details>

# %%
if numba:
    last = compiled_with(ours, error_model="numpy")
    ways["... no ZeroDivisionError"] = last
    try_out(*list(ways.items())[-1])
    half = compiled_with(usual, error_model="numpy")
    t = 1e9 * seconds(half, fields, 1.5) / 6900
    print(f"but with np.exp: {t:.1f} ns")

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
ax.barh(list(ns), list(ns.values()), color="0.6")
for place, value in enumerate(ns.values()):
    ax.text(1.1 * value, place, f"{value:.1f} ns", va="center")
ax.set(xscale="log", xlim=(0.5, 8 * max(ns.values())))
ax.set_xlabel("time per field (nanoseconds)")
ax.invert_yaxis()
plt.show()

# %% [markdown]
# Either of the two changes alone gains less, both together a lot. And the
# loop is still your own. Nanoseconds per field are seconds per billion fields: a
# quarter of an hour has become two seconds.
#
# Are these vector instructions? Numba shows the instructions, and the folded cell
# counts those that multiply several numbers at once (Intel, AMD and ARM).

# %% tags=["hide-input"]
if numba:
    PACKED = r"\bv?fn?m\w*(add|sub|mul)\w*pd\b|\bv?mulpd\b|\bfml[as]\b"
    for name, way in ways.items():
        if hasattr(way, "inspect_asm"):
            (code,) = way.inspect_asm().values()
            n = len(re.findall(PACKED, code))
            print(f"{name:26s} vector multiplications: {n}")

# %% [markdown]
# ## Which way the numbers lie
#
# Memory is one long row. NumPy stores an array **row-major**: the whole first
# row, then the second. In the lessons a row is a sample. So the 690 fields of
# *one unit* do not lie side by side: `strides` says how many bytes it is to the
# next row and to the next column (a float has 8).

# %%
print("samples in rows:   ", X.shape, X.strides, "bytes to the next")
print("samples in columns:", X.T.copy().shape, X.T.copy().strides)
many = np.random.default_rng(0).normal(size=(100_000, 16))
turned = np.ascontiguousarray(many.T)
assert np.isclose(many[:, 3].sum(), turned[3].sum(), rtol=1e-9)
for name, unit in (("rows", many[:, 3]), ("columns", turned[3])):
    t = 1e6 * seconds(unit.sum)
    print(f"sum over one unit, samples in {name}: {t:.0f} microseconds")

# %% [markdown]
# A vector instruction takes neighbours only. And memory comes in lines of 64
# bytes or so: whoever takes 8 bytes of each line fetches eight times too much.
#
# Your loop runs over the samples of one unit. So hold everything transposed,
# **samples in columns**: $x$ is (D, N), $h$ is (H, N), and one row is one unit.
# Forward becomes $h = W^T x + b$, with $b$ as a column. And backward?
#
# **Exercise 9.6.** The three lines of exercise 5.3, for samples in columns. Not by
# trial: transpose the old lines on paper, with $(AB)^T = B^TA^T$. ($W$ stays as it
# was.)

# %% exercise="9.6"

# %% [markdown]
# $$dW = a\,dh^T,\qquad db = \textstyle\sum_n dh,\qquad da = W\,dh.$$
#
# Now put your parts together: a backward pass for samples in columns. Two
# functions are arguments: one computes the gates, the other a layer's gradients. So the
# same lines serve every step.

# %%
columns_backward = lesson.mine("9.6")


def gates_with(way):
    """The gates of a layer, unit by unit: value and slopes, each (H, N)."""

    def gates_of(h, beta):
        f = np.empty((3, *h.shape))
        for i in range(len(beta)):
            f[0, i], f[1, i], f[2, i] = way(h[i], beta[i])
        return f

    return gates_of


# %%
def a_pass(gates_of, layer):
    """A backward pass of these: x (D, N), y (K, N), six gradients."""

    def one_pass(x, y, W1, b1, beta1, W2, b2, beta2):
        h1 = W1.T @ x + b1[:, None]
        a1, f_h, f_beta = gates_of(h1, beta1)
        h2 = W2.T @ a1 + b2[:, None]
        p2 = 1 / (1 + np.exp(-beta2[:, None] * h2))
        do = (p2 - y) / y.size
        dbeta2 = (do * h2).sum(axis=1)
        dW2, db2, da1 = layer(do * beta2[:, None], a1, W2)
        dbeta1 = (da1 * f_beta).sum(axis=1)
        dW1, db1, _ = layer(da1 * f_h, x, W1)
        return dW1, db1, dbeta1, dW2, db2, dbeta2

    return one_pass


# %% [markdown]
# The same lines, then, with three kinds of gates: your loop in Python, arrays, and
# your loop compiled. (Arrays are your pass of lesson 5, samples in rows.)

# %%
fast = list(ways.values())[-1]
passes = {
    "your loop, in Python": a_pass(gates_with(plain), columns_backward),
    "arrays (lesson 5)": lambda x, y, *rest: backward(x.T, y.T, *rest),
}
if numba:
    of_fast = gates_with(fast)
    passes["your loop, compiled"] = a_pass(of_fast, columns_backward)

# %% [markdown]
# Before you run the next cell: how long would the gradients of sixty trainings
# take, by each? They are 138,000. The last line is the library's training: it compiles
# the layers and Adam's step, too.

# %%
XT, YT = X.T.copy(), Y.T.copy()
right_ones, per_step = backward(X, Y, *parameters), {}
for name, one in passes.items():
    pairs = zip(one(XT, YT, *parameters), right_ones)
    error = max(np.abs(a - b).max() for a, b in pairs)
    repeats = 3 if "Python" in name else 100
    t = seconds(one, XT, YT, *parameters, repeats=repeats)
    per_step[name] = 1e6 * t
    print(f"{name}: differs by {error:.0e}")
if numba:
    one, rule = net.with_theta(net.theta.copy()), mf.Adam(0.01)
    train_all = functools.partial(mf.train, one, X, Y, 300, record=[])
    t = seconds(train_all, rule, repeats=3)
    per_step["the library's training"] = 1e6 * t / 300
for name, t in per_step.items():
    sixty = 0.138 * t  # seconds: 138,000 gradients of t microseconds
    print(f"{name:22s} {t:6.0f} microseconds, all sixty: {sixty:6.1f} s")

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(7, 2.2), layout="constrained")
ax.barh(list(per_step), list(per_step.values()), color="0.6")
slowest = max(per_step.values())
for place, value in enumerate(per_step.values()):
    word = f"{slowest / value:.0f} times as fast" if place else "1"
    ax.text(1.1 * value, place, word, va="center")
ax.set(xscale="log", xlim=(10, 10 * slowest))
ax.set_xlabel("time per gradient (microseconds)")
ax.invert_yaxis()
plt.show()

# %% [markdown]
# From your loop in Python to the same loop compiled it is a hundred times or more,
# with no line of it changed. Look at the steps between. The largest is the one
# to arrays. Compiled gates gain little over arrays, although they are faster
# themselves: that is Amdahl's law. Python's many calls are what is left, and the
# library's last line shows what it brings to compile these, too.

# %% [markdown]
# ## Stay in the cache
#
# A processor calculates faster than memory delivers. Between the two sit small
# fast memories, the **caches**, which keep what was used last. If an array is
# larger than the cache, its beginning is gone when the next line of the program
# wants it again.
#
# The way out: take a *block* of samples through the whole pass, forward and
# backward, then the next block. All that a block needs stays near.
#
# You have a function for the gradient of a few samples: it is that of their
# *mean* loss. You want the gradient of the mean over all $N$. And $N$ need not be
# a multiple of `B`.
#
# **Exercise 9.7.** How do the blocks' gradients make up that of all samples?

# %% exercise="9.7"

# %% [markdown]
# Which block is best? Think of the two ends first: what is bad about blocks of 32
# samples, and what about one block of 40,000? Let your `in_blocks` run your last pass
# on 40,000 samples. (BLAS is held to one thread, so that only one thing varies.)

# %%
in_blocks = lesson.mine("9.7")
last_pass = list(passes.values())[-1]
rng = np.random.default_rng(0)
N = 40_000
X_many = rng.uniform(size=(N, 2))
Y_many = (X_many[:, :1] > X_many[:, 1:]) * 1.0
x_many, y_many = X_many.T.copy(), Y_many.T.copy()


def share(first, last):
    """The gradient of a block, by your last pass."""
    x, y = (all_[:, first:last].copy() for all_ in (x_many, y_many))
    found = last_pass(x, y, *parameters)
    return np.concatenate([one.ravel() for one in found])


def yours(B):
    return in_blocks(share, N, B)


# %%
from threadpoolctl import threadpool_limits

BLOCKS = [32, 128, 512, 2048, 8192, 40_000]
g = net.gradient(X_many, Y_many, engine="numpy")
assert all(np.allclose(yours(B), g, atol=1e-12) for B in BLOCKS)
with threadpool_limits(1, user_api="blas"):
    curve = np.array([seconds(yours, B, repeats=5) for B in BLOCKS])

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(BLOCKS, 1e9 * curve / N, "o-", color="black")
ax.set(xscale="log", yscale="log", xlabel="samples per block, B")
ax.set_ylabel("time per sample (ns)")
plt.show()

# %% [markdown]
# Small blocks pay for their many calls. Large blocks leave the cache. With a large
# cache you may see no rise at all; then the right end is as good. The library takes
# blocks that need about a megabyte.

# %% [markdown]
# ## What may not be reordered
#
# On paper $a + b + c$ has one value. In floats every plus rounds.
#
# **Prediction 9.8.** What does Python say to `(1e16 + 1.0) - 1e16`?

# %% predict="9.8"

# %%
print("(1e16 - 1e16) + 1.0 =", (1e16 - 1e16) + 1.0)
lesson.reveal("9.8", (1e16 + 1.0) - 1e16)

# %% [markdown]
# That was an extreme case. Here is a usual one: the same ten thousand numbers,
# added one after the other (`cumsum` does that), in 1000 random orders. `math.fsum`
# gives the sum rounded once, at the end.

# %%
import math

numbers = rng.normal(size=10_000)
exact = math.fsum(numbers)
shuffled = (rng.permutation(numbers) for _ in range(1000))
sums = np.array([np.cumsum(one)[-1] for one in shuffled])
last_bit = np.spacing(abs(exact))
print("different results:", len(set(sums)), "of 1000")

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
ax.hist((sums - exact) / last_bit, 40, color="0.6")
error = (numbers.sum() - exact) / last_bit
ax.axvline(error, color="black", label="NumPy's sum")
ax.set_xlabel("error of the sum, in last bits of the result")
ax.set_ylabel("number of orders")
ax.legend(fontsize=9)
plt.show()

# %% [markdown]
# So a compiler must not reorder a sum by itself, and therefore cannot use vector
# instructions for it. The option `fastmath` allows it. Watch what comes with it.


# %%
def add_up(x):
    total = 0.0
    for n in range(len(x)):
        total += x[n]
    return total


def count_nan(x):
    found = 0
    for n in range(len(x)):
        found += x[n] != x[n]  # only NaN differs from itself
    return found


# %%
if numba:
    spoilt = np.array([1.0, np.nan, 2.0])
    for option in (False, True):
        add = numba.njit(add_up, fastmath=option)
        count = numba.njit(count_nan, fastmath=option)
        t = 1e6 * seconds(add, numbers)
        print(f"fastmath={option!s:5}: sum {add(numbers)!r}, {t:.1f} µs,",
              "NaN found:", count(spoilt))  # fmt: skip

# %% [markdown]
# The sum is faster, and its last bits have changed: tolerable, perhaps. But
# `fastmath` also promises the compiler that there is no NaN. So it may replace
# `x != x` by "never", and the check is gone without a word. NaN is how a training
# that went wrong tells you; the library stops at it and says at which epoch. So
# its kernels are compiled without `fastmath`; only where they add up a product do
# they allow another order, and nothing else.

# %% [markdown]
# ## Luck?
#
# Now to the question of the beginning. Sixty starts, seeds 0 to 59, with the
# training of lesson 7. The library trains them: all of its loop is compiled. The
# network of lesson 7 had seed 0.
#
# **Prediction 9.9.** How many of the sixty end with a lower loss than seed 0:
# `"few"` (under a quarter), about `"half"`, or `"most"` (over three quarters)?

# %% predict="9.9"

# %%
starts = 60 if numba else 8  # without Numba, patience is short
began, losses = time.perf_counter(), []
for seed in range(starts):
    one = mf.mlp([2, 10, 1], "esp", beta=("normal", 0.004), seed=seed)
    rule = mf.Adam(0.01, decay=(0.9, 500))
    mf.train(one, X, Y, 2300, rule, record=[])
    losses.append(one.loss(X, Y))
print(f"{starts} trainings in {time.perf_counter() - began:.0f} s")
lower = (np.array(losses) < losses[0]).mean()
print(f"{lower:.0%} end lower than seed 0")
word = "few" if lower < 0.25 else "most" if lower > 0.75 else "half"
lesson.reveal("9.9", word)

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(6.5, 2.6), layout="constrained")
ax.hist(losses, np.linspace(0.04, 0.16, 25), color=mf.plots.COLOURS["esp"])
ax.axvline(losses[0], color="black", label="seed 0")
ax.set(xlabel="loss after 2300 epochs (nats)", ylabel="number of starts")
ax.legend(frameon=False)
plt.show()
print(f"lowest {min(losses):.3f}, median {np.median(losses):.3f},",
      f"highest {max(losses):.3f}")  # fmt: skip

# %% [markdown]
# It was luck. Nearly all other starts end higher, half of them at about twice the
# loss or more. (And they seem to come in groups: it looks as if there were a few kinds of
# solutions.) From one start you would not have known. That is what speed is for:
# lesson 12 judges the paper by many starts.

# %% [markdown]
# ## ★ The library's exponential
#
# Can you find your $k$, your $r$ and your series in it?

# %%
if numba:
    print(inspect.getsource(gates.decay.py_func))

# %% [markdown]
# `_fma(a, b, c)` is $ab + c$ in one instruction, rounded once. Beyond `FARTHEST`
# $=745.2$ the result is 0, so $u$ is cut there. Adding `TO_INTEGER`
# $=1.5\cdot2^{52}$ rounds to a whole number, since floats of that size have no digits
# after the point. `LN2` and `LN2_REST` are $\ln2$ in two pieces, so that
# $r=x-k\ln2$ keeps its last digits even for large $k$. `C2` is $1/2!$, and so on;
# the series is summed in three parts side by side, which a processor can do at the
# same time. The line with `<< 52` puts $k$ where a float keeps its exponent: that
# is $2^k$. (For the smallest floats' sake it is doubled `RAISE` $=64$ times more, which
# the last line takes back.)
#
# `FARTHEST if m > FARTHEST else m` is the smaller of the two. Four ways to say so
# give the same for all numbers. But NaN is "not a number", and every comparison
# with it is false. Which of them lets NaN through?

# %%
smaller = {
    "b if a > b else a": lambda a, b: b if a > b else a,
    "a if a < b else b": lambda a, b: a if a < b else b,
    "np.minimum(a, b)": np.minimum,
    "np.fmin(a, b)": np.fmin,
}
for name, function in smaller.items():
    print(f"{name:18s} with a = nan, b = 745: {function(np.nan, 745.0)}")

# %% [markdown]
# The first and third do. The others turn it into a harmless-looking 745.

# %% [markdown]
# ## What you have now
#
# * Results first, then medians of repeats. Work on the largest share.
# * Arrays save Python's overhead, and so does a compiler. It gains more only where
#   it can use vector instructions: no branches, no calls, neighbours in memory.
# * What is used together should stay in the cache until it is done with.
# * Another order of a sum changes its last bits; `fastmath` also loses NaN.
# * The readable code remains: it is what the fast one is compared with.
#
# > **Where this stands.** The law is Amdahl's (1967). Numba (Lam, Pitrou and
# > Seibert 2015) translates Python by LLVM, the compiler behind many languages.
# > Taking out multiples of $\ln2$ in two pieces is how Cody and Waite (1980) made
# > exponentials; Goldberg (1991) tells what every rounding does, Higham (1993) how
# > errors of sums grow. Deep learning's own tools fuse loops in the same way:
# > XLA below JAX and TorchInductor below `torch.compile` join what would be many
# > arrays into one pass.

# %% [markdown]
# **To think about**
#
# 1. A mini-batch of 32 samples: which of the gains of this lesson remain?
#
# <details><summary>Answer</summary>
#
# Overhead is the same for 32 samples as for 690, and is now most of the time. So
# what pays is having no Python at all between the steps; vector instructions and
# blocks hardly count. Measure `backward(X[:32], Y[:32], *parameters)`: it takes
# far more than 32/690 of the time.
#
# </details>
#
# 2. NumPy adds in pairs of pairs of pairs, instead of one after the other. Why is
#    its sum closer to the exact one in the figure above?
#
# <details><summary>Answer</summary>
#
# One after the other, a number may be rounded ten thousand times, as part of
# every total after it. In pairs it is rounded only as often as one can halve
# 10,000: about 14 times. (NumPy does so down to blocks of 128.)
#
# </details>
#
# 3. Your gradient has sums over samples in it. May the blocks of exercise 9.7 be
#    given to different threads? What has to be done so that the result is the same
#    to the last bit, however many threads there are?
#
# <details><summary>Answer</summary>
#
# Yes: each thread adds up its own blocks' shares. But then the order of the sum
# depends on which thread took which block. Keep each block's share, and add them
# up at the end in the order of the blocks: so does the library.
#
# </details>
