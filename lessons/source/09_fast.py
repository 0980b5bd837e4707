# %% [markdown]
# # 9. Making it fast
#
# The code that you have read so far is written to be read. The same sums can be
# done many times faster, and a fast program answers questions that a slow one
# cannot: a hundred starts instead of one. In this lesson you measure where the
# time goes, climb from a Python loop to NumPy to compiled code, and find out
# which changes keep the result and which quietly change it.
#
# All times on this page were measured on one machine, which did other things as
# well. Yours will differ, perhaps in the order of things, too. Trust your own.
#
# You need: the forward and backward pass (lessons 3 and 5) and ESP (lesson 2).
# No knowledge of compilers. About 50 minutes.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np

import minifnn as mf
from minifnn import lesson

# %% [markdown]
# ## How to measure
#
# Three rules, and they are most of the craft:
#
# 1. **Compare the results before the times.** A wrong answer is always fast.
# 2. **Run once before you measure.** The first call compiles, reads files, fills
#    caches.
# 3. **Repeat, and take the median.** Other programs disturb some repeats. The
#    mean is dragged along by the worst of them, the median is not.


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
# One gradient of the 2-10-1 network with ESP, on the 690 points of the
# non-linear task, by the code one reads (`engine="numpy"`). Guess first: what
# takes longest, the matrix products or the activation function?

# %%
data = mf.datasets.nonlinear()
X, Y = data.X_train, data.Y_train
net = mf.mlp([2, 10, 1], hidden="esp", seed=1)
W, b, beta = net.parameters["W1"], net.parameters["b1"], net.parameters["beta1"]
h, ESP = X @ W + b, mf.activations.ACTIVATIONS["esp"]
parts = {
    "the whole gradient": lambda: net.gradient(X, Y, engine="numpy"),
    "x W + b of the hidden layer": lambda: X @ W + b,
    "x^T delta of the hidden layer": lambda: X.T @ h,
    "values of ESP": lambda: ESP.value(h, beta),
    "slopes of ESP": lambda: ESP.slopes(h, beta),
}
for name, part in parts.items():
    print(f"{name:30s} {1e6 * seconds(part):8.1f} microseconds")

# %% [markdown]
# On this page's machine the activation takes about half of the time, and the
# matrix products hardly count: they are done by BLAS, a library in which decades
# of work are hidden. (The rest is the output layer, the loss and many small
# checks.) The readable ESP goes over its 6900 fields again and again, once for
# each plus and times, to have all digits right.
#
# What can be gained? Let a part take the share $p$ of the time, and make it $k$
# times as fast. What remains is $1 - p + p/k$ of the time. Even $k=\infty$ leaves
# $1 - p$. So: measure, and work on the largest share. (This is Amdahl's law.)

# %% [markdown]
# ## One number at a time
#
# Forget arrays. For *one* field, value and slope of ESP share nearly everything:
#
# $$u = \beta h,\quad e = e^{-|u|},\quad s = \sigma(u),\quad
#   f = h s,\quad f_h = s + u\,w,\quad w = \frac{e}{(1+e)^2}.$$
#
# One exponential serves both.
#
# **Exercise 9.1.** Write it as a loop that goes over the samples once and does
# everything for one of them before it looks at the next.

# %% exercise="9.1"

# %% [markdown]
# Below, `looped` is the answer to the exercise (so that the page runs while
# yours is still open), and `arrays` says the same with whole arrays. The third
# rung needs Numba, a compiler for such loops. If you do not have it, the next
# cell says so, and the compiled rungs are left out.

# %%
try:
    import numba

    from minifnn.compiled import gates, network, training
except ImportError:
    numba = None
    print("Numba is not here: loops stay plain Python, and the kernels are left out.")

# %%
looped = lesson.exercise("9.1").solution


def arrays(h, beta):
    u = beta * h
    e = np.exp(-np.abs(u))
    s = np.where(u >= 0, 1.0, e) / (1.0 + e)
    return h * s, s + u * e / (1.0 + e) ** 2


ways = {"Python loop": looped, "NumPy arrays": arrays}
if numba:
    ways["the loop, compiled"] = numba.njit(looped)

# %% [markdown]
# The last rung is the library's own kernel. It gives the slope in $\beta$ as
# well, and calls an exponential of its own, of which more below.


# %%
def kernel(h, beta):
    f, f_h, f_beta = np.empty((3, 1, len(h)))
    gates.gate_slopes(gates.ESP, h.reshape(1, -1), np.array([beta]), f, f_h, f_beta)
    return f[0], f_h[0]


