"""What `engine.backends.openai_api` is made of: the wire, the two dialects, the running stream.

`connection` holds the `openai` client in a thread of its own, `keys` finds its key; `errors`
turns what the wire raises into one sentence; `chunks` says what an answer must look like; `vllm` and
`plain` write requests and read chunks; `manners` remembers what a server does not take; `text` keeps
characters and stop strings whole; `run` is one request under way, `stream` several at once.
Called by `engine.backends.openai_api` only.
"""
