"""How each web framework opens a handler, reads a request and answers: fastapi, starlette, tornado, aiohttp, http.server, none."""

import ast

from . import text
from .frameworks import Framework
from .text import chance, weighted

# Expressions that can be followed by a method call as they stand.
WHOLE = (ast.Call, ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.JoinedStr)


class FastApi(Framework):
    name = "fastapi"
    wheres = {"query": 5, "form": 3, "json": 4, "path": 3, "header": 1.5, "cookie": 1, "raw": 1.3, "upload": 2}
    async_share = 0.4

    def setup(self):
        p, rng = self.p, self.rng
        if chance(rng, 0.68):
            p.use("fastapi", "FastAPI")
            self.app = weighted(rng, [(9, "app"), (1, "api")])
            title = f"title={p.q(text.noun(rng))}" if chance(rng, 0.15) else ""
            p.app.append(f"{self.app} = FastAPI({title})")
        else:
            p.use("fastapi", "APIRouter")
            self.app = weighted(rng, [(9, "router"), (1, "api")])
            prefix = f"prefix={p.q('/' + text.plural(p.noun))}" if chance(rng, 0.5) else ""
            p.app.append(f"{self.app} = APIRouter({prefix})")
        p.taken.add(self.app)
        self.annotated = chance(rng, 0.3)
        self.wants_request = chance(rng, 0.25)

    def start(self, h):
        h.is_async = chance(self.rng, self.async_share)
        h.model = None
        h.response_class = ""

    def open(self, h):
        p, rng = self.p, self.rng
        route = h.route + "".join("/{" + n + (":path" if kind == "path" else "") + "}" for n, kind in h.path_params)
        params = [f"{n}: str" for n, _ in h.path_params] + h.params
        if chance(rng, 0.14):
            p.use("fastapi", "Depends")
            who = rng.choice(["user", "admin", "session", text.noun(rng), text.noun(rng)])
            guard = f"{rng.choice(['current', 'get', 'require', 'load'])}_{who}"
            p.use(rng.choice([".auth", ".deps", "auth", ".users"]), guard)
            if who not in h.locals:
                params.append(f"{who}=Depends({guard})")
        if chance(rng, 0.1):
            number = h.var(rng.choice(["page", "size", "limit", text.noun(rng)]))
            params.append(f"{number}: int = {rng.choice([0, 1, 10, 50])}")
        deco = f"@{self.app}.{h.method.lower()}({p.q(route)}{h.response_class})"
        if chance(rng, 0.4):
            rng.shuffle(params)
        ordered = [x for x in params if "=" not in x] + [x for x in params if "=" in x]
        start = "async def" if h.is_async else "def"
        line = f"{start} {h.name}({', '.join(ordered)}):"
        if len(line) > 100:
            return [deco, f"{start} {h.name}(", *[f"    {x}," for x in ordered], "):"], 4
        return [deco, line], 4

    def _param(self, h, var, kind, default, hint="str"):
        p, rng = self.p, self.rng
        p.use("fastapi", kind)
        if self.annotated:
            p.use("typing", "Annotated")
            tail = "" if default is None else f" = {p.q(default)}"
            h.params.append(f"{var}: Annotated[{hint}, {kind}()]{tail}")
        else:
            inner = (
                "..."
                if default is None and chance(rng, 0.6)
                else ""
                if default is None
                else (f"default={p.q(default)}" if chance(rng, 0.3) else p.q(default))
            )
            h.params.append(f"{var}: {hint} = {kind}({inner})")

    def read(self, h, var, key, where, default):
        p, rng = self.p, self.rng
        if where == "path":
            h.path_params.append((var, "path" if chance(rng, 0.3) else "str"))
            return []
        if self.wants_request and where in ("query", "header", "cookie", "json", "raw", "form"):
            return self._request(h, var, key, where, default)
        if default is None and chance(rng, 0.4):
            default = rng.choice(["", "", text.noun(rng)])
        if where == "query":
            if chance(rng, 0.2):
                self._param(h, var, "Query", default)
            else:
                h.params.append(f"{var}: str" + (f" = {p.q(default)}" if default is not None else ""))
            return []
        if where in ("form", "header", "cookie"):
            self._param(h, var, where.capitalize(), default)
            return []
        if where == "raw":
            if chance(rng, 0.5):
                self._param(h, var, "Body", None, rng.choice(["str", "bytes"]))
                return []
            return self._request(h, var, key, where, default)
        if where == "json":
            return self._json(h, var, key, default)
        kind = weighted(rng, [(3, "UploadFile"), (1, "bytes")]) if False else "UploadFile"
        p.use("fastapi", kind)
        if chance(rng, 0.5):
            p.use("fastapi", "File")
            h.params.append(f"{var}: {kind} = File(...)")
        else:
            h.params.append(f"{var}: {kind}")
        return []

    def _json(self, h, var, key, default):
        p, rng = self.p, self.rng
        mode = weighted(rng, [(5, "model"), (2, "body"), (2, "dict")])
        if mode == "model" or h.model:
            if not h.model:
                p.use("pydantic", "BaseModel")
                cls = p.fresh(text.camel(h.noun), text.camel(h.noun) + "In", text.camel(h.verb, h.noun))
                obj = h.var(rng.choice([h.noun, "body", "payload", "data", "item", "job"]))
                h.model = (cls, obj, [f"class {cls}(BaseModel):"])
                p.helpers.append(h.model[2])
                h.params.append(f"{obj}: {cls}")
            cls, obj, lines = h.model
            lines.append(f"    {key}: str" + (f" = {p.q(default)}" if default is not None else ""))
            if chance(rng, 0.3):
                lines.append(
                    f"    {text.noun(rng)}: {rng.choice(['int = 0', 'bool = False', 'str', 'float = 1.0', 'str = ' + p.q('')])}"
                )
            if chance(rng, 0.5):
                return [f"{var} = {obj}.{key}"]
            h.alias = (var, f"{obj}.{key}")
            return [("alias", var, f"{obj}.{key}")]
        if mode == "body":
            p.use("fastapi", "Body")
            h.params.append(f"{var}: str = Body({rng.choice(['..., embed=True', 'embed=True', '...'])})")
            return []
        name = h.var(rng.choice(["data", "payload", "body"]))
        if chance(rng, 0.5):
            p.use("fastapi", "Body")
            h.params.append(f"{name}: dict = Body(...)")
        else:
            h.params.append(f"{name}: dict")
        h.json_var = name
        return self.get(h, name, var, key, default)

    def _request(self, h, var, key, where, default):
        p, rng = self.p, self.rng
        p.use("fastapi", "Request")
        if "request: Request" not in h.params:
            h.params.append("request: Request")
        if where == "query":
            return self.get(h, "request.query_params", var, key, default)
        if where == "header":
            return self.get(h, "request.headers", var, self.header_name(key).lower(), default, 0.2)
        if where == "cookie":
            return self.get(h, "request.cookies", var, key, default, 0.2)
        h.is_async = True
        if where == "form":
            name = h.json_var or h.var("form")
            first = [] if h.json_var else [f"{name} = await request.form()"]
            h.json_var = name
            return [*first, *self.get(h, name, var, key, default, 0.5)]
        if where == "json":
            return self.from_json(h, "await request.json()", var, key, default)
        return [f"{var} = {rng.choice(['await request.body()', '(await request.body()).decode()'])}"]

    @property
    def upload_read(self):
        return "await {f}.read()" if self.current.is_async else "{f}.file.read()"

    upload_file = "{f}.file"

    def text(self, h, expr):
        p, rng = self.p, self.rng
        if chance(rng, 0.55):
            p.use("fastapi.responses", "PlainTextResponse")
            return [f"return PlainTextResponse({expr})"]
        if chance(rng, 0.5):
            return [f"return {{{p.q(rng.choice(['output', 'result', 'text', 'content', 'answer']))}: {expr}}}"]
        return [f"return {expr}"]

    def json(self, h, pairs):
        if chance(self.rng, 0.12):
            self.p.use("fastapi.responses", "JSONResponse")
            return [f"return JSONResponse({h.dict(pairs)})"]
        return [f"return {h.dict(pairs)}"]

    def json_list(self, h, expr):
        return [f"return {expr}"]

    def html(self, h, expr):
        self.p.use("fastapi.responses", "HTMLResponse")
        if not h.response_class and chance(self.rng, 0.3):
            h.response_class = ", response_class=HTMLResponse"
        if h.response_class:
            return [f"return {expr}"]
        return [f"return HTMLResponse({rng_content(self.rng)}{expr})"]

    def html_status(self, h, expr, code):
        self.p.use("fastapi.responses", "HTMLResponse")
        return [f"return HTMLResponse({expr}, status_code={code})"]

    def error(self, h, code, message):
        p, rng = self.p, self.rng
        if chance(rng, 0.7):
            p.use("fastapi", "HTTPException")
            return [
                rng.choice(
                    [
                        f"raise HTTPException(status_code={code}, detail={p.q(message)})",
                        f"raise HTTPException({code}, {p.q(message)})",
                        f"raise HTTPException({code}, detail={p.q(message)})",
                        f"raise HTTPException({code})",
                    ]
                )
            ]
        if chance(rng, 0.5):
            p.use("fastapi.responses", "PlainTextResponse")
            return [f"return PlainTextResponse({p.q(message)}, status_code={code})"]
        p.use("fastapi.responses", "JSONResponse")
        return [f"return JSONResponse({{{p.q('error')}: {p.q(message)}}}, status_code={code})"]

    def redirect(self, h, expr):
        self.p.use("fastapi.responses", "RedirectResponse")
        return [f"return RedirectResponse({expr})"]

    def done(self, h):
        p = self.p
        return [
            f"return {{{p.q(self.rng.choice(['ok', 'status', 'saved', 'done']))}: {self.rng.choice(['True', 'True', p.q('ok')])}}}"
        ]

    def file(self, h, expr):
        self.p.use("fastapi.responses", "FileResponse")
        more = self.rng.choice(["", "", f", media_type={self.p.q('application/octet-stream')}"])
        return [f"return FileResponse({expr}{more})"]

    def render(self, h, template, pairs):
        return self.json(h, pairs)


