"""The exercises of lesson 11, how zero is zero?"""

import numpy as np

from minifnn.lesson import Exercise


def rounding_bound(eigenvalues, error, eps):
    """tau of (11.1), from the eigenvalues (P,), the error of H and the machine's eps."""
    ### BEGIN SOLUTION
    norm = np.abs(eigenvalues).max()
    return len(eigenvalues) * eps * norm + error
    ### END SOLUTION


def signed_norm(eigenvalues, error, eps):
    return len(eigenvalues) * eps * eigenvalues.max() + error


def no_p(eigenvalues, error, eps):
    return eps * np.abs(eigenvalues).max() + error


def no_error(eigenvalues, error, eps):
    return len(eigenvalues) * eps * np.abs(eigenvalues).max()


def root_of_squares(eigenvalues, error, eps):
    return len(eigenvalues) * eps * np.linalg.norm(eigenvalues) + error


def own_eps(eigenvalues, error, eps):
    return rounding_bound(eigenvalues, error, np.finfo(float).eps)


def summed_norm(eigenvalues, error, eps):
    return len(eigenvalues) * eps * np.abs(eigenvalues).sum() + error


def bounds_of_alpha(eigenvalues, tau):
    """Least and largest alpha that (11.2) allows, from the eigenvalues (P,)."""
    ### BEGIN SOLUTION
    least = np.mean(eigenvalues < -tau)
    largest = np.mean(eigenvalues < tau)
    return least, largest
    ### END SOLUTION


def signs_as_they_are(eigenvalues, tau):
    return np.mean(eigenvalues < 0), np.mean(eigenvalues < 0)


def below_nought(eigenvalues, tau):
    return np.mean(eigenvalues < -tau), np.mean(eigenvalues < 0)


def counts(eigenvalues, tau):
    return np.sum(eigenvalues < -tau), np.sum(eigenvalues < tau)


def largest_first(eigenvalues, tau):
    return np.mean(eigenvalues < tau), np.mean(eigenvalues < -tau)


def least_only_zeros(eigenvalues, tau):
    return np.mean(eigenvalues < -tau), np.mean(np.abs(eigenvalues) < tau)


def mixed_eigenvalues(rng):
    """Twenty-three eigenvalues on many scales, some inside [-tau, tau], of both signs."""
    sizes = 10.0 ** np.r_[rng.uniform(-9, -7, size=9), rng.uniform(-4, 1, size=14)]
    signs = np.r_[[1, 1, -1, -1, -1], rng.choice([-1, 1], size=4), rng.choice([-1, 1], size=14)]
    signs[-2:] = 1, -1
    return signs * sizes, 1e-6


def flat_curve(eigenvalues, r):
    """gamma(r) of (11.4): eigenvalues (P,), shares r (M,); returns (M,)."""
    ### BEGIN SOLUTION
    size = np.abs(eigenvalues)
    is_flat = size[:, None] <= r * size.max()
    return is_flat.mean(axis=0)
    ### END SOLUTION


def flat_without_abs(eigenvalues, r):
    return (eigenvalues[:, None] <= r * np.abs(eigenvalues).max()).mean(axis=0)


def flat_absolute(eigenvalues, r):
    return (np.abs(eigenvalues)[:, None] <= r).mean(axis=0)


def flat_counts(eigenvalues, r):
    return (np.abs(eigenvalues)[:, None] <= r * np.abs(eigenvalues).max()).sum(axis=0)


def flat_beside_the_sum(eigenvalues, r):
    size = np.abs(eigenvalues)
    return (size[:, None] <= r * size.sum()).mean(axis=0)


def not_flat(eigenvalues, r):
    return 1 - flat_curve(eigenvalues, r)


def spread_eigenvalues(rng):
    """Eigenvalues whose largest size is not 1, and shares that separate them."""
    sizes = 30.0 * 10.0 ** rng.uniform(-5, 0, size=19)
    sizes[-4:] = 30.0, 29.0, 28.0, 27.0
    signs = rng.choice([-1, 1], size=19)
    signs[:2] = -1, 1
    return signs * sizes, np.array([1e-6, 1e-4, 1e-3, 0.01, 0.1, 0.5])


def most_negative(h, D, K):
    """The bound on their number: fields h (N, H) of the hidden layer, D inputs, K outputs."""
    ### BEGIN SOLUTION
    live = (h > 0).any(axis=0)
    return live.sum() * min(K, D + 1)
    ### END SOLUTION


def every_unit(h, D, K):
    return h.shape[1] * min(K, D + 1)


def no_bias(h, D, K):
    return (h > 0).any(axis=0).sum() * min(K, D)


def samples_for_units(h, D, K):
    return (h > 0).any(axis=1).sum() * min(K, D + 1)


