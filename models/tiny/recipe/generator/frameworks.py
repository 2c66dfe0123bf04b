"""How each web framework opens a handler, reads a request and answers: flask, bottle, django."""

from . import text
from .handler import Handler
from .text import chance, weighted


def status_text(rng):
    return weighted(rng, [(6, "text"), (3, "json")])


class Framework:
    """Defaults that several frameworks share."""

    name = "plain"
    wheres: dict = {}
    can_class = 0.0

    def __init__(self, p):
        self.p, self.rng = p, p.rng
        self.setup()

    def setup(self):
        pass

    def start(self, h: Handler):
        h.is_class = chance(self.rng, self.class_share) if hasattr(self, "class_share") else False

    def get(self, h, base, var, key, default, brackets=0.35):
        """`var = base["key"]` and its relatives for one mapping."""
        p, rng = self.p, self.rng
        if default is None and chance(rng, brackets):
            return [f"{var} = {base}[{p.q(key)}]"]
        if default is None:
            default = weighted(rng, [(5, ""), (4, None), (1, text.noun(rng))])
        if default is None:
            return [f"{var} = {base}.get({p.q(key)})"]
        return [f"{var} = {base}.get({p.q(key)}, {p.q(default)})"]

    def from_json(self, h, load, var, key, default):
        """Read the body's JSON once into a variable (or use it in place)."""
        if h.json_var is None:
            if chance(self.rng, 0.15) and "." in load and "await" not in load:
                return self.get(h, load, var, key, default)
            h.json_var = h.var(
                *self.rng.choice(
                    [
                        ("data",),
                        ("payload",),
                        ("body",),
                        ("data",),
                        ("options",),
                        ("params",),
                        ("message",),
                        ("content",),
                    ]
                )
            )
            return [f"{h.json_var} = {load}", *self.get(h, h.json_var, var, key, default)]
        return self.get(h, h.json_var, var, key, default)

    def header_name(self, key):
        if key in ("referer", "origin", "user_agent"):
            return {"referer": "Referer", "origin": "Origin", "user_agent": "User-Agent"}[key]
        return "X-" + "-".join(piece.capitalize() for piece in key.split("_"))


