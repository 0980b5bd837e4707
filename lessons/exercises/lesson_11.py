"""The exercises of lesson 11, how zero is zero?"""

import numpy as np

from minifnn.lesson import Exercise, sizes


def rounding_bound(eigenvalues, error, eps):
    """How far off, a number: eigenvalues (P,), error of H, eps."""
    ### BEGIN SOLUTION
    norm = np.abs(eigenvalues).max()
    return len(eigenvalues) * eps * norm + error
    ### END SOLUTION


def coarse_eigenvalues(rng):
    """Thirteen in ascending order; the largest by size is negative, or now and then positive."""
    largest = (7.0 + rng.uniform()) * (1 if rng.uniform() < 0.3 else -1)
    eigenvalues = np.sort(np.r_[rng.normal(size=12), largest])
    return eigenvalues, rng.uniform(0.02, 0.2), 2.0**-10


def bounds_of_alpha(eigenvalues, tau):
    """The least and the largest alpha, from eigenvalues (P,)."""
    ### BEGIN SOLUTION
    least = np.mean(eigenvalues < -tau)
    largest = np.mean(eigenvalues < tau)
    return least, largest
    ### END SOLUTION


def signs_as_they_are(eigenvalues, tau):
    return np.mean(eigenvalues < 0), np.mean(eigenvalues < 0)


def least_only_zeros(eigenvalues, tau):
    return np.mean(eigenvalues < -tau), np.mean(np.abs(eigenvalues) < tau)


def without_what_has_no_sign(eigenvalues, tau):
    kept = eigenvalues[np.abs(eigenvalues) > tau]
    return np.mean(kept < 0), np.mean(kept < 0)


def tau_as_a_fraction(eigenvalues, tau):
    return np.mean(eigenvalues < 0) - tau, np.mean(eigenvalues < 0) + tau


def positive_for_negative(eigenvalues, tau):
    return np.mean(eigenvalues > tau), np.mean(eigenvalues > -tau)


def half_of_the_zeros(eigenvalues, tau):
    sure, zero = np.mean(eigenvalues < -tau), np.mean(np.abs(eigenvalues) <= tau)
    return sure, sure + zero / 2


def mean_eigenvalues(eigenvalues, tau):
    return eigenvalues[eigenvalues < -tau].mean(), eigenvalues[eigenvalues < tau].mean()


def mixed_eigenvalues(rng):
    """On many scales, of both signs: inside [-tau, tau], at its ends, and close to them."""
    tau = 10.0 ** rng.uniform(-7, -5)
    magnitudes = np.r_[10.0 ** rng.uniform(-9, -8, size=9), 10.0 ** rng.uniform(-4, 0.5, size=14)]
    signs = np.r_[[1, 1, -1, -1, -1], rng.choice([-1, 1], size=4), rng.choice([-1, 1], size=14)]
    signs[-2:] = 1, -1
    near = tau * np.r_[-1.6, -1.6, -1, -1, -1, -0.7, -0.7, 0.7, 1, 1, 1.6, 1.6, 1.6]
    return rng.permutation(np.r_[signs * magnitudes, near, 40.0 + rng.uniform()]), tau


def flat_curve(eigenvalues, r):
    """gamma(r) for many r at once: eigenvalues (P,), r (M,) to (M,)."""
    ### BEGIN SOLUTION
    size = np.abs(eigenvalues)
    is_flat = size[:, None] <= r * size.max()
    return is_flat.mean(axis=0)
    ### END SOLUTION


def flat_without_abs(eigenvalues, r):
    return (eigenvalues[:, None] <= r * np.abs(eigenvalues).max()).mean(axis=0)


def flat_beside_the_most_positive(eigenvalues, r):
    return (np.abs(eigenvalues)[:, None] <= r * eigenvalues.max()).mean(axis=0)


def flat_no_abs_at_all(eigenvalues, r):
    return (eigenvalues[:, None] <= r * eigenvalues.max()).mean(axis=0)


def spread_eigenvalues(rng):
    """Some are exactly r |H|, one is 0, and the largest is negative."""
    size = 2.0 ** rng.uniform(-12, 4.5, size=19)
    size[:6] = 0.0, 32.0, 16.0, 2.0**-5, 18.0, 4.5
    signs = rng.choice([-1, 1], size=19)
    signs[:6] = 1, -1, 1, 1, -1, 1
    order = rng.permutation(19)
    return (signs * size)[order], np.array([0.0, 2.0**-10, 1e-3, 0.01, 0.125, 0.5, 1.0])


