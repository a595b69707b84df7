# Names that wildcards may take: only names that the configuration knows, so that a misspelt target fails at once.


wildcard_constraints:
    dataset=plan.names.datasets(),
    name=plan.names.of("datasets"),
    recipe=plan.names.recipes(),
    images=plan.names.of("images"),
    file=plan.names.weights_files(),
    run=plan.names.of("runs", "snippet_scores"),
    table=plan.names.of("tables"),
    figure=plan.names.figures(),
    joints=plan.names.of("joints"),
    clip=r"[^/]+",
    protocol=r"[a-z0-9_]+",
    scope=r"(\.poses_only)?",
    shard=r"\d{3}",
    seed=r"\d+",
