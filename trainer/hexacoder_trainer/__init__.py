"""LoRA training on changed spans and a batching completion server for Hugging Face models.

The package is small on purpose: Node decides what to do and writes one run.json; this side trains or
serves, and speaks JSON lines on standard output (see ``events.py``).
"""

__version__ = "0.1.0"
PROTOCOL = 1
