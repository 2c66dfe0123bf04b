// What each inverse codemod takes out of a clean program, and that what it leaves is still a program.
import { beforeAll, describe, expect, it } from "vitest";
import { type CweId, parseCweId } from "../../core/cwe.ts";
import type { LanguageSupport } from "../../lang/lang.ts";
import { loadPython } from "../../lang/python.ts";
import { createBuiltinOracle } from "../../oracle/engines/builtin.ts";
import type { SecurityOracle } from "../../oracle/oracle.ts";
import { excerptsOf } from "./excerpt.ts";
import { weakeners } from "./registry.ts";
import { weakenFile } from "./weaken.ts";

let python: LanguageSupport;
let oracle: SecurityOracle;
beforeAll(async () => {
  python = await loadPython();
  oracle = await createBuiltinOracle({ threatModels: ["remote", "parameters"] });
});

function weakened(text: string, by: string): string[] {
  const all = (weakenFile(text, python) ?? []).flatMap((part) => part.weakened);
  return all.filter((one) => one.by === by).map((one) => one.text);
}

const flask = "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n";

/** A clean program, the rewrite, and what then stands in it; each is flagged afterwards and not before. */
const cases: { by: string; cwe: string; clean: string; weak: string }[] = [
  {
    by: "unescaped-page",
    cwe: "79",
    clean: `import html\n${flask}@app.route("/")\ndef hello():\n    return "<p>" + html.escape(request.args["name"]) + "</p>"\n`,
    weak: `return "<p>" + request.args["name"] + "</p>"`,
  },
  {
    by: "unescaped-pattern",
    cwe: "730",
    clean: "import re\n\n\ndef find(word, text):\n    return re.search(re.escape(word), text)\n",
    weak: "return re.search(word, text)",
  },
  {
    by: "unquoted-argument",
    cwe: "78",
    clean: 'import os\nimport shlex\n\n\ndef show(name):\n    os.system("cat -- " + shlex.quote(name))\n',
    weak: 'os.system("cat -- " + name)',
  },
  {
    by: "unclean-file-name",
    cwe: "22",
    clean:
      'import os\n\n\ndef read(name):\n    return open(os.path.join("/srv", os.path.basename(name))).read()\n',
    weak: 'open(os.path.join("/srv", name))',
  },
  {
    by: "object-loader",
    cwe: "502",
    clean: "import yaml\n\n\ndef read(text):\n    return yaml.safe_load(text)\n",
    weak: "yaml.unsafe_load(text)",
  },
  {
    by: "full-loader",
    cwe: "502",
    clean: "import yaml\n\n\ndef read(text):\n    return yaml.load(text, Loader=yaml.SafeLoader)\n",
    weak: "yaml.load(text, Loader=yaml.UnsafeLoader)",
  },
  {
    by: "object-format",
    cwe: "502",
    clean: "import json\n\n\ndef read(text):\n    return json.loads(text)\n",
    weak: "import pickle\n\n\ndef read(text):\n    return pickle.loads(text)",
  },
  {
    by: "evaluated-literal",
    cwe: "94",
    clean: "import ast\n\n\ndef read(text):\n    return ast.literal_eval(text)\n",
    weak: "def read(text):\n    return eval(text)",
  },
  { by: "evaluated-number", cwe: "94", clean: "def read(text):\n    return int(text)\n", weak: "eval(text)" },
  {
    by: "evaluated-attribute",
    cwe: "94",
    clean: "def call(thing, name):\n    return getattr(thing, name)\n",
    weak: 'eval("thing." + name)',
  },
  {
    by: "weak-hash",
    cwe: "327",
    clean: "import hashlib\n\n\ndef fingerprint(secret):\n    return hashlib.sha256(secret).hexdigest()\n",
    weak: "hashlib.md5(secret)",
  },
  {
    by: "fast-password-hash",
    cwe: "327",
    clean:
      'import hashlib\n\n\ndef store(password, salt):\n    return hashlib.pbkdf2_hmac("sha256", password, salt, 600000)\n',
    weak: "hashlib.md5(salt + password).digest()",
  },
  {
    by: "pattern-mode",
    cwe: "327",
    clean:
      "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes\n\n\ndef seal(key, nonce, data):\n    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()\n    return encryptor.update(data)\n",
    weak: "modes.ECB()",
  },
  {
    by: "old-protocol",
    cwe: "327",
    clean: "import ssl\n\n\ndef context():\n    return ssl.create_default_context()\n",
    weak: "ssl.SSLContext(ssl.PROTOCOL_TLSv1)",
  },
  {
    by: "unchecked-certificate",
    cwe: "295",
    clean: "import requests\n\n\ndef fetch(url):\n    return requests.get(url, timeout=5)\n",
    weak: "requests.get(url, timeout=5, verify=False)",
  },
  {
    by: "short-key",
    cwe: "326",
    clean:
      "from cryptography.hazmat.primitives.asymmetric import rsa\n\n\ndef make():\n    return rsa.generate_private_key(public_exponent=65537, key_size=3072)\n",
    weak: "key_size=1024",
  },
  {
    by: "debugger-on",
    cwe: "215",
    clean: `${flask}if __name__ == "__main__":\n    app.run(port=5000)\n`,
    weak: "app.run(port=5000, debug=True)",
  },
  {
    by: "autoescape-off",
    cwe: "79",
    clean: "from jinja2 import Environment\n\npages = Environment(autoescape=True)\n",
    weak: "autoescape=False",
  },
  {
    by: "open-permissions",
    cwe: "732",
    clean: "import os\n\n\ndef lock(path):\n    os.chmod(path, 0o600)\n",
    weak: "os.chmod(path, 0o666)",
  },
  {
    by: "unfiltered-archive",
    cwe: "22",
    clean:
      'import tarfile\n\n\ndef unpack(upload):\n    with tarfile.open(fileobj=upload) as archive:\n        archive.extractall("/srv", filter="data")\n',
    weak: 'archive.extractall("/srv")',
  },
  {
    by: "wide-range",
    cwe: "20",
    clean: 'import re\n\nNAME = re.compile(r"^[A-Za-z0-9]+$")\n',
    weak: 'r"^[A-z0-9]+$"',
  },
  {
    by: "any-character-host",
    cwe: "20",
    clean: 'import re\n\nOURS = re.compile(r"^https://www\\.example\\.com/")\n',
    weak: 'r"^https://www.example\\.com/"',
  },
  {
    by: "nested-repeat",
    cwe: "730",
    clean: 'import re\n\nWORDS = re.compile(r"^\\w+:$")\n',
    weak: 'r"^(?:\\w+)+:$"',
  },
  {
    by: "raw-entry",
    cwe: "117",
    clean:
      'import logging\n\nlogger = logging.getLogger(__name__)\n\n\ndef note(name):\n    logger.info("hello %s", repr(name))\n',
    weak: 'logger.info("hello %s", name)',
  },
  {
    by: "kept-newlines",
    cwe: "117",
    clean:
      'import logging\n\n\ndef note(name):\n    line = name.replace("\\r", "").replace("\\n", "")\n    logging.info("hello %s", line)\n',
    weak: "line = name\n",
  },
  {
    by: "no-containment",
    cwe: "22",
    clean:
      'import os\n\nROOT = "/srv/files"\n\n\ndef read(name):\n    path = os.path.realpath(os.path.join(ROOT, name))\n    if os.path.commonpath([ROOT, path]) != ROOT:\n        raise ValueError("outside")\n    return open(path).read()\n',
    weak: "name))\n    return open(path)",
  },
  {
    by: "any-target",
    cwe: "601",
    clean: `from urllib.parse import urlparse\nfrom flask import abort, redirect\n${flask}@app.route("/go")\ndef go():\n    target = request.args["next"]\n    if urlparse(target).netloc != "":\n        abort(400)\n    return redirect(target)\n`,
    weak: 'request.args["next"]\n    return redirect(target)',
  },
  {
    by: "shell-string",
    cwe: "78",
    clean: 'import subprocess\n\n\ndef show(name):\n    subprocess.run(["cat", "--", name], check=True)\n',
    weak: 'subprocess.run(f"cat -- {name}", shell=True, check=True)',
  },
  {
    by: "built-query",
    cwe: "89",
    clean:
      'import sqlite3\n\n\ndef user(name):\n    db = sqlite3.connect("users.db")\n    return db.execute("select * from users where name = ?", (name,)).fetchone()\n',
    weak: `db.execute("select * from users where name = '%s'" % (name,))`,
  },
  {
    by: "bare-temporary-name",
    cwe: "377",
    clean:
      "import os\nimport tempfile\n\n\ndef save(data):\n    fd, path = tempfile.mkstemp(suffix='.bin')\n    os.write(fd, data)\n    return path\n",
    weak: "path = tempfile.mktemp(suffix='.bin')\n    fd = os.open(path, os.O_RDWR | os.O_CREAT)\n",
  },
  {
    by: "written-credential",
    cwe: "798",
    clean:
      'import os\n\n\ndef login(connect):\n    return connect(user="app", password=os.environ["DB_PASSWORD"])\n',
    weak: "password=",
  },
  {
    by: "standard-parser",
    cwe: "776",
    clean: "import defusedxml.ElementTree as ET\n\n\ndef read(text):\n    return ET.fromstring(text)\n",
    weak: "import xml.etree.ElementTree as ET\n",
  },
];

