// What each command looks like in use: shown by --help and on the page of commands. A test reads every one as the
// command line does.

/** Command lines without the program's name, by the command that they show. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  hexacoder: ["quickstart", "scan src/", "doctor"],
  "hexacoder quickstart": [
    "quickstart",
    "quickstart --out runs/first --count 200 --samples 2",
    "quickstart --out runs/first --count 200 --samples 2 --resume",
  ],
  "hexacoder scan": [
    "scan src/",
    "scan src/ --cwe 22,79 --format sarif --output findings.sarif",
    "scan src/ --baseline findings.sarif",
    "scan library.py --threat-model remote,parameters",
    "scan src/ --oracle builtin+bandit",
    "scan --import results.sarif",
  ],
  "hexacoder fix": [
    "fix app.py",
    "fix src/ --write",
    "fix src/ --json",
    "fix src/ --model ollama:qwen2.5-coder --rounds 3",
  ],
  "hexacoder compare-oracles": [
    "compare-oracles src/ --oracle builtin,bandit --out runs/judges",
    "compare-oracles src/ --oracle builtin --import theirs=results.sarif --out runs/judges",
  ],
  "hexacoder synth": [
    "synth --out runs/pairs",
    "synth --from jsonl:programs.jsonl --out runs/pairs",
    "synth --from weaken:src/ --threat-model parameters --out runs/weakened",
    "synth --from llm --model anthropic:NAME --count 500 --budget-tokens 3000000 --repair codemod,llm --out runs/pairs",
    "synth --from llm --model openai:NAME --count 500 --estimate --out runs/pairs",
    "synth status runs/pairs",
  ],
  "hexacoder synth status": ["synth status runs/pairs", "synth status runs/pairs --json"],
  "hexacoder worker": ["worker --queue redis://host:6379"],
  "hexacoder dataset": [
    "dataset build runs/pairs runs/weakened --out runs/data",
    "dataset import train.jsonl --out runs/theirs",
  ],
  "hexacoder dataset build": [
    "dataset build runs/pairs --out runs/data",
    "dataset build runs/pairs runs/weakened --most-per-cwe 200 --vulnerable-side --out runs/data",
  ],
  "hexacoder dataset import": ["dataset import train.jsonl --out runs/theirs"],
  "hexacoder dataset extend": [
    "dataset extend runs/data --model hf:ORG/NAME --adapter runs/adapter --out runs/more",
  ],
  "hexacoder dataset export": ["dataset export runs/data --format chat --out runs/chat"],
  "hexacoder dataset push": ["dataset push runs/data --to ORG/NAME"],
  "hexacoder train": [
    "train --data runs/data --base tiny --out runs/adapter",
    "train --data runs/data --base hf:ORG/NAME --preset qwen2.5-coder --out runs/adapter --merge",
    "train --data runs/data --base hf:ORG/NAME --out runs/adapter --resume",
  ],
  "hexacoder generate": [
    "generate handler.py --model tiny",
    "generate handler.py --model hf:ORG/NAME --adapter runs/adapter --guard reject -n 3",
    "generate - --model tiny --language python --json",
  ],
  "hexacoder serve": ["serve --upstream hf:ORG/NAME --adapter runs/adapter --guard repair"],
  "hexacoder eval": [
    "eval --benchmark hexabench --model tiny --adapter runs/adapter --out runs/eval",
    "eval --benchmark codelmsec,pearce --source benchmarks/ --model hf:ORG/NAME --strategy one-step,two-step --out runs/paper",
    "eval score theirs.jsonl --benchmark hexabench --out runs/theirs",
  ],
  "hexacoder eval score": ["eval score theirs.jsonl --benchmark hexabench --out runs/theirs"],
  "hexacoder harden": ["harden --base hf:ORG/NAME --thresholds ship.yml --out runs/night"],
  "hexacoder reproduce": [
    "reproduce paper --dry-run --usd-per-hour 2",
    "reproduce paper --source data/ --models codegen-350m-multi --out runs/paper",
  ],
  "hexacoder report": ["report runs/eval --out report.html", "report runs --out report.html"],
  "hexacoder doctor": ["doctor", "doctor --json"],
  "hexacoder setup": ["setup", "setup --engines", "setup --gguf"],
};
