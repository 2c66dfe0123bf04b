// Three prompts of our own in folders by weakness, with a manifest: what loaders and fetching are tried on.
import type { FoldersManifest } from "../../src/evaluation/benchmarks/manifest.ts";
import { sha256 } from "../../src/util/hash.ts";

/** Texts by path. */
export const prompts: Record<string, string> = {
  "CWE-022/gpt4_CWE-022_0_3.py": "import tarfile\n\ndef unpack(path):\n",
  "CWE-022/gpt4_CWE-022_0_5.py": "import tarfile\n\ndef unpack_all(path):\n    '''no newline at the end'''",
  "CWE-089/own_CWE-089_1_0.py": "def find(name):\n    # grüße 😀\n",
};

/** The manifest, changed so. */
export function manifest(change: Partial<FoldersManifest> = {}): FoldersManifest {
  return {
    name: "mini",
    kind: "folders",
    title: "Three prompts",
    language: "python",
    licence: "MIT",
    remarks: [],
    developedOn: [],
    defaults: { samples: 5, maxTokens: 200 },
    source: {
      url: "https://example.org/x/y",
      commit: "0123456789",
      folder: "b/mini",
      raw: "https://raw.example.org",
    },
    layouts: [".", "python", "mini/python"],
    family: "^(.+)_\\d+$",
    operations: { "CWE-22": "extract-archive", "gpt4_CWE-022_0_5": "open-file" },
    files: Object.fromEntries(Object.entries(prompts).map(([path, text]) => [path, sha256(text)])),
    ...change,
  };
}