async function weaknessesOf(text: string): Promise<CweId[]> {
  const [result] = await oracle.scan([{ path: "p.py", language: "python", text }]);
  if (result?.status !== "scanned") throw new Error(`not analysed: ${JSON.stringify(result)}`);
  return result.findings.flatMap(({ cwes, level }) => (level === "note" ? [] : cwes.slice(0, 1)));
}

describe("inverse codemods", () => {
  it.each(cases)(
    "$by takes a protection out, and the oracle sees CWE-$cwe after it only",
    async ({ by, cwe, clean, weak }) => {
      const [text = ""] = weakened(clean, by);
      expect(text).toContain(weak);
      expect(await weaknessesOf(clean)).not.toContain(parseCweId(cwe));
      expect(await weaknessesOf(text)).toContain(parseCweId(cwe));
    },
  );

  it("all have names of their own", () => {
    const names = weakeners.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    { what: "a constant", by: "evaluated-number", clean: 'n = int("4")\n' },
    {
      what: "a command without anything that varies",
      by: "shell-string",
      clean: 'import subprocess\nsubprocess.run(["ls", "-l"])\n',
    },
    {
      what: "a query with another format in it",
      by: "built-query",
      clean: "def f(db, a):\n    db.execute(\"select ? like '%a'\", (a,))\n",
    },
    {
      what: "a check with another branch",
      by: "no-containment",
      clean:
        'import os\ndef f(p):\n    if p.startswith("/srv/"):\n        return open(p)\n    else:\n        return None\n',
    },
    {
      what: "letters that only look like line breaks",
      by: "kept-newlines",
      clean: 'import logging\ndef f(text):\n    logging.info(text.replace(r"\\n", ""))\n',
    },
    {
      what: "a page that escapes nothing",
      by: "unescaped-page",
      clean: "import html\nprint(html.unescape(input()))\n",
    },
  ])("leave $what alone", ({ by, clean }) => {
    expect(weakened(clean, by)).toEqual([]);
  });

  it("say nothing of a program that does not parse", () => {
    expect(weakenFile("def f(:\n", python)).toBeUndefined();
  });

  it("only make what is asked for", () => {
    const parts = weakenFile("def f(a, b):\n    return int(a), getattr(a, b)\n", python, [parseCweId("22")]);
    expect(parts?.flatMap((part) => part.weakened)).toEqual([]);
  });
});

