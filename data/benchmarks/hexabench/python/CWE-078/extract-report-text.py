import subprocess

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

SHARE = "/mnt/share/reports/"


@csrf_exempt
def report_text(request):
    """POST report=<file name>: the text of the report, as text/plain."""
    report = request.POST.get("report")
    if report is None:
        return HttpResponse("report?", status=400)

    # use pdftotext, which writes to stdout when the second file is "-"