if numba:
    ways["the library's kernel"] = kernel

fields = np.random.default_rng(0).normal(size=6900)
right = arrays(fields, 1.5)
for name, way in ways.items():
    error = max(np.abs(a - b).max() for a, b in zip(way(fields, 1.5), right))
    print(f"{name:22s} differs by {error:.1e}")

# %% [markdown]
# The results agree up to the last bits, so we may compare the times. Before you
# run it: how much will be gained by compiling the loop? And against NumPy?

# %%
each = {name: 1e9 * seconds(way, fields, 1.5, repeats=5) / 6900 for name, way in ways.items()}
fig, ax = plt.subplots(figsize=(6.5, 2.4), layout="constrained")
ax.barh(list(each), list(each.values()), color="0.6")
for place, value in enumerate(each.values()):
    ax.text(1.1 * value, place, f"{value:.1f} ns", va="center")
ax.set(xscale="log", xlim=(0.5, 6 * max(each.values())), xlabel="time for one field (nanoseconds)")
ax.invert_yaxis()
plt.show()

# %% [markdown]
# Python spends its time on being Python: looking up names, making a number
# object of every intermediate. Arrays do that once for 6900 fields, and the
# compiled loop never does it.
#
# But look: on the machine of this page, compiling the loop gains little *over
# NumPy*. Compiling is no magic. What takes the time now is the
# exponential, and both wait for it. The last rung has a better one.

# %% [markdown]
# ## An exponential of our own
#
# A processor can add or multiply several numbers in one instruction, four or
# eight floats side by side (a **vector instruction**). A compiler uses them if
# all samples go through the same plus and times. A call of `exp` from the
# system's library breaks this: it takes one number and hides its branches.
#
# So let us make exp of plus and times. Its series converges fast for small
# arguments only. Every $x$ is a whole number of $\ln 2$ and a small rest:
#
# $$x = k\ln 2 + r,\quad |r| \le \tfrac12\ln 2 \approx 0.35,\qquad
#   e^x = 2^k\, e^r.$$
#
# Times $2^k$ is exact: in a float it changes the exponent only. And for
# $|r|\le0.35$ the first term left out, $r^{14}/14!$, is $5\cdot10^{-18}$: smaller
# than half of the last bit of 1.
#
# **Exercise 9.2.** Write it with arrays, by plus and times only. Sum the series from
# the inside, $1 + r(1 + \tfrac r2(1 + \tfrac r3(\dots)))$.

# %% exercise="9.2"

# %%
x = np.linspace(-40, 0, 100001)
k = np.rint(x / np.log(2))
r = x - k * np.log(2)
fig, ax = plt.subplots(figsize=(5.5, 2.8), layout="constrained")
for degree, shade in zip((3, 6, 9, 13), plt.cm.viridis([0.9, 0.6, 0.3, 0.0])):
    series = np.ones_like(r)
    for n in range(degree, 0, -1):
        series = 1 + r * series / n
    error = np.abs(2.0**k * series / np.exp(x) - 1)
    worst = [part.max() for part in np.array_split(error[np.argsort(r)], 60)]
    ax.plot(np.linspace(r.min(), r.max(), 60), worst, color=shade, label=f"up to $r^{{{degree}}}$")
ax.axhline(2.0**-53, color="black", linestyle=":", label="half a last bit")
ax.set(yscale="log", xlabel="rest, r", ylabel="relative error of exp")
ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# Degree 13 reaches the rounding. What is left above the dotted line comes from
# $r = x - k\ln 2$: a rounded $\ln2$, times $k$. The library subtracts $\ln 2$ in
# two pieces to mend that. Here are its lines. Can you find your $k$, your $r$
# and your series? (A name with an underscore in front is the library's own affair,
# and may change. You look inside here; a program of your own should not use it.)

# %%
import inspect

if numba:
    print(inspect.getsource(gates.decay.py_func))

# %% [markdown]
# `_fma(a, b, c)` is $ab + c$ in one instruction, rounded once. Adding
# `TO_INTEGER` $= 1.5\cdot2^{52}$ rounds to a whole number, since floats of that
# size have no digits after the point. The last bits of that sum are $k$ itself, and
# the line with `<< 52` moves them to where a float keeps its exponent: $2^k$, and for
# the sake of the smallest floats 64 doublings more, which the next line takes back.
# `C2` is $1/2!$, `C3` is $1/3!$ and so on; three parts of the series are summed side by side.
# There is no branch that a vector would have to split at. Did it become vector
# instructions? Let us ask the compiler.


