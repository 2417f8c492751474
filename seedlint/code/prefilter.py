"""Which files are worth reading, judged by words in their bytes before anything is parsed."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from seedlint.code.kinds import Kind

if TYPE_CHECKING:
    from seedlint.code.apis import ApiTable


class Worth(Enum):
    """Whether to read a file: by itself, beside others that are worth it, or not."""

    ITSELF = "itself"
    BESIDE = "beside"
    NOT = "not"


SEEDS = tuple(
    b'seed random_state randomstate rng repeat restart trial replica _runs -runs nruns runs: runs= runs" _reps'.split()
)
"""What the lower-case bytes of a script or a config hold that sets seeds or counts runs."""

LARGE = 32_000
"""What people write by hand is smaller; in what is larger words of these kinds may stand in data."""

SETTINGS = re.compile(
    rb"--?[\w-]*seed|(?:seed|random_?state|rng|repeat|restart|trial|replica|runs|reps)[\w.\[\]-]*[\"']?\s*[:=]"
)
"""What the lower-case bytes of a large file hold that sets one of these, rather than only speaks of it."""

STARTS = tuple(b"python .py torchrun accelerate deepspeed .sh sbatch qsub".split())
"""What they hold if they start programs, with whatever seed those take when none is given."""


def worth(kind: Kind, content: bytes, apis: ApiTable) -> Worth:
    """Whether the facts of a file of this kind and content can matter."""
    if kind.program:
        return Worth.ITSELF if apis.is_worth_reading(content) else Worth.NOT
    lowered = content.lower()
    if any(word in lowered for word in SEEDS) and (len(lowered) <= LARGE or SETTINGS.search(lowered)):
        return Worth.ITSELF
    return Worth.BESIDE if any(word in lowered for word in STARTS) else Worth.NOT
