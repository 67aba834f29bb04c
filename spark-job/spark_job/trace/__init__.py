"""Says what happened to the posts of a micro-batch, stage by stage, while somebody looks."""