def flat_as_quantile(eigenvalues, r):
    return np.quantile(np.abs(eigenvalues) / np.abs(eigenvalues).max(), r)


def back_to_theta(H_moved, g):
    """H (P, P) at theta, from H_moved (P, P) at G theta and g (P,)."""
    ### BEGIN SOLUTION
    return g[:, None] * H_moved * g
    ### END SOLUTION


def gauge_of_a_unit(rng):
    """A symmetric matrix, and a diagonal of c, 1/c and 1."""
    P = sizes(rng, 3)[0] + 3
    H, c = rng.normal(size=(P, P)), rng.uniform(1.5, 3)
    return H + H.T, np.r_[c, 1 / c, 1.0, c * rng.uniform(1.1, 2, size=P - 3)]


def most_negative(h, D, K):
    """How many at most: fields h (N, units), D inputs, K outputs."""
    ### BEGIN SOLUTION
    live = (h > 0).any(axis=0)
    return live.sum() * min(K, D + 1)
    ### END SOLUTION


def samples_for_units(h, D, K):
    return (h > 0).any(axis=1).sum() * min(K, D + 1)


def one_unit(h, D, K):
    return min(K, D + 1)


def samples_that_reach_it(h, D, K):
    return np.minimum((h > 0).sum(axis=0), min(K, D + 1)).sum()


def live_in_the_mean(h, D, K):
    return (h.mean(axis=0) > 0).sum() * min(K, D + 1)


def first_sample(h, D, K):
    return (h[0] > 0).sum() * min(K, D + 1)


def entries_for_units(h, D, K):
    return (h > 0).sum() * min(K, D + 1)


def units_or_outputs(h, D, K):
    return min((h > 0).any(axis=0).sum(), K)


def dead_units(h, D, K):
    return (h <= 0).all(axis=0).sum() * min(K, D + 1)


def both_signs(h, D, K):
    return (h > 0).any(axis=0).sum() * 2 * min(K, D + 1)


def size_of_the_block(h, D, K):
    return (h > 0).any(axis=0).sum() * (D + 1 + K)


def entries_of_the_block(h, D, K):
    return (h > 0).any(axis=0).sum() * (D + 1) * K


def some_fields(rng):
    """Fields of 11 samples: four units dead, two always live, three or more live now and then."""
    D, K = ((2, 5), (2, 7), (6, 3), (5, 2))[rng.integers(4)]
    H = int(rng.integers(9, 12))
    h = rng.normal(size=(11, H))
    h[0] = -np.abs(h[0])
    h[0, 6] = 1.0  # the first sample reaches one of the last, each of which some sample reaches
    h[:, 7] = -np.abs(h[:, 7])  # a unit that a single sample reaches
    h[1], h[2] = np.abs(h[1]), -np.abs(h[2])
    h[:, :4] = -np.abs(h[:, :4])
    h[:, 4:6] = np.abs(h[:, 4:6])
    return h[:, rng.permutation(H)], D, K