class Flask(Framework):
    name = "flask"
    wheres = {
        "query": 5,
        "form": 4,
        "json": 4,
        "path": 3,
        "header": 1.5,
        "cookie": 1.2,
        "raw": 1.3,
        "upload": 2,
        "values": 0.8,
    }
    class_share = 0.08

    def setup(self):
        p, rng = self.p, self.rng
        p.use("flask", "request")
        kind = weighted(rng, [(7, "app"), (2.2, "bp"), (0.8, "none")])
        name = p.noun
        if kind == "app":
            self.app = weighted(rng, [(9, "app"), (0.5, "application"), (0.5, "api"), (0.4, "server")])
            p.use("flask", "Flask")
            p.app.append(f"{self.app} = Flask(__name__)")
            if chance(rng, 0.1):
                p.app.append(f"{self.app}.secret_key = {p.q(text.noun(rng) + '-' + text.noun(rng))}")
            if chance(rng, 0.08):
                p.tail += [
                    "if __name__ == " + p.q("__main__") + ":",
                    f"    {self.app}.run({rng.choice(['', 'debug=True', 'port=8000', 'debug=False'])})",
                ]
        elif kind == "bp":
            p.use("flask", "Blueprint")
            self.app = rng.choice(["bp", "bp", "blueprint", name, f"{name}_bp", "api", "pages", "routes"])
            prefix = f", url_prefix={p.q('/' + text.plural(name))}" if chance(rng, 0.5) else ""
            p.app.append(f"{self.app} = Blueprint({p.q(name)}, __name__{prefix})")
        else:
            self.app = "app"
            p.use(rng.choice([".app", ".", f"{rng.choice(['server', 'main', 'core'])}.app", "app"]), "app")
        p.taken.add(self.app)
        self.short = chance(rng, 0.5)

    def open(self, h):
        p = self.p
        route = h.route + "".join(f"/<{'path:' if kind == 'path' else ''}{n}>" for n, kind in h.path_params)
        names = [n for n, _ in h.path_params]
        if (
            not names
            and not h.is_class
            and h.where in ("header", "query", "cookie")
            and self.app in ("app", "api")
            and chance(self.rng, 0.1)
        ):
            code = self.rng.choice([404, 404, 403, 500, 405, 410])
            return [
                f"@{self.app}.errorhandler({code})",
                f"def {h.name}({self.rng.choice(['error', 'error', 'e', 'err', 'problem'])}):",
            ], 4
        if h.is_class:
            p.use("flask.views", "MethodView")
            cls = text.camel(h.name)
            return [f"class {cls}(MethodView):", f"    def {h.method.lower()}({', '.join(['self', *names])}):"], 8
        if self.short and not h.route_methods:
            deco = f"@{self.app}.{h.method.lower()}({p.q(route)})"
        elif h.method == "GET" and chance(self.rng, 0.85):
            deco = f"@{self.app}.route({p.q(route)})"
        else:
            methods = ["GET", h.method] if h.route_methods or chance(self.rng, 0.1) else [h.method]
            deco = f"@{self.app}.route({p.q(route)}, methods=[{', '.join(p.q(m) for m in dict.fromkeys(methods))}])"
        types = [f"{n}: str" if p.typed and chance(self.rng, 0.5) else n for n in names]
        extra = (
            [f"@{self.rng.choice(['login_required', 'requires_login', 'admin_required', 'staff_only'])}"]
            if chance(self.rng, 0.05)
            else []
        )
        if extra:
            p.use(self.rng.choice([".auth", "auth", ".security", ".decorators"]), extra[0][1:])
        return [deco, *extra, f"def {h.name}({', '.join(types)}):"], 4

    def read(self, h, var, key, where, default):
        _p, rng = self.p, self.rng
        if where == "path":
            h.path_params.append((var, "path" if chance(rng, 0.25) else "str"))
            return []
        if where == "query":
            return self.get(h, "request.args", var, key, default)
        if where == "form":
            return self.get(h, "request.form", var, key, default, 0.5)
        if where == "values":
            return self.get(h, "request.values", var, key, default)
        if where == "header":
            return self.get(h, "request.headers", var, self.header_name(key), default, 0.2)
        if where == "cookie":
            return self.get(h, "request.cookies", var, key, default, 0.2)
        if where == "json":
            load = weighted(
                rng,
                [
                    (5, "request.get_json()"),
                    (4, "request.json"),
                    (1, "request.get_json(force=True)"),
                    (0.6, "request.get_json(silent=True) or {}"),
                ],
            )
            return self.from_json(h, load, var, key, default)
        if where == "raw":
            return [
                f"{var} = {rng.choice(['request.data', 'request.get_data()', 'request.get_data(as_text=True)', 'request.data.decode()', 'request.stream.read()'])}"
            ]
        return self.get(h, "request.files", var, key, None, 0.75)

    upload_read = "{f}.read()"
    upload_file = "{f}"

    def text(self, h, expr):
        p, rng = self.p, self.rng
        mode = weighted(rng, [(8, 0), (1.2, 1), (0.8, 2), (0.6, 3)])
        if mode == 1:
            p.use("flask", "Response")
            return [f"return Response({expr}, mimetype={p.q('text/plain')})"]
        if mode == 2:
            p.use("flask", "make_response")
            return [f"return make_response({expr})"]
        if mode == 3:
            return [f"return {expr}, {rng.choice([200, 200, 201])}"]
        return [f"return {expr}"]

    def json(self, h, pairs):
        p, rng = self.p, self.rng
        if chance(rng, 0.4):
            return [f"return {h.dict(pairs)}"]
        p.use("flask", "jsonify")
        if chance(rng, 0.5) and all(k.isidentifier() for k, _ in pairs):
            return [f"return jsonify({', '.join(f'{k}={v}' for k, v in pairs)})"]
        return [f"return jsonify({h.dict(pairs)})"]

    def json_list(self, h, expr):
        self.p.use("flask", "jsonify")
        return [f"return jsonify({expr})"]

    def html(self, h, expr):
        p, rng = self.p, self.rng
        mode = weighted(rng, [(8, 0), (1.5, 1), (1, 2), (0.6, 3)])
        if mode == 1:
            p.use("flask", "make_response")
            return [f"return make_response({expr})"]
        if mode == 2:
            p.use("flask", "Response")
            return [f"return Response({expr}, mimetype={p.q('text/html')})"]
        if mode == 3:
            p.use("flask", "make_response")
            r = h.var("response", "resp", "reply")
            return [
                f"{r} = make_response({expr})",
                f"{r}.headers[{p.q('Cache-Control')}] = {p.q('no-store')}",
                f"return {r}",
            ]
        return [f"return {expr}"]

    def html_status(self, h, expr, code):
        if chance(self.rng, 0.4):
            self.p.use("flask", "make_response")
            return [f"return make_response({expr}, {code})"]
        return [f"return {expr}, {code}"]

    def error(self, h, code, message):
        p, rng = self.p, self.rng
        mode = weighted(rng, [(5, 0), (4, 1), (2.5, 2), (1.5, 3)])
        if mode == 0:
            p.use("flask", "abort")
            return [f"abort({code})"] if chance(rng, 0.7) else [f"abort({code}, {p.q(message)})"]
        if mode == 1:
            return [f"return {p.q(message)}, {code}"]
        if mode == 2:
            p.use("flask", "jsonify")
            return [
                f"return jsonify({{{p.q('error')}: {p.q(message)}}}), {code}"
                if chance(rng, 0.5)
                else f"return jsonify(error={p.q(message)}), {code}"
            ]
        return [f"return {{{p.q('error')}: {p.q(message)}}}, {code}"]

    def redirect(self, h, expr):
        self.p.use("flask", "redirect")
        return [f"return redirect({expr})"]

    def done(self, h):
        p, rng = self.p, self.rng
        return weighted(
            rng,
            [
                (4, [f"return {p.q(rng.choice(['ok', 'OK', 'done', 'saved', 'thanks']))}"]),
                (2, [f"return {p.q('')}, 204"]),
                (2, [f"return {{{p.q('status')}: {p.q('ok')}}}"]),
            ],
        )

    def file(self, h, expr):
        self.p.use("flask", "send_file")
        more = self.rng.choice(["", "", "", ", as_attachment=True", f", mimetype={self.p.q('application/pdf')}"])
        return [f"return send_file({expr}{more})"]

    def render(self, h, template, pairs):
        self.p.use("flask", "render_template")
        return [f"return render_template({', '.join([self.p.q(template), *(f'{k}={v}' for k, v in pairs)])})"]

    logger = "{app}.logger"