# %%
def with_exp(x, y):
    for n in range(len(x)):
        y[n] = np.exp(-abs(x[n]))


def with_our_own(x, y):
    for n in range(len(x)):
        y[n] = gates.decay(x[n])[0]


if numba:
    import re

    for loop in (numba.njit(with_exp), numba.njit(with_our_own)):
        y = np.empty_like(fields)
        time_of_one = seconds(loop, fields, y) / len(fields)
        (code,) = loop.inspect_asm().values()
        packed = len(re.findall(r"\bvfn?m\w+pd\b|\bfml[as]\b", code))
        print(f"{loop.__name__:13s} {1e9 * time_of_one:5.2f} ns, vector multiply-adds: {packed}")

# %% [markdown]
# (Counted are the names that such instructions have on Intel, AMD and ARM
# machines.)
#
# ## Which way the numbers lie
#
# Memory is one long row. NumPy stores an array **row-major**: the whole first
# row, then the second. In the lessons a row is a sample, so the ten fields of
# one sample are neighbours.
#
# **Exercise 9.3, a prediction.** `h` has the shape (690, 10), and a float64
# takes 8 bytes. How many bytes is it from one sample to the next, of the *same*
# unit?

# %% exercise="9.3"

# %%
rows = np.zeros((690, 10))
columns = np.ascontiguousarray(rows.T)
print("samples in rows:   ", rows.strides, "bytes to the next sample, the next unit")
print("samples in columns:", columns.strides, "bytes to the next unit, the next sample")

# %% [markdown]
# All samples of a unit share one $\beta$ and one formula. The kernels therefore
# hold the transpose: **samples in columns**, so that the innermost loop runs
# over neighbours. It matters for two reasons. A vector instruction takes
# neighbours only. And memory comes in lines of 64 bytes or so: whoever takes 8
# bytes of each line fetches eight times too much.

# %%
many = np.random.default_rng(0).normal(size=(100_000, 16))
turned = np.ascontiguousarray(many.T)
assert np.isclose(many[:, 3].sum(), turned[3].sum(), rtol=1e-9)
print(f"one unit, samples in rows:    {1e6 * seconds(lambda: many[:, 3].sum()):7.1f} microseconds")
print(f"one unit, samples in columns: {1e6 * seconds(lambda: turned[3].sum()):7.1f} microseconds")

# %% [markdown]
# In this layout the formulas of lessons 3 and 5 are transposed. With the bias as
# one more weight, on an input that is always 1, $\tilde a = [a; 1]$ and
# $\tilde W = [W; b]$:
#
# $$h = \tilde W^T\tilde a, \qquad \partial L/\partial\tilde W = \tilde a\,\delta^T,
#   \qquad g = W\delta.$$
#
# Here is the forward pass of the kernels. `plan` holds the sizes. `weights`, `layer_betas`,
# `inputs`, `rows` and `unit_rows` cut a layer's piece out of one long array and shape it.
# So only two lines calculate, the numbered ones.

# %%
if numba:
    print(inspect.getsource(network.forward.py_func))

# %% [markdown]
# ## Stay in the cache
#
# A processor calculates faster than memory delivers. Between the two sit small
# fast memories, the **caches**, which keep what was used last. An array that is
# larger than the cache is gone from it when the next line of the program wants
# it again.
#
# The way out: take a *block* of samples through the whole forward and backward
# pass, then the next block. All that a block needs stays near. The gradient is a
# sum over samples, so it is a sum over blocks.
#
# **Exercise 9.4.** The sum
# $\tilde a\,\delta^T$ over blocks of `B` samples, with samples in columns.

# %% exercise="9.4"

# %% [markdown]
# The kernels do this with the whole pass. Which block is best? Think of the two
# ends first: what is bad about blocks of 8 samples, what about one block of
# 40,000? (BLAS is held to one thread here, so that only one thing varies.)
#
# The next cell calls the library's inside. `describe` turns the network into plain
# arrays, `lay_out` puts the samples into columns, block by block, and `make_space`
# makes room for one block.


# %%
from threadpoolctl import threadpool_info, threadpool_limits


def gradient_by(block, X, Y):
    """A function that calculates the gradient of `net` with blocks of this size."""
    N, described = len(X), network.describe(net)
    samples = training.lay_out(X, Y, np.arange(N), N, block)
    space, result = network.make_space(described.plan, block), np.empty(net.n_parameters)

    def run():
        training.batch_gradient(described, samples, 0, N, block, space, result)
        return result

    return run