EXERCISES = (
    Exercise(
        number="11.1",
        solution="many",
        hints=(
            "Is a sign that comes from rounding the same, if the sums are done in another order?",
        ),
        mutants={
            "It would be so in exact arithmetic. Rounding depends on the order of the sums.": "one",
            "More than one eigenvalue has no sign of its own, and each of them may fall either "
            "way.": "two",
        },
        because="A number that depends on the order of a list is no property of the network.",
    ),
    Exercise(
        number="11.2",
        solution=rounding_bound,
        inputs=coarse_eigenvalues,
        hints=(
            "|H|_2 of a symmetric matrix is its largest eigenvalue in absolute value.",
            "P is the number of eigenvalues, len(eigenvalues).",
            "The rounding of the solver is P * eps * |H|_2. The error of H itself comes on top.",
        ),
        mutants={
            "|H| is the largest *absolute* eigenvalue; here the most negative one is larger.": (
                "np.abs(eigenvalues).max()",
                "eigenvalues.max()",
            ),
            "|H| is the largest *absolute* eigenvalue; the most positive one may be larger.": (
                "np.abs(eigenvalues).max()",
                "-eigenvalues.min()",
            ),
            "The number is right. Return it as a number, not in an array with one entry.": (
                "len(eigenvalues) * eps * norm + error",
                "np.array([len(eigenvalues) * eps * norm + error])",
            ),
            "You left out P: the rounding of a sum grows with the number of its terms.": (
                "len(eigenvalues) * eps",
                "eps",
            ),
            "P eps is a *share*. Of what? Multiply it by the size of H.": ("eps * norm", "eps"),
            "You left out the error of H itself, which no eigensolver can mend.": (
                "norm + error",
                "norm",
            ),
            "|H|_2 is the largest absolute eigenvalue, not the sum of all of them.": (
                "np.abs(eigenvalues).max()",
                "np.abs(eigenvalues).sum()",
            ),
            "np.linalg.norm adds up the squares of all eigenvalues. |H|_2 is the largest size.": (
                "np.abs(eigenvalues).max()",
                "np.linalg.norm(eigenvalues)",
            ),
            "Use the eps that comes in as an argument, not the one of this machine.": (
                "* eps *",
                "* np.finfo(float).eps *",
            ),
            "At worst both errors push the same way, and they add up as they are. Roots of sums "
            "of squares are for what is likely.": (
                "return len(eigenvalues) * eps * norm + error",
                "return np.hypot(len(eigenvalues) * eps * norm, error)",
            ),
            "That is the range, from the least to the largest. |H|_2 is the largest *size*.": (
                "np.abs(eigenvalues).max()",
                "np.ptp(eigenvalues)",
            ),
            "The larger of the two errors is not enough: they can add up.": (
                "return len(eigenvalues) * eps * norm + error",
                "return max(len(eigenvalues) * eps * norm, error)",
            ),
            "A safe bound takes P, the worst case; a root of P is what is likely.": (
                "len(eigenvalues) * eps",
                "np.sqrt(len(eigenvalues)) * eps",
            ),
            "The error of H is a size already: add it as it is, without P and eps.": (
                "norm + error",
                "(norm + error)",
            ),
        },
    ),
    Exercise(
        number="11.3",
        solution=bounds_of_alpha,
        returns=("least", "largest"),
        inputs=mixed_eigenvalues,
        hints=(
            "Which eigenvalues are negative whatever the rounding did? Which of them could be?",
            "Certainly negative: below -tau. Possibly negative: below +tau.",
            "np.mean of an array of True and False is the fraction of True.",
        ),
        mutants={
            "You believe every sign. What lies between -tau and tau has none.": signs_as_they_are,
            "These are counts. alpha is a fraction: divide by P, or take the mean.": (
                ("least = np.mean", "least = np.sum"),
                ("largest = np.mean", "largest = np.sum"),
            ),
            "The other way round: return the least first, then the largest.": (
                "return least, largest",
                "return largest, least",
            ),
            "least is right. What lies between 0 and tau may be negative, too.": (
                "eigenvalues < tau",
                "eigenvalues < 0",
            ),
            "largest is right. What lies between -tau and 0 is not certainly negative.": (
                "eigenvalues < -tau",
                "eigenvalues < 0",
            ),
            "The largest alpha counts *all* below tau, the certain ones too.": least_only_zeros,
            "Compare eigenvalues with tau: it is an error of theirs, not of the fraction.": (
                tau_as_a_fraction
            ),
            "At exactly tau, or -tau, the true eigenvalue may be 0 or more: not certainly "
            "negative at -tau, and not negative at tau. Take < in both.": (
                ("eigenvalues < -tau", "eigenvalues <= -tau"),
                ("eigenvalues < tau", "eigenvalues <= tau"),
            ),
            "At -tau the true eigenvalue may be 0: not certainly negative. Take <.": (
                "eigenvalues < -tau",
                "eigenvalues <= -tau",
            ),
            "At tau the true eigenvalue is 0 or more: it cannot be negative. Take <.": (
                "eigenvalues < tau",
                "eigenvalues <= tau",
            ),
            "The error is tau to each side: compare with tau as it is, not with half of it.": (
                ("eigenvalues < -tau", "eigenvalues < -tau / 2"),
                ("eigenvalues < tau", "eigenvalues < tau / 2"),
            ),
            "tau is compared with the eigenvalues as it is: it is no share of the largest.": (
                ("eigenvalues < -tau", "eigenvalues < -tau * np.abs(eigenvalues).max()"),
                ("eigenvalues < tau", "eigenvalues < tau * np.abs(eigenvalues).max()"),
            ),
            "That is how wide the interval is. The largest alpha counts the certain ones too.": (
                "return least, largest",
                "return least, largest - least",
            ),
            "P counts all eigenvalues, also those without a sign.": (
                ("np.mean(eigenvalues < -tau)", "np.sum(eigenvalues < -tau) / np.sum(kept)"),
                ("np.mean(eigenvalues < tau)", "np.sum(eigenvalues < tau) / np.sum(kept)"),
                ("    least =", "    kept = np.abs(eigenvalues) > tau\n    least ="),
            ),
            "Half is a guess. At worst *all* of those without a sign are negative.": (
                half_of_the_zeros
            ),
            "That is a mean of eigenvalues. alpha is how many of them: the mean of True and False "
            "of eigenvalues < ...": mean_eigenvalues,
            "You counted positive eigenvalues.": positive_for_negative,
            "You threw away what has no sign. It stays in: it makes the interval, and P counts "
            "all eigenvalues.": without_what_has_no_sign,
        },
    ),
    Exercise(
        number="11.4",
        name="zero_rows",
        solution=12,
        hints=(
            "A dead unit sends 0 for every sample. Which parameters then do nothing at all?",
            "Its incoming weights (one per input), its bias, and its outgoing weight.",
            "Two inputs, one bias, one outgoing weight: so many per unit. Times the dead units.",
        ),
        mutants={
            "You forgot the outgoing weight: it multiplies an activation that is always 0.": 9,
            "You forgot the bias: moving it a little does not wake a dead unit either.": 6,
            "One row per *parameter*, not one per unit.": 3,
            "One row per parameter *of the dead units*; those of live units do something.": 41,
            "The bias of the output belongs to no hidden unit: it still does something.": 13,
            "Five per dead unit is one too many: it has two incoming weights, its bias, and one "
            "outgoing weight.": 15,
            "That is for one dead unit. How many are dead?": 4,
            "Those are the rows that are left. Count the zero ones.": 29,
        },
    ),
    Exercise(
        number="11.5",
        solution=flat_curve,
        inputs=spread_eigenvalues,
        hints=(
            "Take absolute values first: flat means curved neither up nor down.",
            "size[:, None] <= r * size.max() compares every eigenvalue with every r: (P, M).",
            "Then the mean over the eigenvalues, which are the rows: axis=0.",
        ),
        mutants={
            "Take the absolute value: a large negative eigenvalue is not flat.": flat_without_abs,
            "The largest eigenvalue *by size* may be negative: the largest of np.abs.": (
                flat_beside_the_most_positive
            ),
            "Flat is about size: take absolute values on both sides of the comparison.": (
                flat_no_abs_at_all
            ),
            "You took the mean over r, and have one number per eigenvalue. Take it over the "
            "eigenvalues: one number for each r.": (
                "is_flat.mean(axis=0)",
                "is_flat.mean(axis=1)",
            ),
            "A quantile goes the other way round: from a fraction to the size below which it lies. "
            "Here r is the size, and the fraction is asked for.": flat_as_quantile,
            "Multiply r by the largest absolute eigenvalue: r is a share of it.": (
                "r * size.max()",
                "r",
            ),
            "Take the largest absolute eigenvalue in the place of the sum of all.": (
                "size.max()",
                "size.sum()",
            ),
            "These are counts. gamma is a fraction of the P eigenvalues.": (
                "is_flat.mean(axis=0)",
                "is_flat.sum(axis=0)",
            ),
            "That is the fraction that is *not* flat.": (
                "is_flat.mean(axis=0)",
                "1 - is_flat.mean(axis=0)",
            ),
            "*At most* r |H|: use <=. With r = 0 exact zeros count, with r = 1 all do.": (
                "<= r",
                "< r",
            ),
        },
    ),
    Exercise(
        number="11.6",
        solution="alpha",
        hints=(
            "Along an incoming weight the loss now changes 10 times more slowly, along an "
            "outgoing one 10 times faster. Can that turn a valley into a hill?",
        ),
        mutants={
            "The function is the same, but its slopes and curvatures are per unit of a "
            "parameter, and the units changed.": "all",
            "The largest eigenvalue is a curvature per unit of a parameter, and the units "
            "changed.": "sharpness",
            "It compares sizes of eigenvalues, and the directions were stretched unequally.": (
                "gamma(r)"
            ),
            "The sizes change, but a valley stays a valley: think of the signs alone.": "none",
        },
        because="Stretching a direction changes how strongly it curves, not whether up or down.",
    ),
    Exercise(
        number="11.7",
        solution=back_to_theta,
        inputs=gauge_of_a_unit,
        hints=(
            "Start from dL/dtheta_i = g_i L_i(G theta), where L_i is the slope in parameter i. "
            "Move theta_j by a little: how far does parameter j of G theta move?",
            "It moves g_j times as far. So entry (i, j) of H is g_i g_j times that of H_moved.",
            "g[:, None] multiplies rows, g alone multiplies columns.",
        ),
        mutants={
            "That is the first differentiation only: g_i for the row. The second one, in "
            "theta_j, gives a factor for the column as well.": (
                "g[:, None] * H_moved * g",
                "g[:, None] * H_moved",
            ),
            "Only the columns are multiplied. The first differentiation gave g_i for the row "
            "as well.": ("g[:, None] * H_moved * g", "H_moved * g"),
            "That is the way there, from theta to G theta. Differentiate L(G theta): each "
            "differentiation brings a factor g, none divides.": (
                "g[:, None] * H_moved * g",
                "H_moved / g[:, None] / g",
            ),
            "Both factors stand at the column. One belongs to the row: g_i g_j.": (
                "g[:, None] * H_moved * g",
                "H_moved * g * g",
            ),
            "Both factors stand at the row. One belongs to the column: g_i g_j.": (
                "g[:, None] * H_moved * g",
                "g[:, None] * H_moved * g[:, None]",
            ),
            "Nothing was multiplied. L is the same at both points, its slopes are not: "
            "parameter i moved g_i times as far.": ("g[:, None] * H_moved * g", "H_moved"),
            "@ sums along rows and columns. Here each entry has a factor of its own, g_i g_j: "
            "multiply with * .": (
                "g[:, None] * H_moved * g",
                "np.outer(g, g) @ H_moved",
            ),
            "g @ g is one number for all entries. Entry (i, j) has its own, g_i g_j.": (
                "g[:, None] * H_moved * g",
                "(g @ g) * H_moved",
            ),
            "One factor divides. That would be right for G^-1 H G, but each differentiation "
            "multiplies.": (
                "g[:, None] * H_moved * g",
                "H_moved / g[:, None] * g",
            ),
            "The factors multiply, g_i g_j; they do not add up.": (
                "g[:, None] * H_moved * g",
                "(g[:, None] + g) * H_moved",
            ),
        },
    ),
    Exercise(
        number="11.8",
        solution=most_negative,
        inputs=some_fields,
        hints=(
            "A unit is live if its field is positive for at least one sample: "
            "(h > 0).any(axis=0), one answer per unit.",
            "How many singular values can a matrix with D+1 rows and K columns have?",
            "The smaller of D+1 and K, for each live unit.",
        ),
        mutants={
            "You counted dead units too. Their A is zero, and gives no negative eigenvalue.": (
                "live.sum()",
                "len(live)",
            ),
            "The bias is one more row of A: it has D + 1 rows, not D.": ("D + 1", "D"),
            "You counted samples. Rows are samples: ask (h > 0).any over axis 0.": (
                samples_for_units
            ),
            "A unit is live if *any* sample reaches it, not only if all do.": (
                ".any(axis=0)",
                ".all(axis=0)",
            ),
            "You looked at one sample only. A unit is live if *any* sample reaches it.": (
                first_sample
            ),
            "A has D + 1 rows and K columns: the smaller number limits it, here K or D + 1.": (
                "min(K, D + 1)",
                "max(K, D + 1)",
            ),
            "A has D + 1 rows and K columns: count at most the smaller of the two.": (
                "min(K, D + 1)",
                "K",
            ),
            "A has K columns as well. With few outputs these set the limit, not the rows.": (
                "min(K, D + 1)",
                "(D + 1)",
            ),
            "So many for *each* live unit: multiply, do not add.": (
                "live.sum() * min",
                "live.sum() + min",
            ),
            "That is right with one output. With K outputs A can have more singular values than "
            "one.": ("min(K, D + 1)", "1"),
            "A unit is live if *any* sample reaches it, not if the mean of its fields is "
            "positive.": live_in_the_mean,
            "Each live unit has an A of its own: the smaller of K and D + 1 for each, and then "
            "the sum over the live units.": (
                "live.sum() * min(K, D + 1)",
                "min(K, live.sum() * (D + 1))",
            ),
            "True, and even tighter: n samples give A at most the rank n. Here use only the shape "
            "of A, the smaller of K and D + 1 for each live unit.": samples_that_reach_it,
            "That is the number for one unit. Each live unit has a block of its own: "
            "(h > 0).any(axis=0) says which are live, and its sum counts them.": one_unit,
            "You counted pairs of a sample and a unit. First any over samples, axis=0; then the "
            "sum over the units.": entries_for_units,
            "The limit min(K, D + 1) is for each live unit: multiply by how many are live.": (
                units_or_outputs
            ),
            "Those are the dead units. Their A is zero; count the others.": dead_units,
            "Each singular value gives one positive and one negative eigenvalue. Count the "
            "negative ones only.": both_signs,
            "That is how many parameters a unit has. At most the singular values of A are "
            "negative.": size_of_the_block,
            "That is how many entries A has. It has fewer singular values.": entries_of_the_block,
        },
    ),
)
