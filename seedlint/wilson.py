"""Wilson's score interval of a share, without SciPy: for the trainer's accuracies and for the counts of a survey."""

from __future__ import annotations

import math


def wilson(share: float, n: int, z: float) -> tuple[float, float]:
    """Return the ends for a share in [0, 1] of n observations, n > 0, at the two-sided normal quantile z. Wilson 1927."""
    width = z * z / n
    middle = (share + width / 2) / (1 + width)
    reach = math.sqrt(width * share * (1 - share) + width * width / 4) / (1 + width)
    return max(0.0, middle - reach), min(1.0, middle + reach)