def rng_content(rng):
    return "content=" if chance(rng, 0.15) else ""


class Starlette(FastApi):
    name = "starlette"
    async_share = 1.0
    wheres = {"query": 5, "form": 3, "json": 3, "path": 2, "header": 1, "cookie": 1, "raw": 1}

    def setup(self):
        self.p.use("starlette.requests", "Request")
        self.wants_request = True

    def open(self, h):
        hint = ": Request" if chance(self.rng, 0.7) else ""
        return [f"async def {h.name}(request{hint}):"], 4

    def read(self, h, var, key, where, default):
        if where == "path":
            return [f"{var} = request.path_params[{self.p.q(key)}]"]
        lines = self._request(h, var, key, where, default)
        self.p.froms["fastapi"].discard("Request")
        if not self.p.froms["fastapi"]:
            del self.p.froms["fastapi"]
        return lines

    def _resp(self, cls, args):
        self.p.use("starlette.responses", cls)
        return [f"return {cls}({args})"]

    def text(self, h, expr):
        return self._resp("PlainTextResponse", expr)

    def json(self, h, pairs):
        return self._resp("JSONResponse", h.dict(pairs))

    def json_list(self, h, expr):
        return self._resp("JSONResponse", expr)

    def html(self, h, expr):
        return self._resp("HTMLResponse", expr)

    def html_status(self, h, expr, code):
        return self._resp("HTMLResponse", f"{expr}, status_code={code}")

    def error(self, h, code, message):
        return self._resp("PlainTextResponse", f"{self.p.q(message)}, status_code={code}")

    def redirect(self, h, expr):
        return self._resp("RedirectResponse", expr)

    def done(self, h):
        return self._resp("PlainTextResponse", self.p.q("ok"))

    def file(self, h, expr):
        return self._resp("FileResponse", expr)


