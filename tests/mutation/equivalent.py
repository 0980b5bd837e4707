"""Why the mutants that no test kills cannot be killed: {module: {why: [(before, after), ...]}}."""

EQUIVALENT = {
    "spectrum": {
        "H is symmetric": [
            ("live = H.any(axis=0)", "live = H.any(axis=1)"),
            (
                "pair = np.diag(D, -1) != 0  # the first of two rows that make a 2x2 block",
                "pair = np.diag(D, 1) != 0  # the first of two rows that make a 2x2 block",
            ),
        ],
        "asks again what is known: H is finite": [
            (
                'eigenvalues[live] = eigh(core, eigvals_only=True, driver="evd", check_finite=False)',
                'eigenvalues[live] = eigh(core, eigvals_only=True, driver="evd", check_finite=True)',
            ),
            (
                "D = ldl(H - shift * np.eye(len(H)), check_finite=False)[1]",
                "D = ldl(H - shift * np.eye(len(H)), check_finite=True)[1]",
            ),
        ],
    },
}
