import subprocess
from datetime import date

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views import View


class DumpTable(View):
    database = "warehouse"
    target = "/srv/exports"

    def command(self, table):
        parts = ["pg_dump", "-t", table, self.database]
        outfile = "%s/%s-%s.sql" % (self.target, table, date.today())
        return " ".join(parts) + " > " + outfile

    def get(self, request):
        table = request.GET["table"]
        code = subprocess.call(self.command(table), shell=True)
        if code != 0:
            return HttpResponse(status=500)
        return JsonResponse({"table": table})


urlpatterns = [path("exports/dump", DumpTable.as_view())]
