import json
from datetime import date

from django.contrib.admin.views.decorators import staff_member_required
from django.http import JsonResponse


@staff_member_required
def dump_tenant(request):
    options = json.loads(request.body.decode())
    tenant = options["tenant"]
    dump_file = f"/var/dumps/{date.today():%Y%m%d}.sql"
    # pg_dump the tenant's database into dump_file
