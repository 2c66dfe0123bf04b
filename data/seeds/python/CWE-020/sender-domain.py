import email
import mailbox
import re

BILLING = re.compile(r"@(mail|post).billing-hub.com$")
NEWS = re.compile(r"@[\w-]+\.newsroom.letters.org$")


def folder_for(sender):
    if BILLING.search(sender):
        return "bills"
    if NEWS.search(sender):
        return "news"
    return "inbox"


def sort_mailbox(path):
    folders = {}
    for message in mailbox.mbox(path):
        _, sender = email.utils.parseaddr(message["From"] or "")
        folders.setdefault(folder_for(sender), []).append(message["Subject"])
    return folders
