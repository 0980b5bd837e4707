"""The authors' own record: read, recomputed, compared."""
