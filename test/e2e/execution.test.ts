// The execution oracle on programs written for it: for each family of probes at least ten that it must exploit and
// ten that must resist. They run in the real sandbox, with the environment that setup makes.
import { afterAll, describe, expect, it } from "vitest";
import type { SourceFile } from "../../src/core/finding.ts";
import { createExecutionOracle } from "../../src/oracle/execution/oracle.ts";
import { testOracle } from "../../src/oracle/oracle.conformance.ts";
import { executionFixtures } from "../support/execution-fixtures.ts";

const oracle = await createExecutionOracle({ threatModels: ["remote"], jobs: 2 });
afterAll(() => oracle.close());
const fixtures = executionFixtures();

function file(text: string): SourceFile {
  return { path: "program.py", language: "python", text };
}

const page = (value: string): string =>
  `from flask import Flask, request\nfrom markupsafe import escape\napp = Flask(__name__)\n@app.route("/")\ndef page():\n    return "<p>" + ${value} + "</p>"\n`;

testOracle({
  name: "execution",
  open: async () => oracle,
  vulnerable: file(page('request.args["name"]')),
  clean: file(page('str(escape(request.args["name"]))')),
  broken: file("def (:\n"),
});

describe.each(oracle.families.map(({ id }) => id))("%s", (family) => {
  const own = fixtures.filter((fixture) => fixture.family === family);

  it("has ten programs of each kind", () => {
    for (const kind of ["exploited", "resisted"]) {
      expect(own.filter(({ expected }) => expected === kind).length).toBeGreaterThanOrEqual(10);
    }
  });

  it("exploits what is weak and nothing else", async () => {
    const wrong = await Promise.all(
      own.map(async ({ text, expected, name, miss }) => {
        const { families, overall } = await oracle.examine(text);
        const verdict = families.get(family) ?? overall;
        // A fix may do without the operation at all.
        const said = verdict.kind === "absent" ? "resisted" : verdict.kind;
        return said === expected || miss !== undefined ? [] : [`${name}: ${JSON.stringify(verdict)}`];
      }),
    );
    expect(wrong.flat()).toEqual([]);
  });
});

describe("what cannot be judged", () => {
  const scan = async (text: string) => (await oracle.scan([file(text)]))[0];

  it("is no clean program when it does not start", async () => {
    const result = await scan("import nosuchmodule_at_all\n");
    expect(result).toMatchObject({ status: "unscanned", reason: "tool-failed" });
    expect(result?.status === "unscanned" && result.detail).toContain("missing-module");
  });

  it("is no clean program when its benign use fails", async () => {
    const result = await scan("import os\ndef run(name):\n    os.system('ls ' + nosuchname)\n");
    const covered = result?.status === "scanned" ? result.covers : [];
    expect(covered).not.toContain("CWE-78");
  });

  it("is no clean program when it never ends", async () => {
    const result = await scan(
      "import os\ndef run(name):\n    while True:\n        pass\n    os.system(name)\n",
    );
    expect(result?.status === "scanned" ? result.covers : []).not.toContain("CWE-78");
  });

  it("is unscanned in another language", async () => {
    const [result] = await oracle.scan([
      { path: "a.c", language: "c", text: "int main(void) { return 0; }" },
    ]);
    expect(result).toMatchObject({ status: "unscanned", reason: "unsupported-language" });
  });
});

describe("behaviour", () => {
  const route = (body: string): string =>
    `import os, random\nfrom flask import Flask, request, abort\nfrom werkzeug.utils import secure_filename\napp = Flask(__name__)\n@app.route("/")\ndef page():\n    ${body}\n`;
  const original = route('return open("/srv/files/" + request.args["name"]).read()');
  const compare = (candidate: string, before = original) =>
    oracle.compareBehaviour({ original: before, candidate });

  it("is alike where a repair keeps the benign use", async () => {
    const repaired = route('return open("/srv/files/" + secure_filename(request.args["name"])).read()');
    expect((await compare(repaired)).kind).toBe("alike");
  });

  it.each([
    ["refuses everything", "abort(403)"],
    ["answers something else", 'return "nothing"'],
    ["uses a name that is not there", 'return open("/srv/files/" + clean(request.args["name"])).read()'],
  ])("differs where a repair %s", async (_name, body) => {
    expect((await compare(route(body))).kind).toBe("differs");
  });

  it("is not held against what chance decides", async () => {
    const dice = route('return str(random.random()) + request.args["name"]');
    expect((await compare(dice, dice)).kind).toBe("alike");
  });

  const stored = (module: string): string =>
    `import base64, json, pickle\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.route("/", methods=["POST"])\ndef page():\n    return "<p>" + ${module} + "</p>"\n`;
  const pickled = stored('pickle.loads(base64.b64decode(request.form["data"]))["name"]');

  it("is compared by the same data in another form where a repair cannot go on reading the old one", async () => {
    const parsed = stored('json.loads(base64.b64decode(request.form["data"]))["name"]');
    expect(await compare(parsed, pickled)).toMatchObject({ kind: "translated" });
    const wrong = stored('json.loads(base64.b64decode(request.form["data"]))["nosuch"]');
    expect((await compare(wrong, pickled)).kind).toBe("differs");
  });

  it("does without another form where both sides take the same", async () => {
    const loaded = (name: string): string =>
      stored(`yaml.${name}["name"]`).replace("pickle\n", "pickle, yaml\n");
    const safe = loaded('safe_load(request.form["data"])');
    expect((await compare(safe, loaded('load(request.form["data"], Loader=yaml.Loader)'))).kind).toBe(
      "alike",
    );
  });

  it("has the sanitizer that repairs of tag filters import", async () => {
    const filtered = (clean: string): string =>
      `import re, nh3\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.route("/")\ndef page():\n    return ${clean}\n`;
    const before = filtered('re.sub("<script>.*</script>", "", request.args["text"])');
    expect((await compare(filtered('nh3.clean(request.args["text"])'), before)).kind).toBe("alike");
  });

  const computed = (body: string): string =>
    `import ast, logging\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.route("/")\ndef page():\n    try:\n        ${body}\n    except Exception as error:\n        return `;

  it("looks at the work that a program does, and not at what it says of errors", async () => {
    const before = `${computed('return str(eval(request.args["text"]))')}str(error)\n`;
    const general = `${computed('return str(eval(request.args["text"]))')}"an error"\n`;
    expect((await compare(general, before)).kind).toBe("alike");
    const broken = `${computed('return str(nosuchname(request.args["text"]))')}str(error)\n`;
    expect((await compare(broken, before)).kind).toBe("differs");
  });

  it("takes environment variables that a repair reads for set", async () => {
    const connected = (password: string): string =>
      `import os, paramiko\nfrom flask import Flask, request\napp = Flask(__name__)\nclient = paramiko.SSHClient()\nclient.connect("127.0.0.1", password=${password})\n@app.route("/")\ndef page():\n    return "ran " + request.args["name"]\n`;
    expect((await compare(connected('os.environ["APP_PASSWORD"]'), connected('"s3cret"'))).kind).toBe(
      "alike",
    );
  });

  it("is not compared where the original does not work", async () => {
    const broken = route("return nosuchname");
    expect((await compare(original, broken)).kind).toBe("not-run");
  });
});
