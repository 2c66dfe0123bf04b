import { describe, expect, it } from "vitest";
import { createOperationProbe } from "./operations.ts";

const probe = await createOperationProbe();
const head =
  "from flask import Flask, request\napp = Flask(__name__)\n@app.route('/')\ndef f():\n    x = request.args['x']\n";
const performs = (body: string, operation: string): boolean | "unscanned" =>
  probe.performs({ path: "a.py", language: "python", text: `${head}${body}` }, operation);

describe("risky operations", () => {
  it.each([
    {
      operation: "run-command",
      unsafe: "    import os; os.system(x)\n",
      safe: "    import subprocess; subprocess.run(['ls', '--', x])\n",
    },
    {
      operation: "deserialize",
      unsafe: "    import pickle; pickle.loads(x)\n",
      safe: "    import json; json.loads(x)\n",
    },
    {
      operation: "evaluate-expression",
      unsafe: "    eval(x)\n",
      safe: "    import ast; ast.literal_eval(x)\n",
    },
    {
      operation: "html-response",
      unsafe: "    return '<p>' + x\n",
      safe: "    import html; return html.escape(x)\n",
    },
    {
      operation: "log",
      unsafe: "    app.logger.info(x)\n",
      safe: "    app.logger.info(x.replace('\\n', ''))\n",
    },
    {
      operation: "open-file",
      unsafe: "    open(x)\n",
      safe: "    from werkzeug.utils import secure_filename; open(secure_filename(x))\n",
    },
    {
      operation: "parse-xml",
      unsafe: "    import lxml.etree; lxml.etree.fromstring(x)\n",
      safe: "    import defusedxml.ElementTree as E; E.fromstring(x)\n",
    },
    {
      operation: "check-url",
      unsafe: "    return 'ok' if 'a.com' in x else 'no'\n",
      safe: "    from urllib.parse import urlparse; return str(urlparse(x).hostname == 'a.com')\n",
    },
    {
      operation: "extract-archive",
      unsafe: "    import tarfile; tarfile.open(x).extractall()\n",
      safe: "    import tarfile; tarfile.open(x).extractall(filter='data')\n",
    },
  ])(
    "$operation is seen, done safely or not, and not seen where it is not done",
    ({ operation, unsafe, safe }) => {
      expect(performs(unsafe, operation)).toBe(true);
      expect(performs(safe, operation)).toBe(true);
      expect(performs("    return 'ok'\n", operation)).toBe(false);
    },
  );

  it("is not performed on data of our own", () => {
    expect(performs("    import os; os.system('ls')\n", "run-command")).toBe(false);
  });

  it("is seen through calls that nothing is known of", () => {
    expect(performs("    import os, ours; os.system(ours.clean(x))\n", "run-command")).toBe(true);
  });

  it("cannot be told of a program that does not parse", () => {
    expect(performs("    os.system(\n", "run-command")).toBe("unscanned");
  });
});
