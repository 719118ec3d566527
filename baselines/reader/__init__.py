"""A baseline without a language model: a chat model that follows rules, for the language of generated questions.

It reads messages and tool schemas alone, so it can stand in any place of a language model: as a policy, and as the
model that a memory system asks. Read the files in this order:

- `model`: `Reader`, the chat model, which decides which of the next four answers a request;
- `store` what is told before the task, `answer` a question, `act` on a task with commands, `extract` memories for a
  memory system;
- `conversation`: what a request shows, in either tool format;
- `statements`: texts as sentences with the thing that each is about; `corrections`: which of them replaces which;
- `questions`: what a question asks for; `lookup`: its answer from statements, or what is missing;
- `patterns`: wordings as regular expressions; `world`: everything that is known of the generated questions, from
  HotpotQA's generator.
"""

from baselines.reader.model import Reader

__all__ = ["Reader"]
