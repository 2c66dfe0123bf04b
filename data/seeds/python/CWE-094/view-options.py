from django.http import JsonResponse
from django.urls import path
from django.views.generic import View


class Orders(View):
    columns = ("number", "customer", "total")
    rows = [("A1", "Holm", 20), ("A2", "Berg", 35), ("A3", "Dahl", 10)]

    def options_of(self, request):
        header = request.headers.get("X-Table-Options")
        if not header:
            return {"sort": 0, "reverse": False}
        return eval(header)

    def get(self, request):
        options = self.options_of(request)
        rows = sorted(
            self.rows,
            key=lambda row: row[options["sort"]],
            reverse=options.get("reverse", False),
        )
        return JsonResponse({"columns": self.columns, "rows": rows})


urlpatterns = [path("orders/", Orders.as_view())]