class Tornado(Framework):
    name = "tornado"
    wheres = {"query": 4, "form": 4, "json": 3, "path": 2, "header": 1, "cookie": 1, "raw": 1, "upload": 1}

    def setup(self):
        self.long = chance(self.rng, 0.3)
        if self.long:
            self.p.use("tornado.web")
        elif chance(self.rng, 0.6):
            self.p.use("tornado", "web")
        else:
            self.p.use("tornado.web", "RequestHandler")
            self.base = "RequestHandler"
            return
        self.base = "tornado.web.RequestHandler" if self.long else "web.RequestHandler"

    def start(self, h):
        h.is_class = True
        h.is_async = chance(self.rng, 0.25)

    def open(self, h):
        names = [n for n, _ in h.path_params]
        cls = text.camel(self.rng.choice([h.noun, h.name, f"{h.noun}_{h.verb}"])) + self.rng.choice(
            ["Handler", "Handler", "Page", ""]
        )
        start = "async def" if h.is_async else "def"
        return [f"class {cls}({self.base}):", f"    {start} {h.method.lower()}({', '.join(['self', *names])}):"], 8

    def read(self, h, var, key, where, default):
        p, rng = self.p, self.rng
        fallback = "" if default is None and chance(rng, 0.5) else f", {p.q(default or '')}"
        if where == "path":
            h.path_params.append((var, "str"))
            return []
        if where == "query":
            return [f"{var} = self.{rng.choice(['get_query_argument', 'get_argument'])}({p.q(key)}{fallback})"]
        if where == "form":
            return [f"{var} = self.{rng.choice(['get_body_argument', 'get_argument'])}({p.q(key)}{fallback})"]
        if where == "header":
            return self.get(h, "self.request.headers", var, self.header_name(key), default, 0.2)
        if where == "cookie":
            return [f"{var} = self.get_cookie({p.q(key)}{fallback})"]
        if where == "json":
            if chance(rng, 0.5):
                p.use("json")
                return self.from_json(h, "json.loads(self.request.body)", var, key, default)
            p.use("tornado.escape", "json_decode")
            return self.from_json(h, "json_decode(self.request.body)", var, key, default)
        if where == "raw":
            return [f"{var} = self.request.body" + rng.choice(["", ".decode()"])]
        return [f"{var} = self.request.files[{p.q(key)}][0]"]

    upload_read = "{f}.body"
    upload_file = "io.BytesIO({f}.body)"

    def text(self, h, expr):
        first = (
            [f"self.set_header({self.p.q('Content-Type')}, {self.p.q('text/plain')})"]
            if chance(self.rng, 0.25)
            else []
        )
        return [*first, f"self.{self.rng.choice(['write', 'write', 'finish'])}({expr})"]

    def json(self, h, pairs):
        return [f"self.{self.rng.choice(['write', 'write', 'finish'])}({h.dict(pairs)})"]

    def json_list(self, h, expr):
        return [f"self.write({{{self.p.q(text.plural(h.noun))}: {expr}}})"]

    def html(self, h, expr):
        return [f"self.{self.rng.choice(['write', 'write', 'finish'])}({expr})"]

    def html_status(self, h, expr, code):
        return [f"self.set_status({code})", f"self.write({expr})"]

    def error(self, h, code, message):
        p, rng = self.p, self.rng
        base = self.base.rsplit(".", 1)[0] if "." in self.base else None
        mode = rng.random()
        if mode < 0.4:
            if base is None:
                p.use("tornado.web", "HTTPError")
            return [
                f"raise {base + '.' if base else ''}HTTPError({code}{', ' + p.q(message) if chance(rng, 0.3) else ''})"
            ]
        if mode < 0.7:
            return [f"self.send_error({code})", "return"]
        return [f"self.set_status({code})", f"self.finish({p.q(message)})", "return"]

    def redirect(self, h, expr):
        return [f"self.redirect({expr})"]

    def done(self, h):
        return [
            self.rng.choice(
                [f"self.write({self.p.q('ok')})", "self.set_status(204)", f"self.finish({{{self.p.q('ok')}: True}})"]
            )
        ]

    def file(self, h, expr):
        p = self.p
        return [f"with open({expr}, {p.q('rb')}) as f:", "    self.write(f.read())"]

    def render(self, h, template, pairs):
        return [f"self.render({self.p.q(template)}, {', '.join(f'{k}={v}' for k, v in pairs)})"]