def always_live(h, D, K):
    return (h > 0).all(axis=0).sum() * min(K, D + 1)


def outputs_only(h, D, K):
    return (h > 0).any(axis=0).sum() * K


def inputs_only(h, D, K):
    return (h > 0).any(axis=0).sum() * (D + 1)


def some_fields(rng):
    """Fields of 9 samples at 7 units: two dead, one always live; few inputs, or few outputs."""
    D, K = ((2, 5), (5, 3))[rng.integers(2)]
    h = rng.normal(size=(9, 7))
    h[:, :2] = -np.abs(h[:, :2])
    h[:, 2] = np.abs(h[:, 2])
    h[:2, 3:] = [[1.0] * 4, [-1.0] * 4]
    return h[:, rng.permutation(7)], D, K


EXERCISES = (
    Exercise(
        number="11.1",
        solution=rounding_bound,
        inputs=lambda rng: (
            np.sort(np.r_[rng.normal(size=12), -7.0 - rng.uniform()]),
            rng.uniform(0.01, 0.1),
            2.0**-10,
        ),
        hints=(
            "|H|_2 of a symmetric matrix is its largest eigenvalue in absolute value.",
            "P is the number of eigenvalues, len(eigenvalues).",
            "P * eps * norm + error, with norm = np.abs(eigenvalues).max().",
        ),
        mutants={
            "|H| is the largest *absolute* eigenvalue; here the most negative one is larger.": (
                signed_norm
            ),
            "You left out P: the rounding of a sum grows with the number of its terms.": no_p,
            "You left out the error of H itself, which no eigensolver can mend.": no_error,
            "|H|_2 is the largest absolute eigenvalue, not the sum of all of them.": summed_norm,
            "np.linalg.norm adds up the squares of all eigenvalues. |H|_2 is the largest size.": (
                root_of_squares
            ),
            "Use the eps that comes in as an argument, not the one of this machine.": own_eps,
        },
    ),
    Exercise(
        number="11.2",
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
            "These are counts. alpha is a fraction: divide by P, or take the mean.": counts,
            "The other way round: return the least first, then the largest.": largest_first,
            "least is right. What lies between 0 and tau may be negative, too.": below_nought,
            "The largest alpha counts *all* below tau, the certain ones too.": least_only_zeros,
        },
    ),
    Exercise(
        number="11.3",
        name="zero_rows",
        solution=12,
        hints=(
            "A dead unit sends 0 to every sample. Which parameters then do nothing at all?",
            "Its incoming weights (one an input), its bias, and its outgoing weight.",
            "Two inputs, one bias, one outgoing weight: so many a unit. Times the dead units.",
        ),
        mutants={
            "You forgot the outgoing weight: it multiplies an activation that is always 0.": 9,
            "You forgot the bias: moving it a little does not wake a dead unit either.": 6,
            "One row a *parameter*, not one a unit.": 3,
            "The bias of the output belongs to no hidden unit: it still does something.": 13,
        },
    ),
    Exercise(
        number="11.4",
        solution=flat_curve,
        inputs=spread_eigenvalues,
        hints=(
            "Take absolute values first: flat means neither up nor down.",
            "size[:, None] <= r * size.max() compares every eigenvalue with every r: (P, M).",
            "Then the mean over the eigenvalues, which are the rows: axis=0.",
        ),
        mutants={
            "Take the absolute value: a large negative eigenvalue is not flat.": flat_without_abs,
            "r is a share of the *largest* absolute eigenvalue: multiply by it.": flat_absolute,
            "r is a share of the largest absolute eigenvalue, not of the sum of all.": (
                flat_beside_the_sum
            ),
            "These are counts. gamma is a fraction of the P eigenvalues.": flat_counts,
            "That is the fraction that is *not* flat.": not_flat,
        },
    ),
    Exercise(
        number="11.5",
        solution=most_negative,
        inputs=some_fields,
        hints=(
            "A unit is live if its field is positive for at least one sample.",
            "(h > 0).any(axis=0): samples are rows, so this is one answer a unit.",
            "Each live unit allows as many negative eigenvalues as its block A, (D+1, K), "
            "can have singular values that are not 0.",
        ),
        mutants={
            "You counted dead units too. Their block is zero and bends nothing down.": every_unit,
            "The bias is one more row of A: it has D + 1 rows, not D.": no_bias,
            "You counted samples. Rows are samples: ask (h > 0).any over axis 0.": (
                samples_for_units
            ),
            "A unit is live if *any* sample reaches it, not only if all do.": always_live,
            "A has D + 1 rows and K columns: its rank is at most the smaller of the two.": (
                outputs_only
            ),
            "A has K columns as well. With few outputs these set the limit, not the rows.": (
                inputs_only
            ),
        },
    ),
)
