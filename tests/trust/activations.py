"""Values and derivatives of the activations, in ulp, against sixty digits."""


def rows(quick):
    """Try all activations."""
    return []
