// How a program turns a request away: in the words of its web framework inside a handler, by a
// ValueError elsewhere. The frameworks are rows of a table.
import type { SyntaxNode } from "../../lang/syntax.ts";
import type { ImportNeed } from "./imports.ts";
import { decoratorsOf, functionOf } from "./nodes.ts";
import { type Program, parametersOf } from "./program.ts";

/** Why a value is turned away. */
export type Refusal = "not-found" | "bad-request";

/** A statement that turns a value away. */
export interface Rejection {
  /** The statement. */
  readonly statement: string;
  /** Imports that it needs. */
  readonly imports: readonly ImportNeed[];
}

interface Framework {
  /** Import that tells that a program uses it. */
  readonly module: string;
  /** The call or exception, by full name, and the statement with its spelled name in place of `@`. */
  readonly refuse: Readonly<Record<Refusal, { readonly name: string; readonly statement: string }>>;
}

const frameworks: readonly Framework[] = [
  abortWith("flask", "flask.abort"),
  abortWith("bottle", "bottle.abort"),
  {
    module: "fastapi",
    refuse: {
      "not-found": {
        name: "fastapi.HTTPException",
        statement: 'raise @(status_code=404, detail="Not found")',
      },
      "bad-request": {
        name: "fastapi.HTTPException",
        statement: 'raise @(status_code=400, detail="Bad request")',
      },
    },
  },
  {
    module: "starlette",
    refuse: {
      "not-found": { name: "starlette.exceptions.HTTPException", statement: "raise @(status_code=404)" },
      "bad-request": { name: "starlette.exceptions.HTTPException", statement: "raise @(status_code=400)" },
    },
  },
  {
    module: "django",
    refuse: {
      "not-found": { name: "django.http.Http404", statement: "raise @()" },
      "bad-request": { name: "django.core.exceptions.BadRequest", statement: 'raise @("Bad request")' },
    },
  },
  {
    module: "tornado",
    refuse: {
      "not-found": { name: "tornado.web.HTTPError", statement: "raise @(404)" },
      "bad-request": { name: "tornado.web.HTTPError", statement: "raise @(400)" },
    },
  },
  {
    module: "aiohttp",
    refuse: {
      "not-found": { name: "aiohttp.web.HTTPNotFound", statement: "raise @()" },
      "bad-request": { name: "aiohttp.web.HTTPBadRequest", statement: "raise @()" },
    },
  },
  {
    module: "sanic",
    refuse: {
      "not-found": { name: "sanic.exceptions.NotFound", statement: 'raise @("Not found")' },
      "bad-request": { name: "sanic.exceptions.InvalidUsage", statement: 'raise @("Bad request")' },
    },
  },
];

function abortWith(module: string, name: string): Framework {
  return {
    module,
    refuse: {
      "not-found": { name, statement: "@(404)" },
      "bad-request": { name, statement: "@(400)" },
    },
  };
}

/** The statement that turns a value away at a place of the program. */
export function rejection(program: Program, at: SyntaxNode, refusal: Refusal, message: string): Rejection {
  const framework = isInHandler(program, at)
    ? frameworks.find(({ module }) => program.imports.has(module))
    : undefined;
  if (framework === undefined) {
    return { statement: `raise ValueError("${message}")`, imports: [] };
  }
  const { name, statement } = framework.refuse[refusal];
  const known = program.imports.spelling(name);
  if (known !== undefined) return { statement: statement.replace("@", known), imports: [] };
  const dot = name.lastIndexOf(".");
  const local = name.slice(dot + 1);
  if (program.mentions(local)) {
    const alias = program.freshName(program.tree.root, `http_${local.toLowerCase()}`);
    return {
      statement: statement.replace("@", alias),
      imports: [{ from: name.slice(0, dot), name: local, alias }],
    };
  }
  return { statement: statement.replace("@", local), imports: [{ from: name.slice(0, dot), name: local }] };
}

const ROUTE = /\.(route|get|post|put|patch|delete|head|options|api_route|websocket|errorhandler)\b/;
const VERB = /^(get|post|put|patch|delete|head|options|dispatch|prepare|async_get)$/;

/** Whether code answers a web request: a route's function, a handler class's method, a view. */
export function isInHandler(program: Program, at: SyntaxNode): boolean {
  for (let definition = functionOf(at); definition !== undefined; definition = functionOf(definition)) {
    if (decoratorsOf(definition).some((decorator) => ROUTE.test(decorator.text))) return true;
    if (
      VERB.test(definition.child("name")?.text ?? "") &&
      definition.ancestor("class_definition") !== undefined
    ) {
      return true;
    }
    const names = parametersOf(definition).map(({ text }) => text);
    if (names.includes("request")) return true;
    if (usesImportedRequest(program, definition)) return true;
  }
  return false;
}

function usesImportedRequest(program: Program, definition: SyntaxNode): boolean {
  const request = program.imports.names.find(
    ({ full }) => full === "flask.request" || full === "bottle.request",
  );
  return request !== undefined && program.usesIn(definition, request.local).length > 0;
}