class Bottle(Flask):
    name = "bottle"
    wheres = {"query": 5, "form": 4, "json": 3, "path": 3, "header": 1, "cookie": 1, "raw": 1, "upload": 2}
    class_share = 0.0

    def setup(self):
        p, rng = self.p, self.rng
        p.use("bottle", "request")
        self.short = chance(rng, 0.6)
        if chance(rng, 0.5):
            p.use("bottle", "Bottle")
            self.app = "app"
            p.app.append("app = Bottle()")
        else:
            self.app = ""
        p.taken.add("app")

    def open(self, h):
        p = self.p
        route = h.route + "".join(f"/<{n}{':path' if kind == 'path' else ''}>" for n, kind in h.path_params)
        names = ", ".join(n for n, _ in h.path_params)
        verb = h.method.lower() if self.short and h.method != "PATCH" else "route"
        more = f", method={p.q(h.method)}" if verb == "route" and h.method != "GET" else ""
        if not self.app:
            p.use("bottle", verb)
            return [f"@{verb}({p.q(route)}{more})", f"def {h.name}({names}):"], 4
        return [f"@{self.app}.{verb}({p.q(route)}{more})", f"def {h.name}({names}):"], 4

    def read(self, h, var, key, where, default):
        rng = self.rng
        if where == "path":
            return super().read(h, var, key, where, default)
        if where in ("query", "form"):
            base = "request.query" if where == "query" else "request.forms"
            if chance(rng, 0.3):
                return [f"{var} = {base}.{key}"]
            return self.get(h, base, var, key, default, 0.2)
        if where == "header":
            return [f"{var} = request.get_header({self.p.q(self.header_name(key))})"]
        if where == "cookie":
            return [f"{var} = request.get_cookie({self.p.q(key)})"]
        if where == "json":
            return self.from_json(h, "request.json", var, key, default)
        if where == "raw":
            return [f"{var} = request.body.read()"]
        return self.get(h, "request.files", var, key, None, 0.4)

    upload_read = "{f}.file.read()"
    upload_file = "{f}.file"

    def text(self, h, expr):
        return [f"return {expr}"]

    def json(self, h, pairs):
        return [f"return {h.dict(pairs)}"]

    def json_list(self, h, expr):
        return [f"return {{{self.p.q('items')}: {expr}}}"]

    def html(self, h, expr):
        return [f"return {expr}"]

    def html_status(self, h, expr, code):
        self.p.use("bottle", "response")
        return [f"response.status = {code}", f"return {expr}"]

    def error(self, h, code, message):
        p, rng = self.p, self.rng
        if chance(rng, 0.6):
            p.use("bottle", "abort")
            return [f"abort({code}, {p.q(message)})"]
        p.use("bottle", "HTTPResponse")
        return [f"return HTTPResponse(status={code}, body={p.q(message)})"]

    def redirect(self, h, expr):
        self.p.use("bottle", "redirect")
        return [f"redirect({expr})"]

    def done(self, h):
        return [f"return {self.p.q(self.rng.choice(['ok', 'done', 'saved']))}"]

    def file(self, h, expr):
        return [f"return open({expr}, {self.p.q('rb')})"]

    def render(self, h, template, pairs):
        self.p.use("bottle", "template")
        return [f"return template({self.p.q(template.split('.')[0])}, {', '.join(f'{k}={v}' for k, v in pairs)})"]


