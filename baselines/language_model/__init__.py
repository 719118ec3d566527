"""Language models trained by step-wise GRPO on token rows (`baselines.integrations.rows`); needs the extra ``train``.

`grpo` is the algorithm from top to bottom. It plays with `playing`, which draws replies for many episodes at once
(`sampling`) from prompts that are exact to the token (`prompts`), and takes its steps with `objective`, which is Eq. 6.
`cloning` is the warm start, `policy` the model with its reference, `tiny` a model for a laptop.
"""