class AioHttp(Framework):
    name = "aiohttp"
    wheres = {"query": 4, "form": 4, "json": 3, "path": 2, "header": 1, "cookie": 1, "raw": 1, "upload": 1}

    def setup(self):
        self.p.use("aiohttp", "web")
        self.routes = chance(self.rng, 0.6)
        self.name_ = "routes"
        if self.routes:
            self.p.app.append("routes = web.RouteTableDef()")

    def start(self, h):
        h.is_async = True

    def open(self, h):
        p = self.p
        route = h.route + "".join("/{" + n + "}" for n, _ in h.path_params)
        deco = [f"@routes.{h.method.lower()}({p.q(route)})"] if self.routes else []
        hint = ": web.Request" if p.typed and chance(self.rng, 0.5) else ""
        back = " -> web.Response" if hint and chance(self.rng, 0.5) else ""
        return [*deco, f"async def {h.name}(request{hint}){back}:"], 4

    def read(self, h, var, key, where, default):
        p, rng = self.p, self.rng
        if where == "path":
            h.path_params.append((key, "str"))
            return [f"{var} = request.match_info[{p.q(key)}]"]
        if where == "query":
            return self.get(
                h, rng.choice(["request.query", "request.query", "request.rel_url.query"]), var, key, default
            )
        if where == "header":
            return self.get(h, "request.headers", var, self.header_name(key), default, 0.2)
        if where == "cookie":
            return self.get(h, "request.cookies", var, key, default, 0.2)
        if where == "json":
            return self.from_json(h, "await request.json()", var, key, default)
        if where == "raw":
            return [f"{var} = await request.{rng.choice(['text', 'read'])}()"]
        name = h.json_var or h.var(rng.choice(["form", "data", "post"]))
        first = [] if h.json_var else [f"{name} = await request.post()"]
        h.json_var = name
        return [*first, *self.get(h, name, var, key, None if where == "upload" else default, 0.6)]

    upload_read = "{f}.file.read()"
    upload_file = "{f}.file"

    def text(self, h, expr):
        return [f"return web.Response(text={expr})"]

    def json(self, h, pairs):
        return [f"return web.json_response({h.dict(pairs)})"]

    def json_list(self, h, expr):
        return [f"return web.json_response({expr})"]

    def html(self, h, expr):
        return [f"return web.Response(text={expr}, content_type={self.p.q('text/html')})"]

    def html_status(self, h, expr, code):
        return [f"return web.Response(text={expr}, status={code}, content_type={self.p.q('text/html')})"]

    def error(self, h, code, message):
        p, rng = self.p, self.rng
        names = {400: "HTTPBadRequest", 403: "HTTPForbidden", 404: "HTTPNotFound"}
        if code in names and chance(rng, 0.6):
            return [f"raise web.{names[code]}({'text=' + p.q(message) if chance(rng, 0.5) else ''})"]
        if chance(rng, 0.5):
            return [f"return web.json_response({{{p.q('error')}: {p.q(message)}}}, status={code})"]
        return [f"return web.Response(status={code}, text={p.q(message)})"]

    def redirect(self, h, expr):
        return [f"raise web.HTTPFound({expr})"]

    def done(self, h):
        return [
            self.rng.choice(
                [
                    f"return web.Response(text={self.p.q('ok')})",
                    "return web.Response(status=204)",
                    f"return web.json_response({{{self.p.q('ok')}: True}})",
                ]
            )
        ]

    def file(self, h, expr):
        return [f"return web.FileResponse({expr})"]

    def render(self, h, template, pairs):
        return self.json(h, pairs)


