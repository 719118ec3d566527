"""One tiny call before any episode starts, so that what is wrong with a model is said once and in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agemem_env.context.messages import ToolFormat
from agemem_env.errors import ServiceError
from agemem_env.services.chat import ChatModel, ChatRequest
from agemem_env.services.openai.client import OpenAIModel
from baselines.llm.local import LocalModel
from baselines.llm.recording import RecordedModel

_READY: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "ready",
        "description": "Say that you are ready.",
        "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    },
}
_MESSAGE = {"role": "user", "content": "Call the function ready."}


def preflight(model: ChatModel, tool_format: ToolFormat = "native") -> None:
    """Check that a model can be reached and can do what its policy needs.

    It costs one call; two if the model calls a function only when it has to. Of a model in this process only the chat
    template is looked at, and a replay has nothing to check.

    Args:
        model: The model.
        tool_format: Tool format of the policy that will use it.

    Raises:
        ServiceError: If there is no key, the service cannot be reached, the model has another name, or it cannot call
            tools although `tool_format` is ``"native"``.
    """
    if isinstance(model, RecordedModel):
        if model.replays:
            return
        model = model.inner()
    if isinstance(model, LocalModel) and tool_format == "native" and not model.takes_tools:
        raise ServiceError(f"model {model.name!r} has a chat template without tools; use tool_format='tags'")
    if not isinstance(model, OpenAIModel) or model.replays:
        return
    model = model.hasty()
    if tool_format == "tags":
        model.chat(ChatRequest([{"role": "user", "content": "Reply with the word ready."}]))
        return
    request = ChatRequest([_MESSAGE], [_READY])
    if model.chat(request).tool_calls or model.chat(replace(request, force_tool=True)).tool_calls:
        return
    raise ServiceError(
        f"model {model.name!r} was told to call a function and called none; use tool_format='tags', or a server and a "
        "model with tool calling"
    )
