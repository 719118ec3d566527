"""Language models as policies, and the kinds of models there are.

Read the files in this order:

- `policy`: `LLMPolicy`, messages of the environment in, the model's turn out, with the instructions in ``prompts/``;
- `models`: the table of kinds and `make_model`, from a name such as ``"openai:<model>"`` to a model;
- `local`: a model in this process; `scripted`: a list of replies. A model behind a service is
  `agemem_env.services.openai.client.OpenAIModel`, the one without weights is `baselines.reader`;
- `meter`: counts what the calls of an episode cost; `preflight`: one call before a run, to see whether a model works.
"""