class HttpServer(Framework):
    name = "http.server"
    wheres = {"query": 4, "form": 3, "json": 3, "header": 1, "raw": 2, "path": 1}

    def setup(self):
        self.p.use("http.server", "BaseHTTPRequestHandler")
        self.reply = chance(self.rng, 0.4)

    def start(self, h):
        h.is_class = True
        self.helper = None
        if self.reply:
            self.helper = self.rng.choice(["reply", "answer", "send", "respond", "send_text"])

    def open(self, h):
        p, rng = self.p, self.rng
        cls = text.camel(h.noun) + rng.choice(["Handler", "Handler", "Server", "Api"])
        lines = [f"class {cls}(BaseHTTPRequestHandler):"]
        if self.helper:
            lines += [
                f"    def {self.helper}(self, status, body):",
                "        self.send_response(status)",
                f"        self.send_header({p.q('Content-Type')}, {p.q(rng.choice(['text/plain', 'text/html', 'application/json']))})",
                "        self.end_headers()",
                "        self.wfile.write(body.encode())",
                "",
            ]
        return [*lines, f"    def do_{h.method}(self):"], 8

    def read(self, h, var, key, where, default):
        p, rng = self.p, self.rng
        if where in ("query", "path"):
            if where == "path":
                return [
                    f"{var} = self.path.{rng.choice(['rsplit(' + p.q('/') + ', 1)[-1]', 'split(' + p.q('/') + ')[-1]', 'lstrip(' + p.q('/') + ')'])}"
                ]
            p.use("urllib.parse", "parse_qs", "urlparse")
            if h.json_var:
                return [f"{var} = {h.json_var}.get({p.q(key)}, [{p.q('')}])[0]"]
            h.json_var = h.var(rng.choice(["query", "params", "args", "fields"]))
            return [f"{h.json_var} = parse_qs(urlparse(self.path).query)", self._first(h, var, key)]
        if where == "header":
            return self.get(h, "self.headers", var, self.header_name(key), default, 0.2)
        first = []
        if h.json_var is None:
            size = h.var("length", "size", "count")
            first.append(
                f"{size} = int(self.headers[{p.q('Content-Length')}])"
                if chance(rng, 0.5)
                else f"{size} = int(self.headers.get({p.q('Content-Length')}, 0))"
            )
            if where == "raw":
                return [*first, f"{var} = self.rfile.read({size})" + rng.choice(["", ".decode()"])]
            body = h.var(rng.choice(["body", "raw", "data"]))
            first.append(
                f"{body} = self.rfile.read({size})" + rng.choice(["", ".decode()"])
                if where == "json"
                else f"{body} = self.rfile.read({size}).decode()"
            )
            h.json_var = h.var(rng.choice(["fields", "form", "payload", "params"]))
            if where == "json":
                p.use("json")
                first.append(f"{h.json_var} = json.loads({body})")
            else:
                p.use("urllib.parse", "parse_qs")
                first.append(f"{h.json_var} = parse_qs({body})")
        if where == "json":
            return [*first, *self.get(h, h.json_var, var, key, default)]
        return [*first, self._first(h, var, key)]

    def _first(self, h, var, key):
        p = self.p
        if chance(self.rng, 0.5):
            return f"{var} = {h.json_var}[{p.q(key)}][0]"
        return f"{var} = {h.json_var}.get({p.q(key)}, [{p.q('')}])[0]"

    def _send(self, code, expr, kind):
        p = self.p
        if self.helper:
            return [f"self.{self.helper}({code}, {expr})"]
        whole = isinstance(ast.parse(expr, mode="eval").body, WHOLE)
        body = f"{expr}.encode()" if whole else f"({expr}).encode()"
        told = chance(self.rng, 0.95 if kind == "application/json" else 0.7)
        header = [f"self.send_header({p.q('Content-Type')}, {p.q(kind)})"] if told else []
        return [f"self.send_response({code})", *header, "self.end_headers()", f"self.wfile.write({body})"]

    def text(self, h, expr):
        return self._send(200, expr, "text/plain")

    def json(self, h, pairs):
        self.p.use("json")
        return self._send(200, f"json.dumps({h.dict(pairs)})", "application/json")

    def json_list(self, h, expr):
        self.p.use("json")
        return self._send(200, f"json.dumps({expr})", "application/json")

    def html(self, h, expr):
        return self._send(200, expr, "text/html")

    def html_status(self, h, expr, code):
        return self._send(code, expr, "text/html")

    def error(self, h, code, message):
        if chance(self.rng, 0.6):
            return [
                f"self.send_error({code})"
                if chance(self.rng, 0.6)
                else f"self.send_error({code}, {self.p.q(message)})",
                "return",
            ]
        return [f"self.send_response({code})", "self.end_headers()", "return"]

    def redirect(self, h, expr):
        return ["self.send_response(302)", f"self.send_header({self.p.q('Location')}, {expr})", "self.end_headers()"]

    def done(self, h):
        return ["self.send_response(204)", "self.end_headers()"]

    def file(self, h, expr):
        p = self.p
        return [
            f"with open({expr}, {p.q('rb')}) as f:",
            f"    {h.var('content', 'body')} = f.read()",
            "self.send_response(200)",
            "self.end_headers()",
            "self.wfile.write(content)",
        ]

    def render(self, h, template, pairs):
        return self.json(h, pairs)


