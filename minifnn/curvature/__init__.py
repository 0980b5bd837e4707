"""What a Hessian says: its spectrum, exact or by Lanczos, and what is known beforehand."""
