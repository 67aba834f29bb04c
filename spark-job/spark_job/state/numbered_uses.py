"""Uses of tags as numbers, and what they change in each ranking.

Loops of Python would take most of the time of a closing pane. So the uses are columns of Arrow.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.tag_uses import sample
from spark_job.state.author_ranking import ONE_AUTHOR
from spark_job.state.tag_sums import Sums, TagRows, runs


class NumberedUses:
    """Uses, each with two 64-bit numbers.

    The first one is that of its tag and its author. Two uses have the same one if their languages differ. (The hash of
    an author is another one in each source.) The second one is that of its tag, its author and its language.

    Attributes:
        numbers: The first numbers of all uses, then the second ones.

    """

    def __init__(self, uses: pa.Table, level: int) -> None:
        """Args:
        uses: A table of `USES`. All have a tag, or none has.
        level: The level of the sample. Only authors in this sample are taken.
        """
        if level > (pc.min(uses["level"]).as_py() or 0):
            uses = sample(uses, level)
        uses = uses.unify_dictionaries().combine_chunks()
        self._rows = TagRows(uses)
        self._panes, self._posts = uses["pane_ms"], uses["posts"].combine_chunks()
        of_tags = pc.bit_wise_xor(uses["author"].combine_chunks(), _hashes(self._rows.keys).take(self._rows.key))
        langs = _hashes([("lang", name) for name in self._rows.langs])
        self.numbers = pa.concat_arrays([of_tags, pc.bit_wise_xor(of_tags, langs.take(self._rows.lang))])

    def of_panes(self) -> dict[int, pa.Array]:
        """The numbers of each pane, by its start, if the uses of a pane are one after the other."""
        count = len(self._posts)
        return {
            at_ms: pa.concat_arrays([self.numbers.slice(first, end - begin) for first in (begin, begin + count)])
            for at_ms, begin, end in runs(self._panes)
        }

    def in_order(self, flags: pa.Array) -> pa.Array:
        """Bring flags of the numbers of one pane after the other into the order of `numbers`."""
        spans = [(begin, end - begin) for _, begin, end in runs(self._panes)]
        of_tags = [flags.slice(2 * begin, count) for begin, count in spans]
        of_langs = [flags.slice(2 * begin + count, count) for begin, count in spans]
        return pa.concat_arrays([flags.slice(0, 0), *of_tags, *of_langs])

    def sums(self, is_new: pa.Array) -> Iterator[Sums]:
        """What the uses add to each ranking: for each tag, its new authors times `ONE_AUTHOR`, and its posts.

        Args:
            is_new: For each of the numbers 1 if it is new, or else 0.

        """
        authors = pc.multiply(is_new.cast(pa.int64()), pa.scalar(ONE_AUTHOR, pa.int64()))
        count = len(self._posts)
        return self._rows.sums(*(pc.add(self._posts, authors.slice(first, count)) for first in (0, count)))


def _hashes(values: Sequence[object]) -> pa.Array:
    signed = pa.array(map(hash, values), pa.int64())
    return signed.view(pa.uint64())