class Plain(Framework):
    """A helper function without a framework: the value is a parameter."""

    name = "plain"
    wheres = {"query": 1, "raw": 0.3}

    def start(self, h):
        h.is_class = False

    def open(self, h):
        p, rng = self.p, self.rng
        back = rng.choice([" -> str", " -> dict", ""]) if p.typed else ""
        return [f"def {h.name}({', '.join(h.params)}){'' if chance(rng, 0.7) else back}:"], 4

    def read(self, h, var, key, where, default):
        hint = ": str" if self.p.typed and chance(self.rng, 0.7) else ""
        h.params.append(
            f"{var}{hint}"
            + (f" = {self.p.q(default)}" if default and hint else f"={self.p.q(default)}" if default else "")
        )
        return []

    upload_read = "{f}.read()"
    upload_file = "{f}"

    def text(self, h, expr):
        return [f"return {expr}"]

    def json(self, h, pairs):
        return [f"return {h.dict(pairs)}"]

    def json_list(self, h, expr):
        return [f"return {expr}"]

    html = text

    def html_status(self, h, expr, code):
        return [f"return {expr}"]

    def error(self, h, code, message):
        p, rng = self.p, self.rng
        return [
            rng.choice(
                [
                    f"raise ValueError({p.q(message)})",
                    "return None",
                    f"raise ValueError({p.q(message)})",
                    "return False",
                ]
            )
        ]

    def redirect(self, h, expr):
        return [f"return {expr}"]

    def done(self, h):
        return ["return True"]

    def file(self, h, expr):
        return [f"with open({expr}, {self.p.q('rb')}) as f:", "    return f.read()"]

    def render(self, h, template, pairs):
        return self.json(h, pairs)
