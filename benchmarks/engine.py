"""How fast the engine is on this machine: `python benchmarks/engine.py MODEL.gguf`. Give it idle cores."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from runtime import Lark, LlamaModel, Message

GRAMMAR = (
    'start: line+ "done()\\n"\nline: '
    + " | ".join(f'"skill_{i}(" STR ", " STR ")\\n"' for i in range(40))
    + "\n"
    + r'STR: /"([^"\\\n]|\\["\\nt]){0,400}"/'
)


def main(path: Path) -> None:
    """Time the first call with and without stored states, the second call, and decoding with and without a grammar."""
    words = " ".join(f"skill_{i}(what, how): does thing number {i} to what it is given." for i in range(60))
    system = Message(role="system", text=f"You plan in skills. {words}")
    first = [system, Message(role="user", text="Save the text as report.txt.")]
    second = [system, Message(role="user", text="Rename the file notes.txt to old.txt.")]
    found: dict[str, object] = {"model": path.name, "load_average": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as folder:
        for run in ("first start", "second start"):
            model = LlamaModel(path, context_tokens=4096, cache_dir=Path(folder))
            usage = model.complete(first, max_tokens=1).usage
            found[run] = {"load": model.load_seconds, "prompt": model.count(first), **usage.model_dump()}
            if run == "first start":
                model.close()
    found["second prompt"] = model.complete(second, max_tokens=1).usage.model_dump()
    free = model.complete(second, max_tokens=48, temperature=0).usage
    model.complete(second, constraint=Lark(grammar=GRAMMAR), max_tokens=1)
    bound = model.complete(second, constraint=Lark(grammar=GRAMMAR), max_tokens=48).usage
    for name, usage in (("free", free), ("grammar", bound)):
        found[f"decode {name}, tokens/s"] = usage.tokens_generated / usage.seconds_decode
    model.close()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