class Django(Framework):
    name = "django"
    wheres = {"query": 4, "form": 4, "json": 4, "path": 3, "header": 1.5, "cookie": 1.2, "raw": 1.5, "upload": 2}
    class_share = 0.5

    def setup(self):
        _p, rng = self.p, self.rng
        self.drf = chance(rng, 0.05)
        self.req = "request"
        self.exempt = chance(rng, 0.12)
        self.guard = rng.choice([None] * 7 + ["login_required", "staff_member_required", "require"])

    def start(self, h):
        super().start(h)
        h.open_noise = []

    def open(self, h):
        p, rng = self.p, self.rng
        names = [f"{n}: str" if p.typed and chance(rng, 0.4) else n for n, _ in h.path_params]
        if h.is_class:
            p.use(rng.choice(["django.views", "django.views", "django.views.generic"]), "View")
            tail = rng.choice(["View", "View", "View", "Page", "Endpoint", "Handler", "Api"])
            cls = text.camel(rng.choice([h.noun, h.name, f"{h.noun}_{h.verb}"])) + tail
            lines = []
            if self.exempt and h.method != "GET":
                p.use("django.utils.decorators", "method_decorator")
                p.use("django.views.decorators.csrf", "csrf_exempt")
                lines.append(f"@method_decorator(csrf_exempt, name={p.q('dispatch')})")
            lines.append(f"class {cls}(View):")
            if chance(rng, 0.35):
                lines += [
                    "    "
                    + rng.choice(
                        [
                            f"http_method_names = [{p.q(h.method.lower())}]",
                            f"template_name = {p.q(h.noun + '.html')}",
                            f"limit = {rng.choice([10, 20, 50, 100])}",
                            f"title = {p.q(text.noun(rng).capitalize())}",
                            f"content_type = {p.q('text/plain')}",
                            f"raise_exception = {rng.choice(['True', 'False'])}",
                        ]
                    ),
                    "",
                ]
            more = ["*args", "**kwargs"] if not names and chance(rng, 0.15) else []
            lines.append(f"    def {h.method.lower()}({', '.join(['self', 'request', *names, *more])}):")
            return lines, 8
        lines = []
        if self.exempt:
            p.use("django.views.decorators.csrf", "csrf_exempt")
            lines.append("@csrf_exempt")
        if self.guard == "require":
            name = {"GET": "require_GET", "POST": "require_POST"}.get(h.method)
            if name:
                p.use("django.views.decorators.http", name)
                lines.append("@" + name)
            else:
                p.use("django.views.decorators.http", "require_http_methods")
                lines.append(f"@require_http_methods([{p.q(h.method)}])")
        elif self.guard == "login_required":
            p.use("django.contrib.auth.decorators", "login_required")
            lines.append("@login_required")
        elif self.guard:
            p.use("django.contrib.admin.views.decorators", "staff_member_required")
            lines.append("@staff_member_required")
        hint = ""
        if p.typed and chance(rng, 0.4):
            p.use("django.http", "HttpRequest", "HttpResponse")
            return [*lines, f"def {h.name}({', '.join(['request: HttpRequest', *names])}) -> HttpResponse:"], 4
        return [*lines, f"def {h.name}({', '.join(['request', *names])}){hint}:"], 4

    def read(self, h, var, key, where, default):
        p, rng = self.p, self.rng
        if where == "path":
            h.path_params.append((var, "str"))
            return []
        if where == "query":
            return self.get(h, "request.GET", var, key, default)
        if where == "form":
            return self.get(h, "request.POST", var, key, default, 0.45)
        if where == "header":
            if chance(rng, 0.4):
                name = self.header_name(key)
                return self.get(h, "request.META", var, "HTTP_" + name.upper().replace("-", "_"), default, 0.1)
            return self.get(h, "request.headers", var, self.header_name(key), default, 0.2)
        if where == "cookie":
            return self.get(h, "request.COOKIES", var, key, default, 0.25)
        if where == "json":
            p.use("json")
            load = weighted(
                rng,
                [
                    (6, "json.loads(request.body)"),
                    (2, "json.loads(request.body.decode())"),
                    (1, f"json.loads(request.body or {p.q('{}')})"),
                ],
            )
            return self.from_json(h, load, var, key, default)
        if where == "raw":
            return [
                f"{var} = {rng.choice(['request.body', 'request.body', 'request.body.decode()', 'request.read()', 'request.body.decode(' + p.q('utf-8') + ')'])}"
            ]
        return self.get(h, "request.FILES", var, key, None, 0.75)

    upload_read = "{f}.read()"
    upload_file = "{f}"

    def text(self, h, expr):
        p, rng = self.p, self.rng
        p.use("django.http", "HttpResponse")
        return [f"return HttpResponse({expr}{rng.choice(['', '', ', content_type=' + p.q('text/plain')])})"]

    def json(self, h, pairs):
        self.p.use("django.http", "JsonResponse")
        return [f"return JsonResponse({h.dict(pairs)})"]

    def json_list(self, h, expr):
        self.p.use("django.http", "JsonResponse")
        if chance(self.rng, 0.6):
            return [f"return JsonResponse({expr}, safe=False)"]
        return [
            f"return JsonResponse({{{self.p.q(self.rng.choice(['items', 'results', text.plural(h.noun)]))}: {expr}}})"
        ]

    def html(self, h, expr):
        self.p.use("django.http", "HttpResponse")
        return [f"return HttpResponse({expr})"]

    def html_status(self, h, expr, code):
        self.p.use("django.http", "HttpResponse")
        return [f"return HttpResponse({expr}, status={code})"]

    def error(self, h, code, message):
        p, rng = self.p, self.rng
        if code == 404 and chance(rng, 0.6):
            p.use("django.http", "Http404")
            return [f"raise Http404({p.q(message)})" if chance(rng, 0.5) else "raise Http404"]
        if code == 400 and chance(rng, 0.55):
            p.use("django.http", "HttpResponseBadRequest")
            return [f"return HttpResponseBadRequest({p.q(message)})"]
        if code == 403 and chance(rng, 0.5):
            p.use("django.http", "HttpResponseForbidden")
            return [f"return HttpResponseForbidden({p.q(message)})"]
        if chance(rng, 0.5):
            p.use("django.http", "JsonResponse")
            return [f"return JsonResponse({{{p.q('error')}: {p.q(message)}}}, status={code})"]
        p.use("django.http", "HttpResponse")
        return [f"return HttpResponse({p.q(message)}, status={code})"]

    def redirect(self, h, expr):
        if chance(self.rng, 0.6):
            self.p.use("django.shortcuts", "redirect")
            return [f"return redirect({expr})"]
        self.p.use("django.http", "HttpResponseRedirect")
        return [f"return HttpResponseRedirect({expr})"]

    def done(self, h):
        p, rng = self.p, self.rng
        if chance(rng, 0.4):
            p.use("django.http", "JsonResponse")
            return [f"return JsonResponse({{{p.q('ok')}: True}})"]
        p.use("django.http", "HttpResponse")
        return [
            rng.choice(
                [
                    f"return HttpResponse({p.q('ok')})",
                    "return HttpResponse(status=204)",
                    f"return HttpResponse({p.q('saved')})",
                ]
            )
        ]

    def file(self, h, expr):
        p = self.p
        p.use("django.http", "FileResponse")
        more = self.rng.choice(["", "", ", as_attachment=True"])
        return [f"return FileResponse(open({expr}, {p.q('rb')}){more})"]

    def render(self, h, template, pairs):
        self.p.use("django.shortcuts", "render")
        return [f"return render(request, {self.p.q(template)}" + (f", {h.dict(pairs)})" if pairs else ")")]
