"""Models on their way to their maximum: states that pass between rounds, and their next steps.

A fit asks a site for sums at its coefficients (`sums_of`) and moves on with the sites' total
(`advance`, a new fit each time). The same code fits the pool, where each step is a round, and a
single site, where it is a pass over rows. All coefficients here are of the scaled design.
"""

from datasets.engine.methods.regression.fits.firth import Firth, FirthSums
from datasets.engine.methods.regression.fits.least_squares import LeastSquares, LeastSquaresSums
from datasets.engine.methods.regression.fits.nested import Nested
from datasets.engine.methods.regression.fits.newton import Newton, NewtonSums
from datasets.engine.methods.regression.fits.profile import Profile

MainFit = LeastSquares | Newton
Fit = LeastSquares | Newton | Firth | Profile | Nested
FitSums = LeastSquaresSums | NewtonSums | FirthSums

__all__ = [
    "Firth",
    "FirthSums",
    "Fit",
    "FitSums",
    "LeastSquares",
    "LeastSquaresSums",
    "MainFit",
    "Nested",
    "Newton",
    "NewtonSums",
    "Profile",
]