# %%
def time_of_sample(block):
    with threadpool_limits(1, user_api="blas"):
        return 1e9 * seconds(gradient_by(block, X_many, Y_many), repeats=7) / len(X_many)


rng = np.random.default_rng(0)
X_many = rng.uniform(size=(40_000, 2))
Y_many = (X_many[:, :1] > X_many[:, 1:]) * 1.0

# %%
BLOCKS = [8, 32, 128, 512, 2048, 8192, 16384, 40_000]
if numba:
    g = net.gradient(X_many, Y_many, engine="numpy")
    assert all(np.allclose(gradient_by(B, X_many, Y_many)(), g, atol=1e-12) for B in BLOCKS)
    each = [time_of_sample(B) for B in BLOCKS]
    chosen = training.block_size(net, 40_000)
    fig, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
    ax.plot(BLOCKS, each, "o-", color="black")
    ax.axvline(chosen, color="0.6", linestyle="--")
    ax.text(1.1 * chosen, max(each), f"the library's: {chosen}", color="0.4", va="top")
    ax.set(xscale="log", yscale="log", xlabel="samples in a block, B")
    ax.set_ylabel("time for one sample (ns)")
    ax.set_yticks([30, 100, 300, 1000], ["30", "100", "300", "1000"])
    ax.minorticks_off()
    plt.show()

# %% [markdown]
# Small blocks pay for the many calls, large ones leave the cache. In between is
# a wide valley, and it is enough to be somewhere in it. The library takes blocks
# that need about a megabyte (`IN_CACHE`). With a running kernel, try sizes
# of your own:

# %%
from ipywidgets import IntSlider, interact


@interact(power=IntSlider(value=9, min=2, max=15, description="log₂ B", continuous_update=False))
def try_block(power):
    if numba:
        print(f"blocks of {2**power}: {time_of_sample(2**power):.0f} ns for one sample")


# %% [markdown]
# ## What may not be reordered
#
# On paper $a + b + c$ has one value. In floats every plus rounds.
#
# **Exercise 9.5, a prediction.** What is left of 1 in `(1e16 + 1.0) - 1e16`? Give
# the number that Python will say.

# %% exercise="9.5"

# %%
print("(1e16 + 1.0) - 1e16 =", (1e16 + 1.0) - 1e16)
print("(1e16 - 1e16) + 1.0 =", (1e16 - 1e16) + 1.0)

# %% [markdown]
# The same three numbers, in another order. That was an extreme case. Here is a
# usual one: the same ten thousand numbers, added one after the other, in 1000
# random orders (`cumsum` adds strictly from left to right). `math.fsum` gives the
# sum rounded once.

# %%
import math

numbers = rng.normal(size=10_000)
exact = math.fsum(numbers)
sums = np.array([np.cumsum(rng.permutation(numbers))[-1] for _ in range(1000)])
last_bit = np.spacing(abs(exact))
fig, ax = plt.subplots(figsize=(5.5, 2.8), layout="constrained")
ax.hist((sums - exact) / last_bit, 40, color="0.6")
ax.axvline((numbers.sum() - exact) / last_bit, color="black", label="NumPy's sum")
ax.set(xlabel="error of the sum, in last bits of the result", ylabel="number of orders")
ax.legend(fontsize=9)
plt.show()
print("different results:", len(set(sums)), "of 1000")

# %% [markdown]
# So *parallel over samples* is harmless where each sample has a result of its
# own (an activation), and it is a reordering where they are added (a gradient).
# NumPy adds in pairs of pairs, which also reorders, and to good effect: errors
# then grow much more slowly.
#
# A compiler must not reorder a sum by itself, and therefore cannot use vector
# instructions for it. The option `fastmath` lifts the ban. Watch what comes with
# it.


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
    for fast in (False, True):
        add, count = numba.njit(add_up, fastmath=fast), numba.njit(count_nan, fastmath=fast)
        t = 1e6 * seconds(add, numbers)
        print(f"fastmath={fast!s:5}: sum {add(numbers)!r}, {t:.1f} microseconds,", end=" ")
        print("NaN found:", count(spoilt))

