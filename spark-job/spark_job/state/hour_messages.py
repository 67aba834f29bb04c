"""What one closing of panes adds to an hour, as tables for two messages: counts of tags, and uses of tags."""

from collections.abc import Iterable

import pyarrow as pa

from spark_job.executor.tag_uses import MAX_LEVEL, USES, level_of, parts, sample, with_own_names

#: The columns of the uses: who used which tag, and in a sample of which level. No text, and no number of posts.
USE_COLUMNS = ["pane_ms", "source", "lang", "key", "author", "level"]
NO_USES = USES.empty_table().select(USE_COLUMNS)
#: Beyond the bound, one of 16 authors is in the sample.
THINNED_LEVELS = 4


def counts_of(counts: pa.Table) -> pa.Table:
    """The counts, with the few different sources and languages once. A label that is its key is null."""
    coded = {name: counts[name].dictionary_encode() for name in ("source", "lang")}
    return pa.table({name: coded.get(name, counts[name]) for name in counts.column_names})


def uses_of(panes: Iterable[pa.Table]) -> pa.Table:
    """The uses of tags of some panes, as `USE_COLUMNS`. `panes`: tables of `USES`."""
    found = [with_own_names(parts(uses)[0]).select(USE_COLUMNS) for uses in panes if len(uses)]
    return pa.concat_tables([NO_USES, *found]).unify_dictionaries()


def thinned(uses: pa.Table) -> pa.Table:
    """The uses of a smaller sample of the authors."""
    level = min(MAX_LEVEL, level_of(uses) + THINNED_LEVELS)
    kept = sample(uses, level)
    levels = pa.repeat(pa.scalar(level, pa.int8()), len(kept))
    return kept.set_column(kept.schema.get_field_index("level"), "level", levels)