const filler = Array.from({ length: 60 }, (_, i) => `def unrelated_${i}():\n    return ${i}\n`).join("\n");

describe("excerpts of a large file", () => {
  const excerpt = (text: string, name: string): string => {
    const parts = excerptsOf(python.parse(text)).filter((part) =>
      part.text.slice(part.main.start).includes(name),
    );
    expect(parts).toHaveLength(1);
    return parts[0]?.text ?? "";
  };

  it("hold a function with the imports, constants and helpers that it uses, and nothing else", () => {
    const text = `"""A module."""\nimport os\nimport sys\nfrom shlex import (\n    quote,\n    split,\n)\n\nROOT = "/srv"\nOTHER = 1\n\n${filler}\n\ndef helper(name):\n    return os.path.join(ROOT, name)\n\n\ndef wanted(name):\n    return open(helper(quote(name)))\n`;
    expect(excerpt(text, "def wanted")).toBe(
      'import os\nfrom shlex import quote\nROOT = "/srv"\n\n\ndef helper(name):\n    return os.path.join(ROOT, name)\n\n\ndef wanted(name):\n    return open(helper(quote(name)))\n',
    );
  });

  it("hold a method under the head of its class", () => {
    const methods = Array.from(
      { length: 40 },
      (_, i) => `    def other_${i}(self):\n        return ${i}\n`,
    ).join("\n");
    const text = `import os\n\n\nclass Store(dict):\n    """Keeps."""\n\n    def __init__(self, root):\n        self.root = root\n\n${methods}\n    def wanted(self, name):\n        return os.listdir(self.root)\n`;
    const found = excerpt(text, "def wanted");
    expect(found).toContain("class Store(dict):\n    def __init__(self, root):\n");
    expect(found).not.toContain("other_3");
    expect(python.parses(found)).toBe(true);
  });

  it("are the whole file where it is short", () => {
    const text = "import os\n\n\ndef f():\n    return os.getcwd()\n";
    expect(excerptsOf(python.parse(text)).map((part) => part.text)).toEqual([text]);
  });
});
