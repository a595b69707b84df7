"""Names of clips in targets: a misspelt name is refused before anything is computed for it."""

from pathlib import Path

from poseattn.clips.ids import file_of
from poseattn.config.unknown import no_such
from poseattn.files import SEAL
from poseattn.plan.raw import Raw
from poseattn.plan.refusals import Refusal


class Clips:
    """Clips of data sets, as they are known before the first job.

    Args:
        raw: The raw files.
    """

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    def check(self, clip: str, dataset: str) -> None:
        """Refuse a clip that a data set does not have.

        Of a clip that is a part of a file, only the file is known until the clips are listed.

        Args:
            clip: Name of the clip.
            dataset: Id of the data set.

        Raises:
            Refusal: There is no such clip; the message names clips that are near.
        """
        if listed := _listed(Path(f"results/manifests/{dataset}.tsv")):
            known, name = listed, clip
        else:
            known, name = self._raw.file_ids(dataset), file_of(clip)
        if name not in known:
            raise Refusal(no_such("clip", clip, known, f" of data set {dataset}"))


def _listed(manifest: Path) -> list[str]:
    """Clips of a manifest, whose first column is their name; none without the file."""
    if not manifest.exists():
        return []
    lines = manifest.read_text(encoding="utf-8").splitlines()[1:]
    return [line.partition("\t")[0] for line in lines if not line.startswith(SEAL)]
