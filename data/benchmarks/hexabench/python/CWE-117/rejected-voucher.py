import logging

from django.http import JsonResponse
from django.utils import timezone

from orders.models import Voucher

logger = logging.getLogger(__name__)


def check_voucher(request):
    code = request.GET.get("code", "")
    voucher = Voucher.objects.filter(code=code, ends__gt=timezone.now()).first()
    if voucher:
        return JsonResponse({"ok": True, "percent": voucher.percent})

    # leave a warning in the log with the code that was tried
