"""Print the leading hashtags of a day of the archive, with pandas. Needs `pip install pandas pyarrow`.

python archive_pandas.py ARCHIVE_DIR 2026-11-30
"""

import sys

import pandas as pd

folder, day = sys.argv[1:]
columns = ["tag", "label", "posts", "taken_back"]
rows = pd.read_parquet(folder, columns=columns, filters=[("date", "==", day)])
tags = rows.groupby("tag").agg(label=("label", "first"), posts=("posts", "sum"), taken_back=("taken_back", "sum"))
leading = tags.reset_index().sort_values(["posts", "tag"], ascending=[False, True]).head(5)
for tag in leading.itertuples():
    print(f"#{tag.label}: {tag.posts} posts, {tag.taken_back} of them deleted")