# %% [markdown]
# The sum is faster, and its last bits have changed: tolerable, perhaps. But
# `fastmath` also promises the compiler that there is no NaN. So it may replace
# `x != x` by "never", and the check is gone without a word. NaN is how a
# training that went wrong cries for help; the library stops at it and says at
# which epoch. That is why the kernels are compiled **without** fastmath, and use
# `_fma` only where it is written.

# %%
clamped = {
    "b if a > b else a": lambda a, b: b if a > b else a,
    "a if a < b else b": lambda a, b: a if a < b else b,
    "np.minimum(a, b)": np.minimum,
    "np.fmin(a, b)": np.fmin,
}
for name, smaller in clamped.items():
    print(f"{name:18s} with a = nan, b = 708: {smaller(np.nan, 708.0)}")

# %% [markdown]
# Four ways to take the smaller of two numbers, equal for all numbers but one
# that is none: every comparison with NaN is false. `_decay` above clamps with the
# first of them, which lets NaN through. The second would have turned it into a
# harmless-looking 708.

# %% [markdown]
# ## BLAS and threads
#
# Matrix products are left to BLAS, in NumPy and in the kernels alike. It chooses
# the order of its sums itself, by the sizes and the processor, and perhaps by
# the number of threads. So the kernels agree with the readable code up to the
# last bits, and nobody promises more:

# %%
if numba:
    a, b = net.gradient(X, Y, engine="numpy"), net.gradient(X, Y, engine="numba")
    print("largest difference, as a share:", np.abs(a - b).max() / np.abs(a).max())

# %% [markdown]
# A product can be shared out among threads. Does it pay? Starting and waiting
# costs something, and another program may have the other core.

# %%
most = max(one["num_threads"] for one in threadpool_info())
print(f"size    1 thread    {most} threads   (milliseconds)")
for n in (30, 120, 500):
    A, times = rng.normal(size=(n, n)), []
    for threads in (1, most):
        with threadpool_limits(threads, user_api="blas"):
            times.append(1e3 * seconds(np.matmul, A, A))
    print(f"{n:4d} {times[0]:11.4f} {times[1]:11.4f}")

# %% [markdown]
# Small products gain nothing. Large ones gain if the cores are free. If they are
# not, one thread waits for the other: while this lesson was written, on a busy
# machine, the middle line once said 0.07 against 35. Run the cell again while
# something else keeps your machine busy. The library therefore gives middling
# products one thread:

# %%
from minifnn._util.threads import single_threaded_blas

print(inspect.getsource(single_threaded_blas))

# %% [markdown]
# ## All of it together
#
# Three hundred epochs of the non-linear task, by both engines. The results
# first.


# %%
def learn(engine, epochs, record=()):
    """Train the 2-10-1 network; its final cost and the thetas on record."""
    net = mf.mlp([2, 10, 1], hidden="esp", beta=("normal", 0.004), seed=1)
    run = mf.train(net, X, Y, epochs, mf.Adam(0.01), record=record, engine=engine)
    return net.loss(X, Y), run["theta"] if len(record) else None


engines = ("numpy", "numba") if numba else ("numpy",)
for engine in engines:
    print(f"{engine}: cost {learn(engine, 300)[0]:.12f}", end=", ")
    print(f"{seconds(learn, engine, 300, repeats=3):.3f} s")

# %% [markdown]
# The cost is the same to many digits. And the parameters? Let both go on for
# longer, and compare on the way.

# %%
if numba:
    epochs = (0, 9, 99, 299, 999, 1999)
    one, other = (learn(engine, 2000, epochs)[1] for engine in engines)
    for epoch, a, b in zip(epochs, one, other):
        print(f"after {epoch + 1:4d} steps theta differs by {np.abs(a - b).max():.1e}")

# %% [markdown]
# One gradient differs in its last bits, and the difference grows: training
# amplifies it. Both runs are right. But neither is *the* result to sixteen
# digits, and a claim that depends on those digits is not a claim about learning.

# %% [markdown]
# ## What you have now
#
# * Results first, then medians of repeats; work on the largest share.
# * Arrays save Python's overhead. Compiling saves it too, and pays beyond NumPy
#   when it does in one pass, with vector instructions, what arrays do in many.
# * What is used together should lie together, and stay in the cache until it is
#   done with.
# * Reordering a sum changes its last bits; `fastmath` also loses NaN.
# * The readable code remains: it is the reference that the fast one must match.
#
# **To think about.** A mini-batch of 32 samples: which of the gains of this
# lesson remain? Measure `net.gradient` with 32 and with 690 samples, by both
# engines, and explain what you see by overhead and by work.
